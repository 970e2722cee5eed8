"""Dates on rosters: ISO 8601 or MM/DD/YYYY, month first always. Anything else is a problem, never a guess."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Final

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_US: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_SHORT_YEAR: Final = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_SERIAL: Final = re.compile(r"[1-9]\d{4}")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
FIRST_YEAR, LAST_YEAR = 1900, 2100
REMEDY: Final = "Write YYYY-MM-DD or MM/DD/YYYY, month first."


class NoDate(ValueError):
    """The text is no date that is taken here; the message is a sentence with the remedy."""


def parse_date(text: str) -> date:
    """The date. Raises NoDate."""
    found = _ISO.fullmatch(text)
    if found:
        year, month, day = (int(each) for each in found.groups())
    else:
        found = _US.fullmatch(text)
        if not found:
            raise NoDate(_no_date(text))
        month, day, year = (int(each) for each in found.groups())
    problem = _impossible(text, year, month, day)
    if problem:
        raise NoDate(problem)
    return date(year, month, day)


def _impossible(text: str, year: int, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        read = "read month first, it has" if "/" in text else "it has"
        return f"“{text}” is no date: {read} the month {month}. {_meant(year, day, month)}{REMEDY}"
    if not FIRST_YEAR <= year <= LAST_YEAR:
        allowed = f"allowed are {FIRST_YEAR} to {LAST_YEAR}"
        return f"“{text}” has the year {year}; {allowed}. Leave the cell blank if it never ends."
    if not 1 <= day <= monthrange(year, month)[1]:
        return f"“{text}” is no day: {_MONTHS[month - 1]} {year} has {monthrange(year, month)[1]} days. {REMEDY}"
    return ""


def _meant(year: int, month: int, day: int) -> str:
    """The day that would be meant if the day came first, where that is one."""
    if not (1 <= month <= 12 and FIRST_YEAR <= year <= LAST_YEAR and 1 <= day <= monthrange(year, month)[1]):
        return ""
    return f"If {_MONTHS[month - 1]} {day}, {year} is meant, write {year:04}-{month:02}-{day:02}. "


def _no_date(text: str) -> str:
    if _SHORT_YEAR.fullmatch(text):
        return f"“{text}” has a year of two digits. Write the year with four digits: YYYY-MM-DD or MM/DD/YYYY."
    if _SERIAL.fullmatch(text):
        return f"“{text}” is a number, perhaps a spreadsheet's day. Format the column as dates, or write YYYY-MM-DD."
    shown = text if len(text) <= 40 else text[:40] + "…"
    return f"“{shown}” is not a date. {REMEDY} Leave the cell blank if it is not known."
