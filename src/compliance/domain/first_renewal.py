"""How many hours a rule asks of this person: of everybody, at a first renewal, of those licensed for long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from compliance.domain.counting import minutes
from compliance.domain.hours import ContinuingEducation, First, Minimum
from compliance.domain.months import add_months, add_years
from compliance.domain.periods import Period, day_after

EXEMPT: Final = "None asked at the first renewal"
FEWER: Final = "Fewer hours are asked of those licensed longer, but the first issue is not on file."
FIRST_UNSURE: Final = "This looks like the first renewal, where less may be asked; counted against the full hours."
ISSUE_UNKNOWN: Final = "The first issue is not on file. At a first renewal less may be asked."


@dataclass(frozen=True, slots=True)
class Asked:
    """Minutes asked (None: nobody knows), the minima that hold, and what is not known about either."""

    minutes: int | None
    minima: tuple[Minimum, ...]
    questions: tuple[str, ...] = ()
    because: str = ""


def asked_of(rule: ContinuingEducation, term: Period | None, first_issued_on: date | None, days: Period) -> Asked:
    """What the rule asks in these days of someone first licensed then."""
    if first_issued_on is None:
        unknown = (ISSUE_UNKNOWN if _speaks_of_first(rule) else "", FEWER if rule.tier else "")
        return _asked(rule, rule.hours, rule.least, tuple(each for each in unknown if each))
    if first_issued_on >= (term or days).starts_on:
        return _at_first(rule, first_issued_on, (term or days).ends_on)
    return _asked(rule, _by_years(rule, first_issued_on, days.ends_on), rule.least)


def _speaks_of_first(rule: ContinuingEducation) -> bool:
    return bool(rule.first or rule.first_hours_per_month is not None or rule.first_renewal)


def _by_years(rule: ContinuingEducation, first_issued_on: date, day: date) -> float | None:
    """The hours of the highest tier that was reached."""
    reached = [each for each in rule.tier if add_years(first_issued_on, each.from_years) <= day]
    return max(reached, key=lambda each: each.from_years).hours if reached else rule.hours


def _at_first(rule: ContinuingEducation, first_issued_on: date, ends_on: date) -> Asked:
    minima = tuple(each for each in rule.least if each.from_renewal <= 1)
    hours = _first_hours(rule, first_issued_on, ends_on)
    if hours is None:
        unsure = (f"{FIRST_UNSURE} {rule.first_renewal}",) if rule.first_renewal and rule.hours is not None else ()
        return _asked(rule, rule.hours, minima, unsure)
    if rule.first_minima is not None:
        minima = tuple(each for each in minima if each.what in rule.first_minima)
    elif hours == 0:
        minima = ()
    return _asked(rule, hours, minima, because=EXEMPT if hours == 0 else "")


def _first_hours(rule: ContinuingEducation, first_issued_on: date, ends_on: date) -> float | None:
    """What the rule's own figures say of a first renewal; the full hours where it has some but none fits."""
    for each in sorted(rule.first, key=_shortest_first):
        if each.under_months is None or add_months(first_issued_on, each.under_months) > day_after(ends_on):
            return each.hours
    if rule.first_hours_per_month is not None:
        asked = rule.first_hours_per_month * _months(first_issued_on, ends_on)
        return asked if rule.hours is None else min(rule.hours, asked)
    return rule.hours if rule.first else None


def _shortest_first(each: First) -> int:
    return each.under_months if each.under_months is not None else 10**6


def _months(first: date, last: date) -> int:
    """Months from the first to the last day, a part of one counted as one."""
    end = day_after(last)
    count = (end.year - first.year) * 12 + end.month - first.month
    return count if add_months(first, count) >= end else count + 1


def _asked(
    rule: ContinuingEducation,
    hours: float | None,
    minima: tuple[Minimum, ...],
    questions: tuple[str, ...] = (),
    because: str = "",
) -> Asked:
    asked = None if hours is None else minutes(hours, rule.minutes_per_hour)
    return Asked(asked, minima, questions, because)
