"""Many rows into one table: a statement that is written once, and values that are made ready column by column.

SQLAlchemy makes a dictionary of parameters for every row and asks every value's type again, which took a third of the
time of an import. Here each column's type is asked once for its way into the database (the same way: its own bind
processor), and a value that many rows share, such as the organization's id, goes it once. SQLite's driver gets plain
tuples, and lays them while the next ones are made ready (one_hop.py). PostgreSQL gets each column as an array, for
without prepared statements it would plan each row's insert anew, and in binary, for there a letter's quotes need no
escaping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import repeat
from typing import Any, cast

from sqlalchemy import JSON, Column, Date, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.one_hop import OneHop
from compliance.db.types import Instant

Bind = Callable[[Sequence[Any]], Iterable[Any]]
"""A column of values made ready for the driver."""
REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class _Statement:
    """An insert of certain columns, its values between what goes before and behind, and what makes these ready."""

    parts: tuple[str, str, str]
    keys: tuple[str, ...]
    binds: tuple[Bind | None, ...]


async def put(
    session: AsyncSession, table: Table, rows: Sequence[Mapping[str, Any]], *, unless_there: bool = False, **same: Any
) -> None:
    """Inserts all rows; every row has the keys of the first, and the columns that are the `same` for all.

    `unless_there`: a row whose key is taken is left out, and nothing is said of it.
    Nothing is filled in: each column without null is given.

    Errors of the driver come as SQLAlchemy's: from here, or in SQLite from the next statement or the commit.
    """
    if not rows:
        return
    connection = await session.connection()
    statement = _statement(table, connection.dialect, (*same, *rows[0]), unless_there)
    columns = _columns(statement, rows, same)
    if connection.dialect.name == "sqlite":
        driver = (await connection.get_raw_connection()).driver_connection
        cast(OneHop, driver).lay(*statement.parts, list(zip(*columns, strict=True)))
    else:
        await connection.exec_driver_sql("".join(statement.parts), tuple(map(list, columns)))


@lru_cache(maxsize=256)
def _statement(table: Table, dialect: Dialect, keys: tuple[str, ...], unless_there: bool) -> _Statement:
    quote = dialect.identifier_preparer
    columns = [table.c[key] for key in keys]
    names = ", ".join(quote.format_column(each) for each in columns)
    # Names of our own tables, columns and types, quoted; no text of anybody's.
    insert = f"INSERT INTO {quote.format_table(table)} ({names})"
    if dialect.name == "sqlite":
        insert, values = f"{insert} VALUES", f"({', '.join('?' * len(columns))})"
    else:
        arrays = ", ".join(f"%b::{_plain_type(each, dialect)}[]" for each in columns)
        values = f" SELECT * FROM unnest({arrays})"  # noqa: S608  # nosec B608
    rest = " ON CONFLICT DO NOTHING" * unless_there
    return _Statement((insert, values, rest), keys, tuple(_bind(each, dialect) for each in columns))


def _plain_type(column: Column[Any], dialect: Dialect) -> str:
    """The type as the database calls it; how it sorts is a matter of the column alone."""
    return column.type.compile(dialect).partition(" COLLATE ")[0]


def _bind(column: Column[Any], dialect: Dialect) -> Bind | None:
    """What SQLAlchemy does with values on their way into a column; days and instants recur, so they are remembered."""
    bind: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if bind is None and dialect.name != "sqlite" and isinstance(column.type, Text):
        bind = _text
    if bind is None:
        return None
    if isinstance(column.type, JSON):
        return partial(_written_once, bind)
    return partial(map, lru_cache(REMEMBERED)(bind) if isinstance(column.type, (Date, Instant)) else bind)


def _written_once(bind: Callable[[Any], Any], column: Sequence[Any]) -> Iterable[Any]:
    """The same object, an empty list say, is written out once for all rows."""
    known = dict(zip(map(id, column), column, strict=True))
    done = {key: bind(value) for key, value in known.items()}
    return map(done.__getitem__, map(id, column))


def _text(value: str | None) -> str | None:
    """An array holds values of one type alone, and a code of an enumeration is a text of another."""
    return None if value is None else str(value)


def _columns(statement: _Statement, rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any]) -> list[Iterable[Any]]:
    """Each column's values, ready for the driver."""
    ready: list[Iterable[Any]] = []
    for key, bind in zip(statement.keys, statement.binds, strict=True):
        if key in same:
            one = [same[key]]
            ready.append(repeat(next(iter(bind(one) if bind else one)), len(rows)))
        else:
            column = [row[key] for row in rows]
            ready.append(bind(column) if bind else column)
    return ready
