"""Days as people write them: 3/1/27, Mar 1 2027, 1 March 2027, 2027-03-01. Numbers alone are read month first."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from datetime import date
from typing import Final

_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_AMERICAN: Final = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})")
_MONTH_FIRST: Final = re.compile(r"([a-z]+)\.? ?(\d{1,2})(?:st|nd|rd|th)?,? (\d{2}|\d{4})")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]([a-z]+)\.?,?[ -](\d{2}|\d{4})")
_MONTHS: Final = {
    name.lower(): number for names in (month_name, month_abbr) for number, name in enumerate(names) if name
} | {"sept": 9}
TURN: Final = 70
"""Two figures from here on are of the last century: nobody's card ends in 2071, and somebody was born in '71."""


class Unreadable(ValueError):
    """No day; the message is a sentence that says what is allowed."""


def read_day(text: str) -> date:
    """The day that a text means. Raises Unreadable."""
    numbers = _numbers(" ".join(text.lower().split()))
    if numbers is None:
        raise Unreadable(f"“{text}” cannot be read as a day; give one like Aug 31, 2027 or 8/31/2027.")
    year, month, day = numbers
    try:
        return date(year, month, day)
    except ValueError:
        swapped = "; the month comes first" if 12 < month <= 31 and day <= 12 else ""
        raise Unreadable(f"There is no day “{text}”{swapped}; give one like Aug 31, 2027 or 8/31/2027.") from None


def _numbers(text: str) -> tuple[int, int, int] | None:
    """Year, month and day."""
    if found := _ISO.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _AMERICAN.fullmatch(text):
        return _year(found[3]), int(found[1]), int(found[2])
    if (found := _MONTH_FIRST.fullmatch(text)) and found[1] in _MONTHS:
        return _year(found[3]), _MONTHS[found[1]], int(found[2])
    if (found := _DAY_FIRST.fullmatch(text)) and found[2] in _MONTHS:
        return _year(found[3]), _MONTHS[found[2]], int(found[1])
    return None


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return 1900 + year if year >= TURN else 2000 + year
