"""The revision that puts the values beside an entry into one row converts what is there, and back, losing nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from compliance.db import schema
from compliance.db.engine import Database
from compliance.services.trail import Act, Entry, record_all, verify

ACT = Act(UUID(int=77), "user:dana", datetime(2026, 11, 22, 15, 0, tzinfo=UTC))
BEFORE = "2026112208"


async def _move(database: Database, how: Callable[[Config, str], None], revision: str) -> None:
    def move(connection: Connection) -> None:
        connection.commit()
        how(schema._config(connection), revision)
        connection.commit()

    async with database.writer.connect() as connection:
        await connection.run_sync(move)


async def _rows(database: Database, columns: str) -> list[tuple[Any, ...]]:
    async with database.reader.connect() as connection:
        found = await connection.execute(text(f"SELECT {columns} FROM trail_values ORDER BY {columns}"))
        return [tuple(each) for each in found]


async def test_values_beside_the_trail_are_taken_together_and_apart_again(database: Database) -> None:
    entries = [
        Entry("therapist.changed", f"therapist:{n}", old={"email": "a@x"}, new={"email": f"{n}@x"}, why='"ü"\\')
        for n in range(1_100)
    ]
    async with database.write.begin() as session:
        await record_all(session, act=ACT, entries=entries)
    await _move(database, command.downgrade, BEFORE)
    apart = await _rows(database, "seq, key, value, salt")
    assert len(apart) == 3_300
    assert [each[:3] for each in apart[3:6]] == [(2, "new.email", "1@x"), (2, "old.email", "a@x"), (2, "why", '"ü"\\')]
    await _move(database, command.upgrade, "head")
    assert len(await _rows(database, "seq")) == 1_100
    async with database.read.begin() as session:
        assert await verify(session, organization_id=ACT.organization_id) == (1_100, None)
