"""What a command needs to run: the settings, the opened database, who acts, and the same checks before each."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from uuid import UUID

from compliance.cli.saying import Said

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from compliance.db.engine import Database
    from compliance.services.trail import Act
    from compliance.settings import Settings
    from compliance.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Opened:
    """The installation as a command finds it."""

    settings: Settings
    database: Database
    now: datetime

    @property
    def store(self) -> Store:
        """Where evidence and issued files lie."""
        from compliance.store import open_store

        return open_store(self.settings.evidence_url, self.settings.home)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A reader for whom nothing changes while it reads; SQLite's readers are so anyway."""
        async with self.database.read.begin() as session:
            if not self.database.embedded:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    def act(self, organization_id: UUID | None = None, as_if_at: datetime | None = None) -> Act:
        """Who acts: the login on this machine."""
        from compliance.db.records import INSTALLATION
        from compliance.services.trail import Act

        return Act(organization_id or INSTALLATION, f"cli:{login()}", self.now, as_if_at)


def login() -> str:
    """Who is signed in on this machine, as the trail names them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def with_database(work: Callable[[Opened], Awaitable[T]], *, check_schema: bool = True) -> T:
    """Runs a command's work on the database that the environment names, which must be there and be current."""
    from compliance.settings import read_settings
    from compliance.web.logging import configure_logging

    settings = read_settings()
    configure_logging(settings.log_format)
    must_exist(settings)
    return asyncio.run(_run(settings, work, check_schema))


async def _run(settings: Settings, work: Callable[[Opened], Awaitable[T]], check_schema: bool) -> T:
    from compliance import clock
    from compliance.db.engine import open_database

    database = open_database(settings.database_url).system  # whoever has the address has all of it
    try:
        if check_schema:
            await must_be_current(database)
        return await work(Opened(settings, database, clock.now()))
    finally:
        await database.close()


def must_exist(settings: Settings) -> None:
    """Refuses where the embedded database is not there: only `db upgrade`, `demo` and `make run` make one."""
    path = embedded_file(settings)
    if path is not None and not path.exists():
        raise Said(
            f"There is no database at {path}. Run `compliance db upgrade` to make it, or say where it is "
            "with COMPLIANCE_DATABASE_URL or COMPLIANCE_HOME."
        )


def embedded_file(settings: Settings) -> Path | None:
    """The file of the embedded database; None with PostgreSQL."""
    from compliance.db.engine import parse_url

    url = parse_url(settings.database_url)
    return Path(str(url.database)).resolve() if settings.embedded else None


async def must_be_current(database: Database) -> None:
    """Refuses an older or newer schema before anything is read by the wrong names."""
    from compliance.db import revisions

    async with database.read() as session:
        at = await (await session.connection()).run_sync(revisions.current)
    if at != revisions.newest():
        raise Said(schema_sentence(at, revisions.newest()))


def schema_sentence(at: str | None, newest: str | None) -> str:
    """What is wrong with a schema that is not this program's."""
    if at is None:
        return "The database is empty. Run `compliance db upgrade` to make its tables."
    return (
        f"The database is at schema {at}, and this program is written for {newest}. Run `compliance db upgrade`; "
        "if the database is newer, run the newer program."
    )


def read_file(path: Path) -> bytes:
    """The content of a file that a person named."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Said(f"{path} cannot be read: {error.strerror}.") from None


async def write_pieces(path: Path, pieces: AsyncIterator[bytes]) -> None:
    """Writes a result that is too long to hold at once."""
    with _whole(path) as out:
        async for piece in pieces:
            out.write(piece)


def write_file(path: Path, content: bytes) -> None:
    """Writes a result."""
    with _whole(path) as out:
        out.write(content)


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all."""
    scratch = path.with_name(f".{path.name}.part")
    try:
        with scratch.open("wb") as out:
            yield out
        scratch.replace(path)
    except OSError as error:
        raise Said(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        scratch.unlink(missing_ok=True)
