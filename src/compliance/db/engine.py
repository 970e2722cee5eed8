"""Engines: one for readers and one for writers, since SQLite has room for one writer at a time.

SQLite: WAL, full sync, foreign keys on; writers begin with `BEGIN IMMEDIATE`, readers with `BEGIN` and `query_only`:
with the driver's default, read-modify-write transactions lose updates without an error. PostgreSQL: psycopg without
prepared statements (they break behind a transaction pooler), with limits on locks and idle transactions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from compliance.db import one_hop
from compliance.db.scope import SYSTEM, Scope, ScopedSession, Sessions

CHECKOUT = Path(__file__).resolve().parents[3]
PACKAGED = Path(__file__).resolve().parents[1] / "_data"
PAGE = 8192
"""Bytes of a page of a new SQLite file: many rows are written in half the calls that 4096 bytes take."""
CARRIED_OVER = 16 * 1024 * 1024
"""Bytes of new pages that are kept beside the file before they are carried over into it."""
SERVER_LIMITS = "-c idle_in_transaction_session_timeout=30s -c lock_timeout=5s -c statement_timeout=30s"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


JSON: dict[str, Any] = {"json_serializer": _json, "json_deserializer": msgspec.json.decode}
"""The same values as the standard library's, in a third of the time."""


def migrations() -> Path:
    """The folder of migrations: the checkout's, or the copy inside an installed wheel."""
    beside = CHECKOUT / "alembic"
    return beside if (beside / "env.py").exists() else PACKAGED / "alembic"


class WrongUrl(ValueError):
    """A database address that cannot be used; the message never repeats its password."""


@dataclass(frozen=True, slots=True)
class Database:
    """Two engines and what makes their sessions: `async with database.of(id).write.begin() as session`.

    As it is opened, its sessions refuse to work: `of` an organization, or `system` for all of them, says for whom.
    """

    url: URL
    reader: AsyncEngine
    writer: AsyncEngine
    read: Sessions
    write: Sessions

    @property
    def embedded(self) -> bool:
        """Whether it is SQLite, with a single machine and a single writer."""
        return self.url.get_backend_name() == "sqlite"

    def within(self, scope: Scope | None) -> Database:
        """The same database, with sessions of this scope; without one, sessions that refuse."""
        return replace(self, read=replace(self.read, scope=scope), write=replace(self.write, scope=scope))

    def of(self, organization_id: UUID) -> Database:
        """The same database, with sessions for one organization."""
        return self.within(Scope(organization_id))

    @property
    def system(self) -> Database:
        """The same database, with sessions that reach every organization."""
        return self.within(SYSTEM)

    async def close(self) -> None:
        """Closes both pools; a leaked SQLite connection would keep its thread alive."""
        await self.reader.dispose()
        await self.writer.dispose()


def parse_url(text: str) -> URL:
    """`sqlite:///path` or `postgresql://user:password@host:port/name`, with the project's own drivers put in."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise WrongUrl("it is not an address; " + ALLOWED) from None
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database:
        return url.set(drivername="sqlite+aiosqlite")
    if backend in ("postgresql", "postgres") and url.database:
        return url.set(drivername="postgresql+psycopg")
    raise WrongUrl(f"it begins with {url.drivername!r} or names no database; " + ALLOWED)


ALLOWED = "allowed are sqlite:///path/to/file.db and postgresql://user:password@host:port/name"


def open_database(text: str) -> Database:
    """Opens lazily: nothing is connected before the first statement. Raises WrongUrl."""
    url = parse_url(text)
    embedded = url.get_backend_name() == "sqlite"
    make = _sqlite if embedded else _postgresql
    reader, writer = make(url, writes=False), make(url, writes=True)
    return Database(url, reader, writer, Sessions(_maker(reader)), Sessions(_maker(writer)))


def _maker(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, sync_session_class=ScopedSession, expire_on_commit=False)


def _postgresql(url: URL, *, writes: bool) -> AsyncEngine:
    options = SERVER_LIMITS if writes else f"{SERVER_LIMITS} -c default_transaction_read_only=on"
    return create_async_engine(
        url,
        hide_parameters=True,  # an error's text may reach a log; the values of people must not
        **JSON,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"prepare_threshold": None, "connect_timeout": 5, "options": options},
    )


def _sqlite(url: URL, *, writes: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        **JSON,
        connect_args={"async_creator_fn": one_hop.connect},
        pool_size=1 if writes else 5,
        max_overflow=0,
        pool_timeout=60,
        pool_use_lifo=True,  # what one connection has read of the file the next page finds there
    )
    event.listen(engine.sync_engine, "connect", _prepare_writer if writes else _prepare_reader)
    event.listen(engine.sync_engine, "begin", _begin_immediate if writes else _begin_deferred)
    return engine


def _prepare(connection: Any, *pragmas: str) -> None:
    connection.isolation_level = None  # SQLAlchemy's `begin` event speaks BEGIN, not the driver
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=10000",
        "foreign_keys=ON",
        "synchronous=FULL",
        "trusted_schema=OFF",
        "cache_size=-8192",  # KiB a connection; with the default, a quarter of it, lists of 400,000 take twice as long
        *pragmas,
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_writer(connection: Any, _record: Any) -> None:
    # What many transactions change again and again is carried over into the file once for all of them.
    cursor = connection.cursor()
    cursor.execute("PRAGMA page_size")  # of a file that was there before, another than PAGE
    pages = CARRIED_OVER // cursor.fetchone()[0]
    cursor.close()
    _prepare(connection, "journal_mode=WAL", f"wal_autocheckpoint={pages}")


def _prepare_reader(connection: Any, _record: Any) -> None:
    _prepare(connection, "query_only=ON")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql(one_hop.BEGIN_WRITING)


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
