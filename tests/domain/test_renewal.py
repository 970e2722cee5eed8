"""Renewal models: hand-worked examples live in tests/scenarios; here stands what must hold of every one of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compliance.domain.months import add_months
from compliance.domain.periods import FOREVER
from compliance.domain.renewal import (
    LEAP_NOTE,
    MODELS,
    UNKNOWN_WINDOW,
    Birthday,
    BirthMonthEnd,
    FirstOfMonthAfterIssue,
    FixedDate,
    IssueAnniversary,
    NoRenewal,
    RegistrationPeriod,
    RenewalFacts,
    RenewalModel,
    RenewalRule,
    disagrees,
    predict,
)
from compliance.domain.requirements import Citation, Confidence

FLORIDA = FixedDate(month=8, day=31, parity="odd", years=2)
TEXAS = IssueAnniversary(years=2)
VIRGINIA = BirthMonthEnd(parity="birth-year", years=2)
WASHINGTON = Birthday(years=1)
NEVADA = FirstOfMonthAfterIssue(years=2)
NEW_YORK = RegistrationPeriod(years=3)
MISSION = FixedDate(month=6, day=30, years=1)
EVERY_LEAP_DAY = FixedDate(month=2, day=29, years=1)
PREDICTING = (FLORIDA, TEXAS, VIRGINIA, WASHINGTON, NEVADA, NEW_YORK, MISSION, EVERY_LEAP_DAY)

days = st.dates(date(1960, 1, 1), date(2040, 12, 31))
CITED = Citation("A rule", as_of="2024", confidence=Confidence.PRIMARY)


def rule(model: RenewalModel, window: int | None = None) -> RenewalRule:
    return RenewalRule("massage-license", model, CITED, window_days_before=window)


def next_of(model: RenewalModel, **facts: Any) -> date | None:
    return predict(rule(model), RenewalFacts(**facts)).next_expires_on


def every_day_of(*years: int) -> list[date]:
    return [
        date(year, 1, 1) + timedelta(days=n)
        for year in years
        for n in range(366)
        if (date(year, 1, 1) + timedelta(days=n)).year == year
    ]


def shapes_below(model: type[RenewalModel]) -> set[type[RenewalModel]]:
    """The classes with a name of their own; what stands between is shared by several of them."""
    found = {each for each in model.__subclasses__() if "name" in vars(each)}
    return found.union(*(shapes_below(each) for each in model.__subclasses__()))


def test_every_shape_is_listed_under_its_own_name() -> None:
    assert {name: model.name for name, model in MODELS.items()} == {name: name for name in MODELS}
    assert {each.__name__ for each in MODELS.values()} == {each.__name__ for each in shapes_below(RenewalModel)}


@given(st.sampled_from(PREDICTING), days, days)
def test_the_next_expiry_lies_after_the_last_and_within_one_term_and_a_year(
    model: RenewalModel, printed: date, born: date
) -> None:
    following = next_of(model, expires_on=printed, birth_date=born)
    assert following is not None
    assert printed < following <= add_months(printed, 12 * model.years + 12)


@given(st.sampled_from((FLORIDA, TEXAS, VIRGINIA, WASHINGTON, NEVADA, MISSION, EVERY_LEAP_DAY)), days, days)
def test_a_first_term_ends_after_its_issue_and_within_a_term_and_a_month(
    model: RenewalModel, issued: date, born: date
) -> None:
    first = next_of(model, issued_on=issued, birth_date=born)
    assert first is not None
    assert issued < first <= add_months(issued, 12 * model.years + 1)


@given(st.sampled_from((FLORIDA, TEXAS, VIRGINIA, WASHINGTON, NEVADA, MISSION)), days, days)
def test_the_expiry_before_the_next_one_is_the_one_that_was_printed(
    model: RenewalModel, issued: date, born: date
) -> None:
    facts = RenewalFacts(issued_on=issued, birth_date=born)
    first = model.next_expiry(facts)
    assert first is not None
    following = model.next_expiry(RenewalFacts(issued_on=issued, birth_date=born, expires_on=first))
    assert following is not None
    assert model.previous_expiry(following, facts) == first


@given(st.sampled_from((FLORIDA, TEXAS, VIRGINIA, WASHINGTON, NEVADA, MISSION)), days, days)
def test_a_rule_never_questions_the_days_that_it_gives(model: RenewalModel, issued: date, born: date) -> None:
    facts = RenewalFacts(issued_on=issued, birth_date=born)
    first = model.next_expiry(facts)
    assert first is not None
    assert disagrees(model, facts, first) is None


def test_no_day_of_leap_years_and_their_neighbors_breaks_a_model() -> None:
    for day in every_day_of(2023, 2024, 2025, 2100):
        for model in PREDICTING:
            facts = RenewalFacts(issued_on=day, birth_date=day)
            first = model.next_expiry(facts) or model.next_expiry(RenewalFacts(expires_on=day, birth_date=day))
            assert first is not None
            assert first > day
            assert model.previous_expiry(first, facts) < first


def test_a_birthday_on_february_29_falls_on_february_28_in_common_years_and_says_so() -> None:
    answer = predict(rule(WASHINGTON), RenewalFacts(expires_on=date(2024, 2, 29), birth_date=date(1992, 2, 29)))
    assert answer.next_expires_on == date(2025, 2, 28)
    assert LEAP_NOTE in answer.notes


def test_a_birthday_on_february_29_returns_to_it_in_leap_years() -> None:
    assert next_of(WASHINGTON, expires_on=date(2027, 2, 28), birth_date=date(1992, 2, 29)) == date(2028, 2, 29)


def test_an_issue_on_february_29_returns_to_it_in_leap_years() -> None:
    issued = date(2024, 2, 29)
    assert next_of(TEXAS, issued_on=issued) == date(2026, 2, 28)
    assert next_of(TEXAS, issued_on=issued, expires_on=date(2026, 2, 28)) == date(2028, 2, 29)


def test_an_issue_on_february_28_stays_there() -> None:
    assert next_of(TEXAS, issued_on=date(2022, 2, 28), expires_on=date(2026, 2, 28)) == date(2028, 2, 28)


def test_the_end_of_a_birth_month_in_february_is_the_29th_in_leap_years() -> None:
    born = date(1980, 2, 3)
    assert next_of(VIRGINIA, expires_on=date(2026, 2, 28), birth_date=born) == date(2028, 2, 29)


@pytest.mark.parametrize("model", [VIRGINIA, WASHINGTON])
def test_without_a_birth_date_a_birthday_rule_asks_rather_than_guesses(model: RenewalModel) -> None:
    answer = predict(rule(model), RenewalFacts(issued_on=date(2024, 5, 1)))
    assert answer.next_expires_on is None
    assert "birth date" in answer.question


@pytest.mark.parametrize("model", [TEXAS, NEVADA])
def test_without_any_date_an_issue_rule_asks_even_on_a_known_day(model: RenewalModel) -> None:
    answer = predict(rule(model), RenewalFacts(), as_of=date(2026, 11, 22))
    assert answer.next_expires_on is None
    assert answer.question == "When was it issued, or when does it expire?"


def test_a_registration_is_never_guessed_from_its_issue() -> None:
    answer = predict(rule(NEW_YORK), RenewalFacts(issued_on=date(2024, 5, 1)))
    assert answer.next_expires_on is None
    assert "certificate" in answer.question


def test_a_fixed_day_needs_no_fact_but_today() -> None:
    assert predict(rule(FLORIDA), RenewalFacts(), as_of=date(2026, 11, 22)).next_expires_on == date(2027, 8, 31)


def test_renewal_opens_before_the_end_of_the_running_term() -> None:
    answer = predict(rule(WASHINGTON, window=90), RenewalFacts(date(2020, 1, 1), date(2026, 4, 5), date(1980, 4, 5)))
    assert (answer.window_opens_on, answer.next_expires_on) == (date(2026, 1, 5), date(2027, 4, 5))


def test_a_window_before_the_calendar_begins_opens_on_its_first_day() -> None:
    assert rule(WASHINGTON, window=90).window_opens_on(date(1, 1, 10)) == date.min


def test_an_unknown_window_stays_unknown_and_says_so() -> None:
    answer = predict(rule(FLORIDA), RenewalFacts(expires_on=date(2027, 8, 31)))
    assert answer.window_opens_on is None
    assert UNKNOWN_WINDOW in answer.notes


def test_a_printed_expiry_off_the_cycle_is_questioned_and_still_counts() -> None:
    answer = predict(rule(FLORIDA), RenewalFacts(expires_on=date(2026, 8, 31)))
    assert answer.question == (
        "Aug 31, 2026 is given as expiry; by the rule it would be Aug 31, 2027. Is it read right?"
    )
    assert answer.next_expires_on == date(2027, 8, 31)


def test_a_printed_expiry_off_by_a_day_does_not_make_the_next_term_a_day_long() -> None:
    assert next_of(WASHINGTON, expires_on=date(2026, 4, 5), birth_date=date(1980, 4, 6)) == date(2027, 4, 6)
    assert FLORIDA.previous_expiry(date(2027, 9, 2)) == date(2025, 8, 31)


def test_the_day_before_an_anniversary_is_the_same_rule_written_as_the_last_day() -> None:
    facts = RenewalFacts(issued_on=date(2023, 5, 10))
    assert disagrees(TEXAS, facts, date(2025, 5, 9)) is None
    assert disagrees(TEXAS, facts, date(2025, 5, 8)) is not None


def test_a_license_that_stands_has_no_next_expiry_and_a_printed_one_is_questioned() -> None:
    assert predict(rule(NoRenewal()), RenewalFacts(issued_on=date(2001, 3, 1))).next_expires_on is None
    assert "does not expire" in (disagrees(NoRenewal(), RenewalFacts(), date(2027, 1, 1)) or "")


def test_an_open_end_is_no_printed_expiry() -> None:
    assert next_of(TEXAS, issued_on=date(2024, 1, 2), expires_on=FOREVER) == date(2026, 1, 2)
    assert disagrees(FLORIDA, RenewalFacts(), FOREVER) is None


@example(FLORIDA, date(9999, 12, 30), date(1, 1, 1))
@example(VIRGINIA, date(1, 1, 1), date(9999, 12, 31))
@given(st.sampled_from((*PREDICTING, NoRenewal())), st.dates(), st.dates())
def test_no_date_that_can_be_typed_breaks_a_prediction(model: RenewalModel, printed: date, born: date) -> None:
    answer = predict(rule(model), RenewalFacts(issued_on=born, expires_on=printed, birth_date=born))
    assert answer.model == model.name
