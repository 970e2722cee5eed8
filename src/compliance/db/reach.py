"""How long a stored verdict lasts, in classes, so that "who is not cleared on this day" is a few ranges of an index.

A span that began before a day may be over, and one that ends behind it may not have begun: looked for by either end
alone, the spans of one day lie among all that ever were or all that will be. But of those that last at most n days the
ones that hold on a day began within the n days before. So each row keeps the class of its length, and a day is asked
for class by class; what a range reads in vain is at most what ended since it began.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement

REACHES = (32, 256, 2048)
FAR = 0
"""The class of what lasts longer or does not end."""

Conditions = tuple[ColumnElement[bool], ...]


@lru_cache(maxsize=4096)  # terms of one board end on the same few days
def reach(starts_on: date, ends_on: date) -> int:
    """The class of a closed span: the least of REACHES that it fits into, in days, or FAR."""
    days = (ends_on - starts_on).days + 1
    return next((each for each in REACHES if days <= each), FAR)


def holding(row: Any, day: date) -> list[Conditions]:
    """The rows (reach, starts_on, ends_on) that hold on a day: each of these conditions a range, none of them twice."""
    now = (row.starts_on <= day, row.ends_on >= day)
    near = [(row.reach == each, row.starts_on > _days_before(day, each), *now) for each in REACHES]
    return [*near, (row.reach == FAR, *now)]


def beginning(row: Any, after: date, last: date) -> list[Conditions]:
    """The rows that begin behind a day, until a last one, in the same way."""
    return [(row.reach == each, row.starts_on > after, row.starts_on <= last) for each in (*REACHES, FAR)]


def _days_before(day: date, days: int) -> date:
    return date.fromordinal(max(day.toordinal() - days, 1))
