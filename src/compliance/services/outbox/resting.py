"""Quiet hours and weekends of reminders that were queued in time and are late: they sleep on, and nothing is dropped.

The planner queues nothing at such an hour; but a mail server that did not answer in the evening may do so in the night.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import OrganizationRow, OutboxRow
from compliance.domain.release import Calendar, calendar_of
from compliance.services.mailing import REMINDER

ROUNDS: Final = 100
"""So many times others are looked for behind messages that rest."""


async def awake(session: AsyncSession, due: Any, now: datetime) -> list[OutboxRow]:
    """What `due` finds and may leave at this instant. The rest waits until it may, and is given up so much later."""
    for _ in range(ROUNDS):
        found = (await session.scalars(due)).all()
        calendars = await _calendars(session, found)
        going = [row for row in found if not _rests(row, calendars, now)]
        if going or not session.dirty:
            return going
        await session.flush()
    return []


def _rests(row: OutboxRow, calendars: dict[UUID, Calendar], now: datetime) -> bool:
    if row.kind != REMINDER:
        return False
    until = calendars[row.organization_id].wakes_at(now, str(row.facts["zone"]))
    if until > now and row.next_at != until:
        row.give_up_at += max(until - max(row.next_at, now), timedelta(0))
        row.next_at = until
    return until > now


async def _calendars(session: AsyncSession, rows: Sequence[OutboxRow]) -> dict[UUID, Calendar]:
    own = OrganizationRow
    ids = {row.organization_id for row in rows if row.kind == REMINDER}
    if not ids:
        return {}
    found = await session.execute(select(own.id, own.settings).where(own.id.in_(ids)))
    return {row.id: calendar_of(row.settings or {}) for row in found}
