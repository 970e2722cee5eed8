"""Every table as lines of JSON, and back: the same on SQLite and PostgreSQL, so that a backup moves between them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, LargeBinary, Table, Uuid, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from compliance.db.records import Record
from compliance.db.types import Instant, Words

PASSING: Final = frozenset({"sessions", "sign_in_attempts"})
"""Tables that mean nothing after a restore: whoever was signed in signs in again."""

BATCH: Final = 500


def tables() -> list[Table]:
    """All that are kept, each after those that it points to."""
    return [each for each in Record.metadata.sorted_tables if each.name not in PASSING]


async def lines(connection: AsyncConnection, table: Table) -> AsyncIterator[bytes]:
    """The rows of a table, one JSON object a line, in the order of their keys."""
    query = select(table).order_by(*table.primary_key.columns)
    result = await connection.stream(query.execution_options(yield_per=BATCH))
    async for row in result.mappings():
        plain = {column.name: _plain(row[column.name]) for column in table.columns}
        yield json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


async def put(connection: AsyncConnection, table: Table, found: Iterable[bytes]) -> int:
    """Inserts the rows of these lines; how many. Rows that point to others of their own table do so at the end."""
    own = [column for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]
    pointing = [each for each in own if each.nullable]
    later: list[dict[str, Any]] = []
    count = 0
    batch: list[dict[str, Any]] = []
    for line in found:
        row = _row(table, json.loads(line))
        later.extend(_taken_out(table, row, pointing))
        batch.append(row)
        if len(batch) == BATCH:
            count += await _insert(connection, table, batch)
            batch = []
    count += await _insert(connection, table, batch)
    for each in later:
        await connection.execute(update(table).where(*_same(table, each)).values(each["values"]))
    return count


async def _insert(connection: AsyncConnection, table: Table, batch: Sequence[dict[str, Any]]) -> int:
    if batch:
        await connection.execute(insert(table), list(batch))
    return len(batch)


def _row(table: Table, plain: dict[str, Any]) -> dict[str, Any]:
    unknown = plain.keys() - {column.name for column in table.columns}
    if unknown:
        raise ValueError(f"the table {table.name} has no column {', '.join(sorted(unknown))}")
    return {column.name: _value(column, plain.get(column.name)) for column in table.columns}


def _value(column: Any, value: Any) -> Any:
    if value is None:
        return None
    kinds: list[tuple[type[Any], Any]] = [
        (Uuid, UUID),
        (Instant, datetime.fromisoformat),
        (Date, date.fromisoformat),
        (LargeBinary, base64.b64decode),
        (Words, tuple),
    ]
    return next((make(value) for kind, make in kinds if isinstance(column.type, kind)), value)


def _taken_out(table: Table, row: dict[str, Any], pointing: Sequence[Any]) -> list[dict[str, Any]]:
    """What has to wait until every row of the table is there; the row is left without it."""
    values = {column.name: row[column.name] for column in pointing if column.name not in table.primary_key.columns}
    given = {name: value for name, value in values.items() if value is not None}
    if not given:
        return []
    row.update(dict.fromkeys(given))
    return [{"values": given} | {column.name: row[column.name] for column in table.primary_key.columns}]


def _same(table: Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]


async def filled(connection: AsyncConnection) -> list[str]:
    """The tables that hold anything."""
    found = []
    for table in Record.metadata.sorted_tables:
        if await connection.scalar(select(func.count()).select_from(table)):
            found.append(table.name)
    return found


async def empty(connection: AsyncConnection) -> None:
    """Deletes every row of every table, each before those that it points to."""
    for table in reversed(Record.metadata.sorted_tables):
        await connection.execute(delete(table))
