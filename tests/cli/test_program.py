"""The command line as a whole: it is quick, explains itself, and answers every mistake with a sentence and a status."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.cli import main
from compliance.cli.program import COMMANDS, ONE_LINE
from compliance.services.demonstration.loading import PEOPLE
from tests.cli.conftest import CommandLine, command_line

CHECK = ("check", "--therapist", "x", "--modality", "massage-therapy", "--clinic", "y")
NEED_A_DATABASE = (
    ("serve",),
    ("worker",),
    ("run", "plan-reminders"),
    ("db", "check"),
    ("organization", "add", "Harbor"),
    ("organization", "list"),
    ("clinic", "list"),
    ("user", "add", "a@example.org", "--organization", "x", "--role", "owner"),
    ("export", "roster", "--organization", "x", "--output", "out.csv"),
    CHECK,
    ("report", "audit", "--clinic", "x", "--format", "csv", "--output", "out.csv"),
    ("reminders", "list"),
    ("reminders", "why", "x"),
    ("reminders", "start", "--organization", "x"),
    ("trail", "verify"),
    ("backup", "/tmp/never-written.tar"),
)


def leaves(group: click.Group, *before: str) -> list[tuple[str, ...]]:
    """Every command that does something."""
    context = click.Context(group)
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        found += leaves(command, *before, name) if isinstance(command, click.Group) else [(*before, name)]
    return found


LEAVES = leaves(main)


def test_help_lists_every_command_in_a_line() -> None:
    said = CliRunner().invoke(main, ["--help"]).stdout
    assert list(COMMANDS) == list(ONE_LINE)
    assert all(line in said for line in ONE_LINE.values())
    assert "Exit status: 0" in said


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_command_says_what_it_does_and_shows_how(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, [*words, "--help"])
    assert done.exit_code == 0
    assert f"compliance {' '.join(words)}" in done.stdout.partition("\n")[2] or words[-1] == "list"


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_a_wrong_option_is_answered_with_usage(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, [*words, "--no-such-thing"])
    assert done.exit_code == 2
    assert "No such option" in done.stderr


def test_help_loads_nothing_of_the_program_but_the_command_line() -> None:
    script = (
        "import sys; from compliance.cli import main; from click.testing import CliRunner; "
        "CliRunner().invoke(main, ['--help']); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sqlalchemy", "litestar", "alembic", "structlog", "jinja2", "asyncio"} & set(loaded)


def test_an_unknown_command_is_refused() -> None:
    done = CliRunner().invoke(main, ["frobnicate"])
    assert (done.exit_code, "No such command 'frobnicate'" in done.stderr) == (2, True)


def test_a_misspelled_command_is_told_with_the_one_that_was_meant() -> None:
    done = CliRunner().invoke(main, ["doctr"])
    assert (done.exit_code, "Did you mean 'doctor'?" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("report verfy x.pdf", "'verify'"),
        ("reminders lst", "'list'"),
        ("report audit --clinik Tampa", "'--clinic'"),
        ("reminders list --upcomming 60", "'--upcoming'"),
    ],
)
def test_below_a_command_as_well(typed: str, meant: str) -> None:
    done = CliRunner().invoke(main, typed.split())
    said = done.stderr.rpartition("Did you mean")[2]
    assert (done.exit_code, meant in said) == (2, True)


def test_the_commands_of_the_readme_are_commands_and_name_who_is_in_the_demonstration() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = text.split("## From the command line")[1].split("```")[1].strip().splitlines()
    for program, *words in (shlex.split(line) for line in block):
        assert (program, words[0] in COMMANDS) == ("compliance", True)
    named = {line.split()[-1] for line in block if "user link" in line}
    assert named
    assert named <= {each.email for each in PEOPLE}


@pytest.mark.parametrize("words", NEED_A_DATABASE, ids=lambda words: " ".join(words[:2]))
def test_a_missing_database_is_not_made_but_looked_for_where_it_says(
    nowhere: CommandLine, words: tuple[str, ...]
) -> None:
    said = nowhere.refuses(*words)
    path = nowhere.folder / "home" / "compliance.db"
    assert f"There is no database at {path}" in said
    assert "compliance db upgrade" in said
    assert not path.exists()


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    said = command_line(tmp_path, "mysql://nobody:hush@db/x").refuses("organization", "list")
    assert said.startswith("COMPLIANCE_DATABASE_URL cannot be used")
    assert "hush" not in said


@pytest.mark.parametrize("words", [("organization", "list"), CHECK, ("db", "check"), ("db", "upgrade")], ids=" ".join)
def test_a_database_that_does_not_answer_is_neither_yes_nor_no(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = command_line(tmp_path, "postgresql://nobody:hush@127.0.0.1:1/none").refuses(*words, status=3)
    assert said.startswith("The database could not answer: ")
    assert "hush" not in said
    assert len(said.strip().splitlines()) == 1


def test_a_file_that_is_no_database_is_neither_yes_nor_no(nowhere: CommandLine) -> None:
    (nowhere.folder / "home").mkdir()
    (nowhere.folder / "home" / "compliance.db").write_text("not a database, but long enough to be looked at" * 50)
    assert "file is not a database" in nowhere.refuses("organization", "list", status=3)


def test_another_schema_is_refused_before_anything_is_read(compliance: CommandLine) -> None:
    async def older(session: AsyncSession) -> None:
        await session.execute(text("UPDATE alembic_version SET version_num = '2001010101'"))

    compliance.inside(older)
    said = compliance.refuses("organization", "list")
    assert "at schema 2001010101" in said
    assert "compliance db upgrade" in said
    assert "2001010101" in compliance.says("db", "check", status=1)
    assert "cannot be upgraded" in compliance.refuses("db", "upgrade")


def test_a_defect_is_one_sentence_and_a_traceback_only_for_who_asks(
    compliance: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr("compliance.cli.organizations.with_database", broken)
    said = compliance.refuses("organization", "list", status=3)
    assert said.startswith("This is a defect of the program (RuntimeError: the sky fell)")
    monkeypatch.setenv("COMPLIANCE_DEBUG", "1")
    assert "Traceback" in compliance("organization", "list").stderr


def test_the_database_is_made_by_upgrade_and_may_be_upgraded_again(nowhere: CommandLine) -> None:
    assert "brought to schema" in nowhere.says("db", "upgrade")
    assert "is at schema" in nowhere.says("db", "upgrade")
    assert nowhere.says("db", "check") == "The schema is current.\n"
