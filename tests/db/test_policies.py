"""No session works before somebody said for whom, and PostgreSQL holds each to what was said."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic import command
from sqlalchemy import event, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from compliance.cli.roles import must_be_held, unheld
from compliance.cli.saying import Said
from compliance.crypto.ids import new_id
from compliance.db import policies, schema
from compliance.db.engine import Database, open_database, parse_url
from compliance.db.records import ClinicRow, Record, TherapistRow, TrailEntryRow
from compliance.db.scope import SYSTEM, Scope, Unscoped, narrow, reaching
from compliance.settings import read_settings
from tests import builders as build
from tests.conftest import as_role

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCD"


async def two(database: Database) -> list[UUID]:
    """Two organizations with somebody in each."""
    made = []
    for name in ("Harbor", "Somebody Else"):
        async with database.write.begin() as session:
            act = await build.organization(session, name)
            await build.therapist(session, act)
            made.append(act.organization_id)
    return made


async def seen(database: Database) -> set[UUID]:
    async with database.read() as session:
        return set(await session.scalars(select(TherapistRow.organization_id)))


async def test_a_session_that_nobody_gave_an_organization_refuses_before_any_sql(database: Database) -> None:
    said: list[str] = []
    for engine in (database.reader, database.writer):
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: said.append(args[2]))
        event.listen(engine.sync_engine, "begin", lambda *_: said.append("BEGIN"))
    bare = database.within(None)
    for maker in (bare.read, bare.write):
        async with maker() as session:
            with pytest.raises(Unscoped):
                await session.execute(select(TherapistRow))
            with pytest.raises(Unscoped):
                await session.execute(text("SELECT 1"))
            with pytest.raises(Unscoped):
                await session.connection()
    assert not said


def test_every_table_with_an_organization_is_guarded_or_open_for_a_reason() -> None:
    with_one = {name for name, table in Record.metadata.tables.items() if "organization_id" in table.columns}
    assert set(policies.guarded()) | set(policies.OPEN) == with_one
    assert set(policies.ALSO) | set(policies.ACROSS) | policies.APPENDED <= set(policies.guarded())
    assert all(policies.OPEN.values())
    assert all(policies.ACROSS.values())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_every_table_with_an_organization_has_its_policy(database: Database) -> None:
    """Made by migrations: a revision that adds such a table has to add this, too."""
    held = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'"
    async with database.read() as session:
        assert set(await session.scalars(text(held))) == set(policies.guarded())
        found = (await session.execute(text("SELECT tablename, policyname, permissive, qual FROM pg_policies"))).all()
    own = {each.tablename: each.qual for each in found if each.policyname == "own"}
    assert set(own) == set(policies.guarded())
    for table, qual in own.items():
        assert {each for each in ("compliance.organization", "compliance.scope") if each not in qual} == set(), table
        assert ("compliance.person" in qual) == (table == "memberships"), table
    limited = {
        each.tablename for each in found if (each.policyname, each.permissive) == ("one_at_a_time", "RESTRICTIVE")
    }
    assert limited == set(policies.guarded()) - set(policies.ACROSS)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("role", [policies.APP, policies.WORKER])
async def test_a_query_that_forgot_its_organization_finds_one_all_the_same(database: Database, role: str) -> None:
    mine, theirs = await two(database)
    held = as_role(database, role)
    try:
        assert await seen(held.of(mine)) == {mine}
        assert await seen(held.of(theirs)) == {theirs}
        assert await seen(held.within(Scope())) == set()
        assert await seen(held.system) == ({mine, theirs} if role == policies.WORKER else set())
        async with held.reader.connect() as connection:  # the pool's connection has forgotten whose it was
            assert await connection.scalar(select(func.count()).select_from(TherapistRow)) == 0
    finally:
        await held.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_nothing_is_written_into_another_organization(database: Database) -> None:
    mine, theirs = await two(database)
    held = as_role(database, policies.APP)
    try:
        async with held.of(mine).write() as session:
            session.add(clinic(theirs))
            with pytest.raises(DBAPIError, match="row-level security"):
                await session.flush()
        async with held.of(mine).write.begin() as session:
            changed = await session.execute(text("UPDATE therapists SET phone = '1'"))
            assert changed.rowcount == 1  # type: ignore[attr-defined]  # that of the result of a change
            await session.rollback()
        for statement in ("UPDATE trail_entries SET body = '{}'", "DELETE FROM trail_entries"):
            async with held.of(mine).write() as session:
                with pytest.raises(DBAPIError, match="permission denied"):
                    await session.execute(text(statement))
    finally:
        await held.close()


def clinic(organization_id: UUID) -> ClinicRow:
    return ClinicRow(
        organization_id=organization_id, id=new_id(build.NOW), name="Tampa", folded_name="tampa", jurisdiction="us-fl",
        time_zone="America/New_York", created_at=build.NOW,
    )  # fmt: skip


async def test_a_scope_is_narrowed_and_given_back_within_a_transaction(database: Database) -> None:
    mine, theirs = await two(database)
    held = as_role(database, policies.WORKER)
    everyone = {mine, theirs}
    try:
        async with held.system.read() as session:
            async with reaching(session, Scope(theirs)):
                inside = set(await session.scalars(select(TherapistRow.organization_id)))
            outside = set(await session.scalars(select(TherapistRow.organization_id)))
            await narrow(session, Scope(mine))
            at_last = set(await session.scalars(select(TherapistRow.organization_id)))
        expected = (everyone, everyone, everyone) if database.embedded else ({theirs}, everyone, {mine})
        assert (inside, outside, at_last) == expected
        assert session.info["scope"] == Scope(mine) != SYSTEM
    finally:
        if held.reader is not database.reader:
            await held.close()


async def test_a_simple_installation_has_one_role_and_that_is_held_too(postgresql_server: str) -> None:
    """The owner of the tables, without rights beyond that: migrates, serves, and sees one organization at a time."""
    name = f"simple_{uuid4().hex[:10]}"
    with psycopg.connect(postgresql_server, autocommit=True) as server:
        server.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'simple'")
        server.execute(f"CREATE DATABASE {name} OWNER {name}")
    url = make_url(postgresql_server).set(drivername="postgresql", database=name, username=name, password="simple")
    address = url.render_as_string(hide_password=False)
    schema.upgrade(parse_url(address))
    database = open_database(address)
    try:
        mine, theirs = await two(database.system)
        assert await seen(database.of(mine)) == {mine}
        assert await seen(database.within(Scope())) == set()
        assert await seen(database.system) == {mine, theirs}
        assert await unheld(database) is None
    finally:
        await database.close()
        with psycopg.connect(postgresql_server, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            server.execute(f"DROP ROLE {name}")


async def test_a_superuser_serves_this_machine_alone(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    here = {"COMPLIANCE_SECRET_KEY": KEY, "COMPLIANCE_DATABASE_URL": str(database.url.set(drivername="postgresql"))}
    if database.embedded:
        here["COMPLIANCE_DATABASE_URL"] = "sqlite:///x.db"
    elsewhere = read_settings(here | {"COMPLIANCE_PUBLIC_URL": "https://compliance.example.org"})
    if database.embedded:
        await must_be_held(elsewhere, database)
        return
    await must_be_held(read_settings(here), database)
    assert "pass every policy" in capsys.readouterr().err
    with pytest.raises(Said, match="without SUPERUSER"):
        await must_be_held(elsewhere, database)
    held = as_role(database, policies.APP)
    try:
        await must_be_held(elsewhere, held)
    finally:
        await held.close()


async def test_the_migration_goes_back_and_forth(database: Database) -> None:
    def there_and_back(connection: Any) -> list[int]:
        counts = []
        for go, revision in ((command.downgrade, "2026112230"), (command.upgrade, "head")):
            go(schema._config(connection), revision)
            counts.append(_forced(connection))
        return counts

    async with database.writer.connect() as connection:
        if database.embedded:
            await connection.exec_driver_sql("COMMIT")  # migrations begin their own transaction
        counts = await connection.run_sync(there_and_back)
    assert counts == ([0, 0] if database.embedded else [0, len(policies.guarded())])


def _forced(connection: Any) -> int:
    if connection.dialect.name == "sqlite":
        return 0
    return int(connection.scalar(text("SELECT count(*) FROM pg_class WHERE relforcerowsecurity")))


async def test_the_trail_is_read_by_its_own_organization(database: Database) -> None:
    mine, theirs = await two(database)
    held = as_role(database, policies.APP)
    try:
        async with held.of(mine).read() as session:
            found = set(await session.scalars(select(TrailEntryRow.organization_id)))
        assert mine in found
        assert database.embedded or theirs not in found
    finally:
        if held.reader is not database.reader:
            await held.close()
