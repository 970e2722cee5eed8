"""The schema is one for both databases, and every row but the listed global ones belongs to an organization."""

from __future__ import annotations

from compliance.db import revisions, schema
from compliance.db.engine import Database
from compliance.db.records import GLOBAL_TABLES, Record


async def test_migrations_and_records_agree(database: Database) -> None:
    async with database.writer.connect() as connection:
        assert await connection.run_sync(schema.differences) == []


async def test_a_fresh_database_is_at_the_newest_revision(database: Database) -> None:
    async with database.reader.connect() as connection:
        assert await connection.run_sync(revisions.current) == revisions.newest()


def test_organization_leads_every_key_of_every_table_that_is_not_listed_as_global() -> None:
    for name, table in Record.metadata.tables.items():
        if name in GLOBAL_TABLES:
            continue
        assert next(iter(table.primary_key.columns)).name == "organization_id", name
        for key in table.foreign_key_constraints:
            target = key.referred_table.name
            assert target in GLOBAL_TABLES or key.column_keys[0] == "organization_id", f"{name} -> {target}"


def test_the_list_of_global_tables_names_only_tables_that_exist() -> None:
    assert set(Record.metadata.tables) >= GLOBAL_TABLES
