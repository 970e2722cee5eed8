"""A command line for the tests: the real commands on both databases, in this process or in one of their own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.cli import main
from compliance.db.engine import open_database

T = TypeVar("T")
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCD"


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
            database = open_database(self.environment["COMPLIANCE_DATABASE_URL"])
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


@pytest.fixture
def demonstration(compliance: CommandLine) -> CommandLine:
    """Commands with the demonstration clinics loaded."""
    compliance.says("demo")
    return compliance
