"""Calendar arithmetic that the law uses: years, months and month ends.

A day that a month does not have becomes the last day it has, so that February 29 falls on February 28 in common years.
No source was found that says so for any board; who uses it flags it (`is_leap_day`). Years stay within 1 and 9999.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date
from typing import Final

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As people read them, whatever language the machine speaks."""

FULL_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


SHORTEST_MONTH: Final = 28
"""Every month has a day of this number."""


def on(year: int, month: int, day: int) -> date:
    """That day of the month, or the month's last one if it is shorter."""
    if not MINYEAR <= year <= MAXYEAR:
        year = min(max(year, MINYEAR), MAXYEAR)
    return date(year, month, day if day <= SHORTEST_MONTH else min(day, monthrange(year, month)[1]))


def month_end(year: int, month: int) -> date:
    """The last day of a month: February 29 in leap years."""
    return on(year, month, 31)


def is_month_end(day: date) -> bool:
    """Whether no later day lies in the month."""
    return day == month_end(day.year, day.month)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later (or, below zero, earlier)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return on(year, month + 1, day.day)


def add_years(day: date, years: int) -> date:
    """The anniversary: February 29 falls on February 28 in common years."""
    return on(day.year + years, day.month, day.day)


def first_of_next_month(day: date) -> date:
    """The first day of the calendar month after the day's own."""
    return add_months(day.replace(day=1), 1)


def is_leap_day(day: date | None) -> bool:
    """Whether the day is a February 29, of which no board was found to say what happens in common years."""
    return day is not None and (day.month, day.day) == (2, 29)


def end_in_words(day: date) -> str:
    """The same for a last day, which may never come."""
    return "an open end" if day == date.max else in_words(day)


def in_words(day: date) -> str:
    """A date that nobody can misread: Aug 31, 2027."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def birthday(day: date) -> str:
    """A birth date without its year, which nobody needs but who keeps it: Aug 31."""
    return f"{MONTHS[day.month - 1]} {day.day}"


def birthday_of(text: str) -> str:
    """The same of a day as the trail has it (ISO, maybe in quotes); what is none stays as it is."""
    try:
        return birthday(date.fromisoformat(text.strip('"')))
    except ValueError:
        return text
