"""Runs migrations on a synchronous connection that the caller gives, or on `sqlalchemy.url`.

On SQLite foreign keys are off while tables are rebuilt (inside a transaction the pragma is ignored, and with it on a
rebuild would fail or empty children), and checked before the commit.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from compliance.db.records import Record
from compliance.db.types import Instant, Words


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Versions import nothing from the program: our column types are written as what they are in the database."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Words):
        return "sa.Text()"
    return False


def migrate(connection: Connection) -> None:
    """All migrations in one transaction."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Record.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":  # the owner is held to the policies, too: data of all is moved here
            connection.exec_driver_sql("SELECT set_config('compliance.scope', 'system', true)")
        context.run_migrations()
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration would leave {len(broken)} rows that point nowhere: {broken[:3]}")


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    address = context.config.get_main_option("sqlalchemy.url")
    if not address:
        raise SystemExit("name the database with -x or sqlalchemy.url, or use `compliance db upgrade`")
    engine = create_engine(address, poolclass=pool.NullPool)
    with engine.connect() as connection:
        migrate(connection)
        connection.commit()
