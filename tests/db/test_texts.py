"""Lists as one parameter: the same rows as `in_` finds, and found by an index."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import BigInteger, MetaData, Table, Text, cast, not_, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import Column, Index

from compliance.db.bulk import put
from compliance.db.engine import Database
from compliance.db.texts import among, pairs, texts
from compliance.db.types import Folded, Id

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("number", BigInteger),
    Column("name", Folded),
    Index("ix_things_number", "number"),
    Index("ix_things_name", "name"),
)
NAMES = ("anna", "o'hara", 'quote"d', "back\\slash", "{brace,comma}", "[x]", "陳", "Zoë", "", "null")


async def filled(session: AsyncSession) -> None:
    await (await session.connection()).run_sync(THINGS.create)
    rows = [{"id": UUID(int=n), "number": n, "name": name} for n, name in enumerate(NAMES)]
    await put(session, THINGS, rows)


@pytest.mark.parametrize(
    ("column", "given"),
    [
        (THINGS.c.name, NAMES[1:6]),
        (THINGS.c.name, ("陳", "", "nobody")),
        (THINGS.c.number, (0, 3, 99)),
        (THINGS.c.id, (UUID(int=2), UUID(int=8), UUID(int=77))),
        (THINGS.c.name, ()),
        (THINGS.c.id, ()),
    ],
)
async def test_it_finds_what_a_plain_list_finds(database: Database, column: Any, given: Any) -> None:
    async with database.write.begin() as session:
        await filled(session)
        for how in (lambda found: found, lambda found: or_(found, THINGS.c.number == 5), not_):
            plain = select(THINGS.c.number).where(how(column.in_(given))).order_by(THINGS.c.number)
            one = select(THINGS.c.number).where(how(among(column, given))).order_by(THINGS.c.number)
            assert (await session.scalars(one)).all() == (await session.scalars(plain)).all()


async def test_one_statement_serves_any_number_of_them(database: Database) -> None:
    async with database.write.begin() as session:
        connection = await session.connection()
        made = {str(select(THINGS.c.id).where(among(THINGS.c.id, ids)).compile(dialect=connection.dialect))
                for ids in ((), (UUID(int=1),), [UUID(int=n) for n in range(500)])}  # fmt: skip
        assert len(made) == 1


@pytest.mark.parametrize("column", [THINGS.c.number, THINGS.c.name])
async def test_an_index_finds_them(database: Database, column: Any) -> None:
    async with database.write.begin() as session:
        await filled(session)
        if not database.embedded:
            await session.execute(text("SET LOCAL enable_seqscan = off"))
        connection = await session.connection()
        query = select(THINGS.c.id).where(among(column, [1] if column is THINGS.c.number else ["anna"]))
        made = query.compile(dialect=connection.dialect)
        explain = "EXPLAIN QUERY PLAN " if database.embedded else "EXPLAIN "
        values = tuple(made.params.values()) if database.embedded else made.params
        plan = " ".join(str(row) for row in await connection.exec_driver_sql(explain + str(made), values))
        assert f"ix_things_{column.name}" in plan


async def test_pairs_and_texts_come_as_they_were_given(database: Database) -> None:
    async with database.read() as session:
        given = {name: f"value of {name}" for name in NAMES}
        table = pairs(given)
        found = await session.execute(select(cast(table.c.key, Text), cast(table.c.value, Text)))
        assert {row[0]: row[1] for row in found} == given
        assert sorted(await session.scalars(select(texts(NAMES).c.value))) == sorted(NAMES)
