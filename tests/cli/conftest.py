"""A command line for the tests: the real commands on both databases, in this process or in one of their own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.cli import main
from compliance.db import engine
from tests.conftest import kept, shelf_of

T = TypeVar("T")
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCD"


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """`serve` tells its processes by the environment where to listen; run in this process it would tell later tests."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def engines_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that run in this process open the databases of the tests as all tests do."""
    monkeypatch.setattr(engine, "open_database", kept)


@dataclass(frozen=True)
class CommandLine:
    """One installation, and its commands."""

    environment: dict[str, str]
    folder: Path

    def __call__(self, *words: str, **more: Any) -> Result:
        """Runs a command in this process."""
        return CliRunner(env=self.environment).invoke(main, list(words), **more)

    def says(self, *words: str, status: int = 0) -> str:
        """The result of a command that must end with a status."""
        done = self(*words)
        assert done.exit_code == status, f"{done.exit_code}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *words: str, status: int = 0) -> Any:
        """The same for scripts."""
        return json.loads(self.says(*words, "--json", status=status))

    def refuses(self, *words: str, status: int = 2) -> str:
        """The one sentence with which a command refuses, and never a traceback."""
        done = self(*words)
        assert done.exit_code == status, f"{done.exit_code}: {done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stderr

    def process(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        """The command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", "from compliance.cli import main; main(prog_name='compliance')", *words],
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def inside(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Does something to the database behind the program's back."""

        async def run() -> T:
            database = kept(self.environment["COMPLIANCE_DATABASE_URL"]).system
            try:
                async with database.write.begin() as session:
                    return await work(session)
            finally:
                await database.close()

        return asyncio.run(run())


def command_line(folder: Path, database_url: str = "") -> CommandLine:
    """An installation in a folder; without a URL its embedded database lies there too, once it is made."""
    url = database_url or f"sqlite:///{folder / 'home' / 'compliance.db'}"
    names = {"DATABASE_URL": url, "HOME": str(folder / "home"), "SECRET_KEY": KEY, "LOG_FORMAT": "json"}
    return CommandLine({f"COMPLIANCE_{name}": value for name, value in names.items()}, folder)


@pytest.fixture
def compliance(tmp_path: Path, database_url: str) -> CommandLine:
    """Commands on an empty, migrated database of each kind."""
    return command_line(tmp_path, database_url)


@pytest.fixture
def nowhere(tmp_path: Path) -> CommandLine:
    """Commands where no database was made yet."""
    return command_line(tmp_path)


@pytest.fixture(scope="session")
def loaded_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """An embedded database with the demonstration clinics."""
    path = tmp_path_factory.mktemp("loaded") / "loaded.db"
    shutil.copy(sqlite_template, path)
    command_line(path.parent, f"sqlite:///{path}").says("demo")
    return path


@pytest.fixture(scope="session")
def loaded_template(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: str, postgresql_template: str
) -> Iterator[tuple[str, Path]]:
    """The name of a PostgreSQL database with the demonstration clinics, to be copied, and its folder."""
    folder = tmp_path_factory.mktemp("loaded")
    with copied(postgresql_server, postgresql_template) as url:
        command_line(folder, url).says("demo")
        yield str(make_url(url).database), folder


@contextmanager
def copied(server: str, template: str) -> Iterator[str]:
    """A copy of a database, dropped at the end; its address."""
    name = f"cli_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def demonstration(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CommandLine]:
    """Commands with the demonstration clinics loaded."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("loaded_file")
        shutil.copy(file, tmp_path / "test.db")
        copy_evidence(file.parent, tmp_path)
        yield command_line(tmp_path, f"sqlite:///{tmp_path / 'test.db'}")
        return
    template, folder = request.getfixturevalue("loaded_template")
    copy_evidence(folder, tmp_path)
    with shelf_of(request.getfixturevalue("postgresql_server"), template).lend() as url:
        yield command_line(tmp_path, url)


def copy_evidence(loaded: Path, to: Path) -> None:
    """The demonstration's papers, which its records name."""
    shutil.copytree(loaded / "home" / "evidence", to / "home" / "evidence")
