"""Many rows into one table: a statement that is written once, and values that are made ready column by column.

SQLAlchemy makes a dictionary of parameters for every row and asks every value's type again, which took a third of the
time of an import. Here each column's type is asked once for its way into the database (the same way: its own bind
processor), and a value that many rows share, such as the organization's id, goes it once. The driver gets plain tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Date, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.types import Instant

Bind = Callable[[Any], Any]
REMEMBERED = 4096
PLACEHOLDERS = {"sqlite": "?", "postgresql": "%s"}


@dataclass(frozen=True, slots=True)
class _Statement:
    """An insert of certain columns, as a driver takes it, and what makes their values ready."""

    sql: str
    keys: tuple[str, ...]
    binds: tuple[Bind | None, ...]


async def put(session: AsyncSession, table: Table, rows: Sequence[Mapping[str, Any]], **same: Any) -> None:
    """Inserts all rows; every row has the keys of the first, and the columns that are the `same` for all.

    Nothing is filled in: each column without null is given.

    Errors of the driver come as SQLAlchemy's, as from any other statement.
    """
    if not rows:
        return
    connection = await session.connection()
    statement = _statement(table, connection.dialect, (*same, *rows[0]))
    await connection.exec_driver_sql(statement.sql, _ready(statement, rows, same))


@lru_cache(maxsize=256)
def _statement(table: Table, dialect: Dialect, keys: tuple[str, ...]) -> _Statement:
    quote = dialect.identifier_preparer
    columns = [table.c[key] for key in keys]
    names = ", ".join(quote.format_column(each) for each in columns)
    marks = ", ".join([PLACEHOLDERS[dialect.name]] * len(columns))
    sql = f"INSERT INTO {quote.format_table(table)} ({names}) VALUES ({marks})"  # noqa: S608  (names of our own tables)
    return _Statement(sql, keys, tuple(_bind(each, dialect) for each in columns))


def _bind(column: Column[Any], dialect: Dialect) -> Bind | None:
    """What SQLAlchemy does with a value on its way into the column; days and instants recur, so they are remembered."""
    bind: Bind | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    recurs = isinstance(column.type, (Date, Instant))
    return lru_cache(REMEMBERED)(bind) if bind and recurs else bind


def _ready(statement: _Statement, rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    bound: list[Iterable[Any]] = []
    for key, bind in zip(statement.keys, statement.binds, strict=True):
        if key in same:
            bound.append(repeat(bind(same[key]) if bind else same[key], len(rows)))
        else:
            bound.append(_bound(list(map(itemgetter(key), rows)), bind))
    return list(zip(*bound, strict=True))


def _bound(column: Sequence[Any], bind: Bind | None) -> Sequence[Any]:
    """Each value on its way into the database; the same object goes it once."""
    if bind is None:
        return column
    known = dict(zip(map(id, column), column, strict=True))
    done = {key: bind(value) for key, value in known.items()}
    return list(map(done.__getitem__, map(id, column)))
