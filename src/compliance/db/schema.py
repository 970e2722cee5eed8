"""Migrations from inside the program: upgrade, and whether tables and records agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, event, pool
from sqlalchemy.engine import URL

from compliance.db import policies
from compliance.db.engine import PAGE, migrations
from compliance.db.records import Record


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    config.attributes["connection"] = connection
    return config


def _plain(url: URL) -> URL:
    """The same database for a synchronous connection."""
    return url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url


def upgrade(url: URL, revision: str = "head") -> tuple[str | None, str | None]:
    """Runs the missing migrations; the revisions before and after. Creates a missing SQLite file and its folder."""
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(_plain(url), poolclass=pool.NullPool)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_file)
    with engine.connect() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        command.upgrade(_config(connection), revision)
        if revision == "head":
            policies.settle(connection)
        connection.commit()
        after = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return before, after


def _prepare_file(raw: Any, _record: Any) -> None:
    """A page's size is chosen while the file is empty; a file that is there keeps its own."""
    raw.execute(f"PRAGMA page_size={PAGE}")
    raw.execute("PRAGMA journal_mode=WAL")


def differences(connection: Connection) -> list[object]:
    """What tables and records disagree on; empty when `alembic check` would pass."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Record.metadata))
