"""What the tests share: both databases, migrated once a session and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import event
from sqlalchemy.engine import make_url

from compliance.db import policies, schema
from compliance.db.engine import Database, open_database, parse_url
from tests import postgresql
from tests.reuse import Shelf

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # how busy the machine is says nothing about a claim

MAKE_ROLE = """
DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""
"""Roles belong to the whole server, where another run of the tests may have made them, or be making them."""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    schema.upgrade(parse_url(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a running PostgreSQL."""
    with postgresql.server() as address:
        yield address


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a migrated database that tests are copied from."""
    name = f"template_{uuid4().hex[:12]}"
    for role in (policies.APP, policies.WORKER):
        administer(postgresql_server, MAKE_ROLE.format(role=role))
    administer(postgresql_server, f'CREATE DATABASE "{name}"')
    schema.upgrade(parse_url(named(postgresql_server, name)))
    return name


def named(address: str, name: str) -> str:
    """The address of another database on the same server."""
    return make_url(address).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def administer(address: str, statement: str) -> None:
    """One statement outside of any transaction."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "test.db")
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server, template = request.getfixturevalue("postgresql_server"), request.getfixturevalue("postgresql_template")
    with shelf_of(server, template).lend() as url:
        yield url


@cache
def shelf_of(server: str, template: str) -> Shelf:
    """The databases made of this template."""
    return Shelf(server, template, named)


KEPT: dict[tuple[str, str], Database] = {}
"""The engines that tests share, by kind of database and by role: what one test has compiled, the next has not to."""


def kept(url: str, role: str = "") -> Database:
    """The database at this address, as this role of PostgreSQL where one is given."""
    there = parse_url(url)
    kind = (there.drivername, role)
    if kind not in KEPT:
        KEPT[kind] = opened = open_database(url)
        for engine in (opened.reader, opened.writer):
            event.listen(engine.sync_engine, "do_connect", partial(_lead, kind))
            if role:
                event.listen(engine.sync_engine, "connect", partial(_become, role))
    KEPT[kind] = replace(KEPT[kind], url=there)
    return KEPT[kind]


def _lead(kind: tuple[str, str], dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
    """Connects where the test that runs now has its database."""
    there, more = dialect.create_connect_args(KEPT[kind].url)
    arguments[:] = there
    named.update(more)


def _become(role: str, connection: Any, _record: Any) -> None:
    connection.cursor().execute(f"SET ROLE {role}")
    connection.commit()


def as_role(database: Database, role: str) -> Database:
    """The same database as this role of PostgreSQL has it, refusing until told for whom; SQLite has no roles."""
    if database.embedded:
        return database.within(None)
    return kept(database.url.set(drivername="postgresql").render_as_string(hide_password=False), role)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, opened."""
    opened = kept(database_url).system
    yield opened
    await opened.close()
