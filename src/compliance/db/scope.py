"""Whose rows a session may touch: one organization's, or, said out loud, those of all.

A session without a scope refuses before any SQL. On PostgreSQL each transaction tells the server its scope, and the
policies of every table (`db/policies.py`) hold it to that, also where a query forgot its organization.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, SessionTransaction

_TELL: Final = (
    "SELECT set_config('compliance.organization', %s, true), set_config('compliance.person', %s, true), "
    "set_config('compliance.scope', %s, true)"
)


class Unscoped(RuntimeError):
    """A session was asked before anybody said for whom: a defect, never a request's fault."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One organization (and what is their own of the person who asks), or `everything`."""

    organization_id: UUID | None = None
    person_id: UUID | None = None
    everything: bool = False


SYSTEM: Final = Scope(everything=True)
"""All organizations: for jobs, commands, and whoever is not yet known. Always written where it is used."""


class ScopedSession(Session):
    """A session that refuses to speak to the database before it has a scope."""

    def get_bind(self, *args: Any, **more: Any) -> Engine | Connection:
        """Called before each statement and each transaction."""
        if "scope" not in self.info:
            raise Unscoped("This session has no organization, and nobody said that it needs none.")
        return super().get_bind(*args, **more)


def _tell(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_TELL, _words(session.info["scope"]))


event.listen(ScopedSession, "after_begin", _tell)


def _words(scope: Scope) -> tuple[str, str, str]:
    organization, person = scope.organization_id or "", scope.person_id or ""
    return str(organization), str(person), "system" if scope.everything else ""


async def narrow(session: AsyncSession, scope: Scope) -> None:
    """Another scope from here on, within the same transaction: once it is known who asks, or for whom a link is."""
    if session.info.get("scope") == scope:
        return
    session.sync_session.info["scope"] = scope
    # With SQLite there is nothing to tell, and asking for the connection would begin to write: whoever counts an
    # attempt in a transaction of its own would then wait for this one, which waits for them.
    if session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        await (await session.connection()).exec_driver_sql(_TELL, _words(scope))


@asynccontextmanager
async def reaching(session: AsyncSession, scope: Scope) -> AsyncIterator[None]:
    """Another scope for a while, within the same transaction; an error rolls back anyway."""
    before: Scope = session.info["scope"]
    await narrow(session, scope)
    yield
    await narrow(session, before)


def also_of(session: AsyncSession, person_id: UUID) -> Scope:
    """The session's scope, and what is this person's own in any organization: where else they may go."""
    scope: Scope = session.info["scope"]
    return replace(scope, person_id=person_id)


async def tell(connection: AsyncConnection, scope: Scope) -> None:
    """The same for a bare connection, inside its transaction."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(_TELL, _words(scope))


@dataclass(frozen=True, slots=True)
class Sessions:
    """Makes sessions of one scope; without one, sessions that refuse."""

    maker: async_sessionmaker[AsyncSession]
    scope: Scope | None = None

    def __call__(self) -> AsyncSession:
        """A new session."""
        return self.maker(info={"scope": self.scope} if self.scope else {})

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A new session in a transaction, which commits at the end and rolls back where something raises."""
        async with self() as session, session.begin():
            yield session
