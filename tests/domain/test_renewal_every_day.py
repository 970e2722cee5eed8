"""What holds of every renewal model on every day from 1960 to 2040, walked through and not drawn by lot."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from compliance.domain.months import add_months, is_month_end
from compliance.domain.renewal import (
    MODELS,
    AsPrinted,
    Birthday,
    BirthMonthDay,
    BirthMonthEnd,
    DayAfterIssue,
    FirstOfMonthAfterIssue,
    FixedDate,
    FixedDateUnknownTerm,
    IssueAnniversary,
    IssueMonthEnd,
    NoRenewal,
    NumberParity,
    RegistrationPeriod,
    RenewalFacts,
    RenewalModel,
    SurnameInitial,
    disagrees,
)

FIRST, LAST = date(1960, 1, 1), date(2040, 12, 31)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]

OHIO = SurnameInitial(
    years=2,
    groups=(
        *(("A", "B", 7, "odd"), ("C", "D", 4, "odd"), ("E", "G", 1, "odd"), ("H", "K", 10, "odd")),
        *(("L", "M", 7, "even"), ("N", "R", 4, "even"), ("S", "S", 1, "even"), ("T", "Z", 10, "even")),
    ),
)
ALL: dict[str, RenewalModel] = {
    "August 31 of odd years": FixedDate(month=8, day=31, parity="odd", years=2),
    "June 30 of even years": FixedDate(month=6, day=30, parity="even", years=2),
    "February 28 of odd years": FixedDate(month=2, day=28, parity="odd", years=2),
    "March 31 of every year": FixedDate(month=3, day=31, years=1),
    "May 15 of every fourth year": FixedDate(month=5, day=15, cycle_year=2021, years=4),
    "October 31 of a third year": FixedDate(month=10, day=31, years=3, first_months=0),
    "birthday": Birthday(years=1),
    "every other birthday": Birthday(years=2),
    "end of the birth month": BirthMonthEnd(years=2),
    "end of the birth month by birth year": BirthMonthEnd(years=2, parity="birth-year"),
    "28th of the birth month": BirthMonthDay(day=28, years=1, first_months=12),
    "February 28 by license number": NumberParity(month=2, day=28, years=2),
    "issue anniversary": IssueAnniversary(years=2),
    "second May 31 after issue": DayAfterIssue(month=5, day=31, years=2),
    "surname initial": OHIO,
    "registration": RegistrationPeriod(years=3),
    "first of the month after issue": FirstOfMonthAfterIssue(years=2),
    "end of the issue month": IssueMonthEnd(years=2),
    "as printed": AsPrinted(years=2),
}
SILENT = (FixedDateUnknownTerm, NoRenewal)
ON_PAPER_ALONE = ("registration", "as printed")
"""Their first day cannot be told from the issue."""


def facts_of(day: date, n: int) -> RenewalFacts:
    """A holder who differs from day to day: born on each day of the years around, numbered and named by turns."""
    born = EVERY_DAY[(n * 7919) % len(EVERY_DAY)]
    return RenewalFacts(day, None, born, f"MA {n}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n % 26])


def printed_on(day: date, n: int) -> RenewalFacts:
    known = facts_of(day, n)
    return RenewalFacts(None, day, known.birth_date, known.number, known.surname)


@pytest.mark.parametrize("name", ALL)
def test_the_next_expiry_lies_after_the_last_and_within_a_term_and_a_year(name: str) -> None:
    model = ALL[name]
    longest = 12 * model.years + 12
    for n, day in enumerate(EVERY_DAY):
        following = model.next_expiry(printed_on(day, n))
        assert following is not None
        assert day < following <= add_months(day, longest), day


@pytest.mark.parametrize("name", [each for each in ALL if each not in ON_PAPER_ALONE])
def test_a_first_term_ends_after_its_issue_and_within_a_term_and_a_year(name: str) -> None:
    model = ALL[name]
    longest = 12 * model.years + 12
    for n, day in enumerate(EVERY_DAY):
        first = model.next_expiry(facts_of(day, n))
        assert first is not None
        assert day < first <= add_months(day, longest), day


@pytest.mark.parametrize("name", [each for each in ALL if each not in ON_PAPER_ALONE])
def test_a_rule_does_not_question_the_days_that_it_gives_and_steps_by_whole_terms(name: str) -> None:
    model = ALL[name]
    for n, day in enumerate(EVERY_DAY[::3]):
        known = facts_of(day, n)
        first = model.next_expiry(known)
        assert first is not None
        assert disagrees(model, known, first) is None, day
        facts = RenewalFacts(day, first, known.birth_date, known.number, known.surname)
        following = model.next_expiry(facts)
        assert following is not None
        assert following.year == first.year + model.years, day
        assert model.previous_expiry(following, facts) == first, day


NAMED: dict[str, Callable[[date, RenewalFacts], bool]] = {
    "August 31 of odd years": lambda end, _: (end.month, end.day, end.year % 2) == (8, 31, 1),
    "June 30 of even years": lambda end, _: (end.month, end.day, end.year % 2) == (6, 30, 0),
    "February 28 of odd years": lambda end, _: (end.month, end.day, end.year % 2) == (2, 28, 1),
    "March 31 of every year": lambda end, _: (end.month, end.day) == (3, 31),
    "May 15 of every fourth year": lambda end, _: (end.month, end.day, end.year % 4) == (5, 15, 1),
    "October 31 of a third year": lambda end, _: (end.month, end.day) == (10, 31),
    "birthday": lambda end, facts: falls_on(end, facts.birth_date),
    "every other birthday": lambda end, facts: falls_on(end, facts.birth_date),
    "end of the birth month": lambda end, facts: is_month_end(end) and same_month(end, facts.birth_date),
    "end of the birth month by birth year": lambda end, facts: (
        is_month_end(end) and same_month(end, facts.birth_date) and same_parity(end, facts.birth_date)
    ),
    "28th of the birth month": lambda end, facts: end.day == 28 and same_month(end, facts.birth_date),
    "February 28 by license number": lambda end, facts: (
        (end.month, end.day) == (2, 28) and end.year % 2 == int(facts.number[-1]) % 2
    ),
    "second May 31 after issue": lambda end, _: (end.month, end.day) == (5, 31),
    "surname initial": lambda end, _: is_month_end(end) and end.month in (1, 4, 7, 10),
    "first of the month after issue": lambda end, _: end.day == 1,
    "end of the issue month": lambda end, _: is_month_end(end),
}


@pytest.mark.parametrize("name", NAMED)
def test_an_expiry_is_never_on_a_day_that_the_rule_does_not_name(name: str) -> None:
    model, named = ALL[name], NAMED[name]
    for n, day in enumerate(EVERY_DAY):
        facts = facts_of(day, n)
        first = model.next_expiry(facts)
        assert first is not None
        assert named(first, facts), day


def test_every_shape_that_predicts_is_walked() -> None:
    assert {type(each) for each in ALL.values()} | set(SILENT) == set(MODELS.values())


def test_what_is_issued_on_each_day_ends_as_a_plain_reading_of_the_rule_says() -> None:
    """The models count by arithmetic; here the days are gone through one after the other."""
    ends = list(may_31s())
    model = ALL["second May 31 after issue"]
    following = 0
    for day in EVERY_DAY[: -3 * 366]:
        while ends[following] <= day:
            following += 1
        assert model.next_expiry(RenewalFacts(issued_on=day)) == ends[following + 1]


def may_31s() -> Iterator[date]:
    return (each for each in EVERY_DAY if (each.month, each.day) == (5, 31))


def falls_on(end: date, born: date | None) -> bool:
    assert born is not None
    if (born.month, born.day) == (2, 29):
        return (end.month, end.day) == (2, 29 if isleap(end.year) else 28)
    return (end.month, end.day) == (born.month, born.day)


def same_month(end: date, born: date | None) -> bool:
    return born is not None and end.month == born.month


def same_parity(end: date, born: date | None) -> bool:
    return born is not None and end.year % 2 == born.year % 2
