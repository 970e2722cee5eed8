"""Options and the kinds of values that several commands take."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d")
_US: Final = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})")


class Day(click.ParamType[date]):
    """A calendar day: ISO 8601, or month first with slashes."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; an impossible one is refused, and none is ever guessed."""
        if isinstance(value, date):
            return value
        try:
            return parse_day(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write it like 2027-08-31 or 08/31/2027 (month first).", param, ctx)


class InstantOfTime(click.ParamType[datetime]):
    """An instant: ISO 8601 with an offset."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant, aware."""
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            self.fail(f"{value!r} is no instant; write it with an offset, like 2026-11-23T08:10:00-05:00.", param, ctx)
        return instant


class Period(click.ParamType[tuple[date, date]]):
    """FROM..TO, both days included."""

    name = "from..to"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[date, date]:
        """First and last day."""
        if isinstance(value, tuple):
            return value
        first, _, last = value.partition("..")
        try:
            span = parse_day(first.strip()), parse_day(last.strip())
        except ValueError:
            self.fail(f"{value!r} is no period; write it like 2026-01-01..2026-12-31.", param, ctx)
        if span[1] < span[0]:
            self.fail(f"{value!r} ends before it begins.", param, ctx)
        return span


def parse_day(text: str) -> date:
    """2027-08-31 or 08/31/2027. Raises ValueError for anything else."""
    if _ISO.fullmatch(text):
        return date.fromisoformat(text)
    parts = _US.fullmatch(text)
    if parts is None:
        raise ValueError(text)
    month, day, year = map(int, parts.groups())
    return date(year, month, day)


def organization_option(*, required: bool = False) -> Callable[[F], F]:
    """`--organization ORG`: may be left out where there is only one."""
    says = "Id or exact name." if required else "Id or exact name; needed where there are several."
    return click.option("--organization", "organization", metavar="ORG", required=required, help=says)


def json_option() -> Callable[[F], F]:
    """`--json`: the same for a script."""
    return click.option("--json", "as_json", is_flag=True, help="For scripts.")
