"""The trail's end is locked once in a transaction, and asked anew in the next one."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.services.trail import Act, Entry, record, verify
from compliance.services.trail_end import locked

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
OURS, THEIRS = UUID(int=77), UUID(int=78)


async def write(session: AsyncSession, whose: UUID) -> int:
    return await record(session, act=Act(whose, "user:dana", NOW), entry=Entry("therapist.changed", "therapist:1"))


async def test_it_is_asked_once_however_many_entries_are_written(database: Database) -> None:
    asked: list[str] = []
    event.listen(database.writer.sync_engine, "before_cursor_execute", lambda *said: asked.append(str(said[2])))
    async with database.write.begin() as session:
        assert [await write(session, OURS) for _ in range(3)] == [1, 2, 3]
        asked.clear()
        assert [await write(session, OURS) for _ in range(3)] == [4, 5, 6]
    assert [each for each in asked if each.startswith("SELECT")] == []


async def test_each_organization_has_its_own(database: Database) -> None:
    async with database.write.begin() as session:
        assert [await write(session, each) for each in (OURS, THEIRS, OURS, OURS, THEIRS)] == [1, 1, 2, 3, 2]
    async with database.read() as session:
        assert await verify(session, organization_id=OURS) == (3, None)
        assert await verify(session, organization_id=THEIRS) == (2, None)


async def test_a_session_asks_again_in_its_next_transaction(database: Database) -> None:
    async with database.write() as session:
        await write(session, OURS)
        await session.commit()
        async with database.write.begin() as other:
            await write(other, OURS)
        assert await write(session, OURS) == 3
        await session.rollback()
        end = await locked(session, OURS)
        assert end is not None
        assert end.seq == 2


async def test_there_is_no_end_before_there_is_a_chain(database: Database) -> None:
    async with database.write.begin() as session:
        assert await locked(session, OURS) is None
        assert await write(session, OURS) == 1


async def test_an_entry_that_a_savepoint_gave_back_leaves_no_gap(database: Database) -> None:
    async with database.write.begin() as session:
        assert await write(session, OURS) == 1
        nested = await session.begin_nested()
        assert await write(session, OURS) == 2
        await nested.rollback()
        assert await write(session, OURS) == 2
        async with session.begin_nested():
            assert await write(session, OURS) == 3
        assert await write(session, OURS) == 4
    async with database.read() as session:
        assert await verify(session, organization_id=OURS) == (4, None)
