"""In which days the hours of a rule have to be earned: often those of the term, but not always."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from compliance.domain.hours import ContinuingEducation, YearDay
from compliance.domain.months import add_years, in_words, on
from compliance.domain.periods import FOREVER, ONE_DAY, Period, day_after, day_before

NO_YEARS: Final = "Over how many years the hours count is not known here; ask the board."
NO_EXPIRY: Final = "No expiry is on file, so nobody knows when the hours are due."
NO_ISSUE: Final = "The hours are counted from the first issue, which is not on file."
ROLLING: Final = (
    "The hours are due over {years} years but a term is shorter; counted back from {day}. Ask for your cycle."
)


@dataclass(frozen=True, slots=True)
class Window:
    """The days in which a course counts.

    `shared` are days at the beginning that the window before had as well: a course of those counts here only as far as
    it was over there. `question` says what is not known; without `days` nothing can be counted.
    """

    days: Period | None = None
    shared: Period | None = None
    before: Period | None = None
    question: str = ""


def window(
    rule: ContinuingEducation,
    term: Period | None,
    first_issued_on: date | None,
    as_of: date,
    term_years: int | None = None,
    cycle_ends_on: date | None = None,
) -> Window:
    """The window that a term's renewal asks about, or, for windows apart from the terms, the one that a day is in.

    `term_years` is how long the law's terms are. Hours over more years than that have a cycle that no rule tells, but
    the board may have: `cycle_ends_on` is the last day of any of them.
    """
    if rule.opens and rule.closes:
        return _of_the_year(rule.opens, rule.closes, term)
    years = rule.window_years
    if not years:
        return Window(question=NO_YEARS)
    if rule.window_anchor:
        return _tile(rule.window_anchor, years, as_of)
    if rule.window_from_issue:
        if first_issued_on is None:
            return Window(question=NO_ISSUE)
        return _tile(day_before(first_issued_on), years, max(as_of, first_issued_on))
    if term is None or term.ends_on.year == FOREVER.year:
        return Window(question=NO_EXPIRY)
    apart = bool(term_years and term_years < years)
    if apart and cycle_ends_on:
        return _tile(cycle_ends_on, years, as_of)
    return _up_to(term, years, ROLLING.format(years=years, day=in_words(term.ends_on)) if apart else "")


def _up_to(term: Period, years: int, question: str) -> Window:
    """So many years up to the last day of the term."""
    end = term.ends_on
    start = day_after(add_years(end, -years))
    if abs(term.starts_on - start) <= ONE_DAY:  # February has one day more or less
        start = term.starts_on
    return Window(Period(start, end), before=_years_before(start, years), question=question)


def _tile(anchor: date, years: int, day: date) -> Window:
    """Windows of so many years follow each other, one of which ended on the anchor; the one that the day is in."""
    count = -((anchor.year - day.year) // years)
    while add_years(anchor, count * years) >= day:
        count -= 1
    while add_years(anchor, count * years) < day:
        count += 1
    start = day_after(add_years(anchor, (count - 1) * years))
    return Window(Period(start, add_years(anchor, count * years)), before=_years_before(start, years))


def _years_before(start: date, years: int) -> Period:
    return Period(add_years(start, -years), day_before(start))


def _of_the_year(opens: YearDay, closes: YearDay, term: Period | None) -> Window:
    """From a day to a day of the calendar, counted from the year in which the term ends."""
    if term is None or term.ends_on.year == FOREVER.year:
        return Window(question=NO_EXPIRY)
    year, cycle = term.ends_on.year, max(1, opens.years_before - closes.years_before)
    first, last = _day(opens, year), _day(closes, year)
    ended, ended_before = _day(closes, year - cycle), _day(closes, year - 2 * cycle)
    shared = Period(first, ended) if first <= ended else None
    before = Period(max(_day(opens, year - cycle), day_after(ended_before)), ended)
    return Window(Period(first, last), shared, before)


def _day(each: YearDay, year: int) -> date:
    return on(year - each.years_before, each.month, each.day)
