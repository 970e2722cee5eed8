"""Stored copies are made anew in transactions that are short here and now, so that nobody waits long beside them.

On a busy machine the same people take many times as long as on a quiet one: the time is measured, and the next
transaction is made by it. Between two of them others get their turn.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from compliance import clock
from compliance.db.engine import Database
from compliance.services import assessments

TIME: Final = 0.25
"""Seconds that a transaction should hold the database."""
LEAST, FIRST, MOST = 20, 100, assessments.CHUNK
"""People at once."""
GROWTH: Final = 1.25
"""At most, from one to the next: on a busy machine a lull is short."""
TURN: Final = 0.03
"""Seconds left to others: a process that waits for SQLite looks again after a while only."""


@dataclass(slots=True)
class Pace:
    """People for the next transaction."""

    people: int = FIRST

    def took(self, people: int, seconds: float) -> None:
        """So many people held the database for so long."""
        fitting = people * TIME / seconds if seconds > 0 else MOST
        self.people = int(max(LEAST, min(fitting, GROWTH * self.people, MOST)))


async def refresh(database: Database, organization_id: UUID, stopping: asyncio.Event | None = None) -> int:
    """Rewrites all stale copies of an organization, until told to stop; how many."""
    done, pace = 0, Pace()
    while stopping is None or not stopping.is_set():
        async with database.write.begin() as session:
            begun = clock.monotonic()
            asked = pace.people
            rewritten = await assessments.refresh_stale(session, organization_id=organization_id, limit=asked)
        if not rewritten:
            break
        pace.took(rewritten, clock.monotonic() - begun)
        done += rewritten
        await asyncio.sleep(TURN)
    return done
