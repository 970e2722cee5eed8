"""SQLite's driver with one hop to its thread for a statement, where it makes four.

A statement goes to the connection's thread to make a cursor, to execute it, to fetch and to close it, and each way
there and back costs more than most statements do. Here the cursor is made, executed and, where the answer is short,
read to its end in one go; what has been read to its end needs no closing. A writer waits for its turn first.

Rows that are only laid into a table are handed to the thread, and nobody waits: while SQLite lays them, outside of
Python's lock, the next ones are made ready. Should one not fit, or the disk be full, nothing more is laid, and every
statement and the commit say so until all is rolled back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain, repeat
from typing import Any, Final

from aiosqlite import Connection, Cursor
from aiosqlite.context import contextmanager

from compliance.db.turn import at_the_door

AT_ONCE: Final = 2_000
"""Rows that come with the statement itself; what streams through a cursor comes in pieces after them."""

BEGIN_WRITING: Final = "BEGIN IMMEDIATE"

BLOCKS: Final = (256, 64, 16, 4, 1)
"""Rows that one statement lays: each statement's end waits for Python's lock, and each size is one more to remember."""
VALUES: Final = 32_000
"""Parameters that a statement of SQLite may have, since its version 3.32."""


def connect(database: str, **options: Any) -> Connection:
    """A connection for SQLAlchemy's `async_creator_fn`; not opened before it is awaited."""
    connection = OneHop(lambda: sqlite3.connect(database, **options), AT_ONCE)
    connection.database = database
    connection._thread.daemon = True  # as SQLAlchemy does: a connection that was not closed must not keep the process
    return connection


class OneHop(Connection):
    """A connection whose statements take one hop each, and which lays rows behind whoever asks for it."""

    database = ""
    _failed: Exception | None = None

    @contextmanager
    async def cursor(self) -> Cursor:
        return _Cursor(self)

    def lay(self, insert: str, row: str, rest: str, rows: Sequence[Sequence[Any]]) -> None:
        """Lays rows in their turn, by `INSERT INTO t (a, b) VALUES`, `(?, ?)` for each, and what follows them."""
        self._tx.put_nowait((None, partial(self._lay, insert, row, rest, rows)))

    def _lay(self, insert: str, row: str, rest: str, rows: Sequence[Sequence[Any]]) -> None:
        if self._failed is not None:  # SQLite may have ended the transaction by itself: these would stay alone
            return
        try:
            for block in _blocks(rows):
                sql = insert + ",".join(repeat(row, len(block))) + rest
                self._conn.execute(sql, tuple(chain.from_iterable(block)))
        except Exception as error:  # of whatever kind: it is told to whoever speaks next
            error.add_note(insert)  # the error that SQLAlchemy makes of it names a later statement
            self._failed = error

    def hear(self) -> None:
        """Raises what went wrong with rows that were laid since the last rollback, in the connection's thread."""
        if self._failed is not None:
            raise self._failed

    def forget(self) -> None:
        """What was laid is rolled back, or about to be."""
        self._failed = None

    async def commit(self) -> None:
        await self._execute(self._commit)  # type: ignore[no-untyped-call]

    def _commit(self) -> None:
        self.hear()
        self._conn.commit()

    async def rollback(self) -> None:
        await self._execute(self._rollback)  # type: ignore[no-untyped-call]

    def _rollback(self) -> None:
        self.forget()
        self._conn.rollback()


def _blocks(rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    """All of the rows, in few sizes."""
    most, done = VALUES // len(rows[0]), 0
    for size in BLOCKS:
        while size <= most and len(rows) - done >= size:
            yield rows[done : done + size]
            done += size


class _Cursor(Cursor):
    """A cursor that exists from its first statement on."""

    _conn: OneHop
    _cursor: sqlite3.Cursor | None  # type: ignore[assignment]  # made by `_run`, in the connection's thread

    def __init__(self, connection: OneHop) -> None:
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
        if sql.startswith("ROLLBACK"):  # to a savepoint
            self._conn.forget()
        self._conn.hear()
        with at_the_door(self._conn.database) if sql == BEGIN_WRITING else nullcontext():
            self._made.execute(sql, parameters)
        self._fetch(AT_ONCE)

    def _run_many(self, sql: str, parameters: Iterable[Any]) -> None:
        self._conn.hear()
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
