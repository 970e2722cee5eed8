"""Rows that are laid into SQLite without waiting: all of them lie there, and one that does not fit is never kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import BigInteger, MetaData, Table, Text, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import Column

from compliance.db.bulk import put
from compliance.db.engine import Database
from compliance.db.one_hop import BLOCKS, VALUES
from compliance.services.trail import Act, Entry, record, verify

THINGS = Table("things", MetaData(), Column("id", BigInteger, primary_key=True), Column("name", Text))
WIDE = Table("wide", MetaData(), *(Column(f"c{each}", BigInteger) for each in range(200)))
COUNTS = [1, 3, BLOCKS[0] - 1, BLOCKS[0], 2 * BLOCKS[0] + BLOCKS[1] + 7]


def things(ids: Sequence[int]) -> list[dict[str, Any]]:
    return [{"id": each, "name": f"thing {each}"} for each in ids]


async def made(session: AsyncSession, *tables: Table) -> None:
    for each in tables:
        await (await session.connection()).run_sync(each.create)


async def kept(database: Database) -> list[int]:
    async with database.read() as session:
        return list(await session.scalars(select(THINGS.c.id).order_by(THINGS.c.id)))


@pytest.mark.parametrize("count", COUNTS)
async def test_all_rows_lie_there_once_whatever_their_number(database: Database, count: int) -> None:
    async with database.write.begin() as session:
        await made(session, THINGS)
        await put(session, THINGS, things(range(count)))
        assert await session.scalar(select(func.count()).select_from(THINGS)) == count
        assert await session.scalar(select(THINGS.c.name).where(THINGS.c.id == count - 1)) == f"thing {count - 1}"


async def test_rows_of_many_columns_never_have_more_values_than_a_statement_may(database: Database) -> None:
    assert len(WIDE.c) * BLOCKS[0] > VALUES
    async with database.write.begin() as session:
        await made(session, WIDE)
        await put(session, WIDE, [{each.name: row for each in WIDE.c} for row in range(300)])
        assert await session.scalar(select(func.sum(WIDE.c.c199))) == sum(range(300))


async def test_rows_that_are_there_are_left_out_when_that_is_asked(database: Database) -> None:
    async with database.write.begin() as session:
        await made(session, THINGS)
        await put(session, THINGS, things(range(5)))
        await put(session, THINGS, things(range(300)), unless_there=True)
        assert await session.scalar(select(func.count()).select_from(THINGS)) == 300


async def lay(database: Database, *several: Sequence[int], said: str | None = None, give_up: bool = False) -> None:
    """One transaction that lays these one after the other."""
    async with database.write.begin() as session:
        for ids in several:
            await put(session, THINGS, things(ids))
        if said:
            await session.execute(text(said))
            pytest.fail("nothing was said of the row that does not fit")
        if give_up:
            raise KeyError


@pytest.fixture
async def there(database: Database) -> Database:
    async with database.write.begin() as session:
        await made(session, THINGS)
    return database


async def test_a_row_that_does_not_fit_is_told_to_the_next_statement(there: Database) -> None:
    with pytest.raises(IntegrityError):
        await lay(there, [1, 2, 1], said="SELECT 1")
    assert await kept(there) == []


async def test_a_row_that_does_not_fit_is_told_to_the_commit_and_nothing_is_kept(there: Database) -> None:
    with pytest.raises(IntegrityError):
        await lay(there, [7], [*range(300), 5], [400])
    assert await kept(there) == []
    await lay(there, [8])  # on the same connection: it has forgotten
    assert await kept(there) == [8]


async def test_a_value_that_no_driver_takes_is_told_too(there: Database) -> None:
    with pytest.raises(Exception, match=r"too large|out of range|overflow"):
        await lay(there, [2**80])
    assert await kept(there) == []


async def test_what_is_given_up_after_a_row_did_not_fit_holds_nobody_up(there: Database) -> None:
    with pytest.raises(KeyError):
        await lay(there, [1, 1] if there.embedded else [1], give_up=True)
    await lay(there, [2])
    assert await kept(there) == [2]


async def test_a_savepoint_gives_back_what_was_laid_since_and_the_rest_is_kept(there: Database) -> None:
    async with there.write.begin() as session:
        await put(session, THINGS, things([1]))
        with pytest.raises(IntegrityError):
            await _doubled(session)
        await put(session, THINGS, things([5]))
    assert await kept(there) == [1, 5]


async def _doubled(session: AsyncSession) -> None:
    async with session.begin_nested():
        await put(session, THINGS, things([2]))
        await put(session, THINGS, things([2]))
        await session.execute(text("SELECT 1"))


async def room_for(database: Database, pages: int | None) -> None:
    """SQLite's file may grow by so many pages and no more, as if the disk were full then; None: there is room again."""
    async with database.writer.connect() as connection:
        count = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        most = 2**30 if pages is None else count + pages
        assert (await connection.exec_driver_sql(f"PRAGMA max_page_count={most}")).scalar_one() == most


async def test_of_a_transaction_that_a_full_disk_ended_nothing_is_kept(embedded: Database) -> None:
    async with embedded.write.begin() as session:
        await made(session, THINGS)
    await room_for(embedded, 3)
    with pytest.raises(DBAPIError, match="full"):
        await full(embedded)
    await room_for(embedded, None)
    assert await kept(embedded) == []


async def full(database: Database) -> None:
    """Four rows of which the second needs more than there is room for."""
    async with database.write.begin() as session:
        await put(session, THINGS, things([1]))
        await put(session, THINGS, [{"id": 2, "name": "x" * 200_000}])
        await put(session, THINGS, things([3]))
        await put(session, THINGS, things([4]))


ACT = Act(UUID(int=77), "user:dana", datetime(2026, 11, 22, tzinfo=UTC))


async def told(database: Database) -> int:
    """One entry of the trail that needs much room."""
    async with database.write.begin() as session:
        entry = Entry("therapist.changed", "therapist:1", new={"status": "long " * 40_000, "notes": "mine"})
        return await record(session, act=ACT, entry=entry)


async def test_an_organization_writes_on_when_there_is_room_again(embedded: Database) -> None:
    await room_for(embedded, 2)
    with pytest.raises(DBAPIError, match="full"):
        await told(embedded)
    await room_for(embedded, None)
    assert await told(embedded) == 1
    async with embedded.read() as session:
        assert await verify(session, organization_id=ACT.organization_id) == (1, None)
