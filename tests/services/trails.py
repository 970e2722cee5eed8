"""Trails of some entries with checkpoints."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from compliance.crypto.checkpoints import Checkpoint, TrailKey
from compliance.db.engine import Database
from compliance.services import checkpoints
from compliance.services.trail import Act, Entry, record_all
from tests.signing import SIGNING

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
MINE, THEIRS = UUID(int=77), UUID(int=78)
KEY = TrailKey(SIGNING.secret)


async def write(database: Database, count: int, chain: UUID = MINE, start: int = 0) -> None:
    entries = [
        Entry("therapist.changed", f"therapist:{start + n}", new={"email": f"{n}@example.org", "state": "Georgia"})
        for n in range(count)
    ]
    async with database.write.begin() as session:
        await record_all(session, act=Act(chain, "user:dana", NOW), entries=entries)


async def sign(database: Database, chain: UUID = MINE, at: datetime = NOW) -> Checkpoint:
    async with database.write.begin() as session:
        made = await checkpoints.next_one(session, organization_id=chain, key=KEY)
        assert isinstance(made, Checkpoint)
        await checkpoints.keep(session, checkpoint=made, at=at)
    return made


async def ten_entries(database: Database) -> Database:
    """Ten entries with checkpoints at 4, 8 and 10, and another chain of as many."""
    for count in (4, 4, 2):
        await write(database, count)
        await sign(database)
    await write(database, 10, THEIRS, start=50)
    return database
