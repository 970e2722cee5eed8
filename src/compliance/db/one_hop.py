"""SQLite's driver with one hop to its thread for a statement, where it makes four.

A statement goes to the connection's thread to make a cursor, to execute it, to fetch and to close it, and each way
there and back costs more than most statements do. Here the cursor is made, executed and, where the answer is short,
read to its end in one go; what has been read to its end needs no closing. A writer waits for its turn first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any, Final

from aiosqlite import Connection, Cursor
from aiosqlite.context import contextmanager

from compliance.db.turn import at_the_door

AT_ONCE: Final = 2_000
"""Rows that come with the statement itself; what streams through a cursor comes in pieces after them."""

BEGIN_WRITING: Final = "BEGIN IMMEDIATE"


def connect(database: str, **options: Any) -> Connection:
    """A connection for SQLAlchemy's `async_creator_fn`; not opened before it is awaited."""
    connection = _Connection(lambda: sqlite3.connect(database, **options), AT_ONCE)
    connection.database = database
    connection._thread.daemon = True  # as SQLAlchemy does: a connection that was not closed must not keep the process
    return connection


class _Connection(Connection):
    database = ""

    @contextmanager
    async def cursor(self) -> Cursor:
        return _Cursor(self)


class _Cursor(Cursor):
    """A cursor that exists from its first statement on."""

    _conn: _Connection
    _cursor: sqlite3.Cursor | None  # type: ignore[assignment]  # made by `_run`, in the connection's thread

    def __init__(self, connection: _Connection) -> None:
        super().__init__(connection, None)  # type: ignore[arg-type]  # as above
        self._read: list[Any] = []
        self._more = False

    async def _hop(self, do: Callable[..., Any], *arguments: Any) -> Any:
        return await self._execute(do, *arguments)  # type: ignore[no-untyped-call]

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Cursor:
        await self._hop(self._run, sql, () if parameters is None else parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Cursor:
        await self._hop(self._run_many, sql, parameters)
        return self

    def _run(self, sql: str, parameters: Any) -> None:
        with at_the_door(self._conn.database) if sql == BEGIN_WRITING else nullcontext():
            self._made.execute(sql, parameters)
        self._fetch(AT_ONCE)

    def _run_many(self, sql: str, parameters: Iterable[Any]) -> None:
        self._made.executemany(sql, parameters)

    @property
    def _made(self) -> sqlite3.Cursor:
        if self._cursor is None:
            self._cursor = self._conn._conn.cursor()
        return self._cursor

    def _fetch(self, most: int) -> None:
        self._read = self._made.fetchmany(most)
        self._more = len(self._read) == most

    async def fetchall(self) -> list[Any]:
        rows, self._read = self._read, []
        if self._more:
            rows += await self._hop(self._made.fetchall)
            self._more = False
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        most = size or self.arraysize
        if not self._read and self._more:
            await self._hop(self._fetch, max(most, AT_ONCE))
        rows, self._read = self._read[:most], self._read[most:]
        return rows

    async def fetchone(self) -> Any:
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def close(self) -> None:
        if self._more:
            self._more = False
            await self._hop(self._made.close)
