"""Closed date intervals: the arithmetic under everything.

A period holds both of its days. An open end is `FOREVER`, an open beginning is `BEGINNING`, so that no sum has to ask
whether an end is there. Lists of periods that come out of here are sorted, disjoint and not adjacent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

BEGINNING = date.min
FOREVER = date.max
ONE_DAY = timedelta(days=1)


class Period(NamedTuple):
    """From the first to the last day, both held."""

    starts_on: date
    ends_on: date

    def holds(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.starts_on <= day <= self.ends_on


ALWAYS = Period(BEGINNING, FOREVER)


def period(starts_on: date, ends_on: date = FOREVER) -> Period:
    """A period that is known to run forward; ValueError if it ends before it begins."""
    if ends_on < starts_on:
        raise ValueError(f"a period cannot end on {ends_on} before it begins on {starts_on}")
    return Period(starts_on, ends_on)


def day_after(day: date) -> date:
    """The next day; FOREVER stays where it is."""
    return day if day == FOREVER else day + ONE_DAY


def day_before(day: date) -> date:
    """The day before; BEGINNING stays where it is."""
    return day if day == BEGINNING else day - ONE_DAY


def union(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The days that lie in any of the periods."""
    merged: list[Period] = []
    for each in sorted(periods):
        if merged and each.starts_on <= day_after(merged[-1].ends_on):
            if each.ends_on > merged[-1].ends_on:
                merged[-1] = Period(merged[-1].starts_on, each.ends_on)
        else:
            merged.append(each)
    return tuple(merged)


def clip(periods: Iterable[Period], within: Period) -> tuple[Period, ...]:
    """Those parts of the periods that lie within one."""
    cut = ((max(p.starts_on, within.starts_on), min(p.ends_on, within.ends_on)) for p in periods)
    return tuple(Period(start, end) for start, end in cut if start <= end)


def intersection(left: Sequence[Period], right: Sequence[Period]) -> tuple[Period, ...]:
    """The days that lie in both lists."""
    return union(part for each in right for part in clip(left, each))


def gaps(periods: Iterable[Period], within: Period = ALWAYS) -> tuple[Period, ...]:
    """The days of `within` that lie in none of the periods."""
    found: list[Period] = []
    start = within.starts_on
    for held in clip(union(periods), within):
        if held.starts_on > start:
            found.append(Period(start, day_before(held.starts_on)))
        if held.ends_on == within.ends_on:
            return tuple(found)
        start = day_after(held.ends_on)
    return (*found, Period(start, within.ends_on))


def difference(left: Sequence[Period], right: Sequence[Period]) -> tuple[Period, ...]:
    """The days of the left list that do not lie in the right one."""
    return intersection(left, gaps(right)) if right else union(left)
