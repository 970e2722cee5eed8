"""Rows that are put in bulk lie in the database exactly as SQLAlchemy's own insert would have laid them there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import BigInteger, Boolean, Date, LargeBinary, MetaData, Table, Text, Uuid, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import Column

from compliance.db.bulk import put
from compliance.db.engine import Database
from compliance.db.records import TrailHeadRow
from compliance.db.types import Folded, Instant, Json, Words
from compliance.domain.credentials import StandingCode

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("key", Text),  # a word that SQL has taken
    Column("folded", Folded),
    Column("count", BigInteger),
    Column("day", Date),
    Column("at", Instant),
    Column("words", Words),
    Column("held", Json),
    Column("salt", LargeBinary),
    Column("yes", Boolean),
)
NOW = datetime(2026, 11, 22, 15, 0, 0, 250, tzinfo=timezone(timedelta(hours=-5)))
SAME: dict[str, Any] = {
    "key": "a ? and a %s", "folded": "x", "count": 7, "day": date.max, "at": NOW, "words": ("one", "two"),
    "held": {"ü": [1, None, "x"]}, "salt": b"\0\xff", "yes": True,
}  # fmt: skip


def rows(first: int) -> list[dict[str, Any]]:
    filled = [SAME | {"id": UUID(int=first + number)} for number in range(3)]
    other = {**SAME, "id": UUID(int=first + 3), "day": date(2024, 2, 29), "held": [], "words": (), "yes": False}
    other |= {"key": StandingCode.ACTIVE, "folded": '{"a,b"}\\', "count": 2**40}
    return [*filled, other, dict.fromkeys(SAME) | {"id": UUID(int=first + 4)}]


async def test_values_of_every_type_lie_as_the_plain_insert_lays_them(database: Database) -> None:
    async with database.write.begin() as session:
        await (await session.connection()).run_sync(THINGS.create)
        await put(session, THINGS, rows(0))
        await session.execute(insert(THINGS), rows(10))
        found = [tuple(each) for each in await session.execute(select(THINGS).order_by(THINGS.c.id))]
        raw = await (await session.connection()).exec_driver_sql("SELECT * FROM things ORDER BY id")
        laid = [tuple(each) for each in raw]
    assert len(found) == 10
    assert [each[1:] for each in found[:5]] == [each[1:] for each in found[5:]]
    assert [each[1:] for each in laid[:5]] == [each[1:] for each in laid[5:]]
    assert found[0][5] == NOW.astimezone(UTC)


async def test_columns_that_are_the_same_for_all_rows_are_given_once(database: Database) -> None:
    async with database.write.begin() as session:
        await (await session.connection()).run_sync(THINGS.create)
        await put(session, THINGS, [{"id": UUID(int=n)} for n in range(3)], at=NOW, words=("one",), salt=None)
        found = (await session.execute(select(THINGS.c.at, THINGS.c.words, THINGS.c.salt))).all()
    assert found == [(NOW.astimezone(UTC), ("one",), None)] * 3


async def test_no_rows_are_no_statement(database: Database) -> None:
    async with database.write.begin() as session:
        await put(session, THINGS, [])  # there is no such table


async def test_a_double_is_the_error_that_every_statement_raises(database: Database) -> None:
    head = {"organization_id": UUID(int=7), "seq": 0, "hash": bytes(32), "at": NOW}
    with pytest.raises(IntegrityError):
        async with database.write.begin() as session:
            await put(session, TrailHeadRow.__table__, [head, head])  # type: ignore[arg-type]  # it is a table


async def test_a_row_without_a_key_of_the_first_is_refused(database: Database) -> None:
    async with database.write.begin() as session:
        await (await session.connection()).run_sync(THINGS.create)
        short = {key: value for key, value in rows(0)[0].items() if key != "day"}
        with pytest.raises(KeyError):
            await put(session, THINGS, [rows(1)[0], short])
