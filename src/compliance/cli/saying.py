"""How commands speak: results to standard output, everything else to standard error, and errors as one sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NoReturn
from uuid import UUID

import click

NO: Final = 1
WRONG: Final = 2
COULD_NOT_TELL: Final = 3


class Said(click.ClickException):
    """One sentence on standard error: wrong usage or configuration."""

    exit_code = WRONG

    def show(self, file: Any = None) -> None:
        """The sentence as it is: scripts show it to people."""
        click.echo(self.message, file=file or sys.stderr)


class CouldNotTell(Said):
    """One sentence on standard error: neither yes nor no."""

    exit_code = COULD_NOT_TELL


def answer_no() -> NoReturn:
    """The command did its work and the answer is no."""
    raise click.exceptions.Exit(NO)


def refused(error: Exception) -> Said:
    """The sentence and the status for an error that no command expected."""
    kind = type(error).__name__
    if _is(error, "WrongSetting", "WrongUrl", "Refused", "CatalogError", "Unreadable"):
        return Said(str(error))
    if _is(error, "SQLAlchemyError", "psycopg.Error"):
        return CouldNotTell(f"The database could not answer: {_first_line(getattr(error, 'orig', None) or error)}.")
    if _is(error, "StoreUnavailable", "EvidenceMissing", "EvidenceDamaged", "RenderFailed"):
        return CouldNotTell(str(error))
    if isinstance(error, OSError):
        return CouldNotTell(f"{_first_line(error)}.")
    return CouldNotTell(
        f"This is a defect of the program ({kind}: {_first_line(error)}). What it was writing was taken back; what it "
        "had finished before stays. With COMPLIANCE_DEBUG=1 the same command says where it happened."
    )


def _is(error: Exception, *names: str) -> bool:
    """Whether it is of one of these kinds, by name: the modules that define them need not be loaded for that."""
    kinds = {name for each in type(error).__mro__ for name in (each.__name__, f"{each.__module__}.{each.__name__}")}
    return not kinds.isdisjoint(names)


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].strip().rstrip(".")


def say(text: str = "") -> None:
    """A line of the result."""
    click.echo(text)


def note(text: str) -> None:
    """A line for the person who watches, which no script reads."""
    click.echo(text, err=True)


def say_json(value: object) -> None:
    """The result for a script."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, (date, datetime, UUID)):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form for scripts")


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows under their headings, as wide as what they hold; nothing at all without rows."""
    cells = [[str(value) for value in row] for row in rows]
    if not cells:
        return
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for line in (columns, *cells):
        say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def day(value: date | None) -> str:
    """`Aug 31, 2027`; an open end reads `does not end`."""
    from compliance.rendering import day as spelled

    return spelled(value or date.max)
