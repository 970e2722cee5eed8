"""Where a term began: the rules of a roster's issue date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.credential_types import CredentialType
from compliance.domain.periods import FOREVER
from compliance.domain.renewal import Birthday, BirthMonthEnd, FixedDate, IssueAnniversary, NoRenewal
from compliance.domain.terms import TermStart, term_start

LICENSE = CredentialType("massage-license", "Massage license", "License", longest_months=48)
MEMBERSHIP = CredentialType("amta-membership", "AMTA membership", "AMTA", longest_months=14, usual_months=12)
EXAM = CredentialType("mblex", "MBLEx", "MBLEx", expires=False)
TRIGGER_POINT = CredentialType("cmtpt", "CMTPT", "CMTPT")
FLORIDA = FixedDate(month=8, day=31, parity="odd", years=2)


def test_a_short_span_from_issue_to_expiry_starts_the_term() -> None:
    assert term_start(LICENSE, FLORIDA, date(2025, 9, 1), None, date(2027, 8, 31)) == TermStart(date(2025, 9, 1))


def test_the_longest_term_to_the_day_still_starts_the_term() -> None:
    assert term_start(LICENSE, None, date(2023, 8, 31), None, date(2027, 8, 31)).inferred is False
    assert term_start(LICENSE, FLORIDA, date(2023, 8, 30), None, date(2027, 8, 31)).inferred is True


def test_a_first_issue_long_ago_does_not_start_the_term() -> None:
    found = term_start(LICENSE, FLORIDA, date(2019, 8, 1), None, date(2027, 8, 31))
    assert found == TermStart(date(2025, 9, 1), inferred=True, first_issued_on=date(2019, 8, 1))


def test_a_known_renewal_starts_the_term_after_a_first_issue_long_ago() -> None:
    found = term_start(LICENSE, FLORIDA, date(2019, 8, 1), date(2025, 7, 20), date(2027, 8, 31))
    assert found == TermStart(date(2025, 7, 20), first_issued_on=date(2019, 8, 1))


def test_without_an_issue_the_renewal_starts_the_term() -> None:
    assert term_start(LICENSE, FLORIDA, None, date(2025, 7, 20), date(2027, 8, 31)) == TermStart(date(2025, 7, 20))


def test_what_never_expires_starts_on_its_issue_however_long_ago() -> None:
    assert term_start(EXAM, None, date(1999, 5, 1), None, None) == TermStart(date(1999, 5, 1))
    assert term_start(EXAM, None, date(1999, 5, 1), None, FOREVER) == TermStart(date(1999, 5, 1))


def test_a_standing_license_starts_on_its_issue() -> None:
    assert term_start(LICENSE, NoRenewal(), date(2001, 3, 1), None, None) == TermStart(date(2001, 3, 1))


def test_a_certificate_without_a_printed_expiry_starts_on_its_issue() -> None:
    assert term_start(TRIGGER_POINT, None, date(2021, 9, 1), None, None) == TermStart(date(2021, 9, 1))


def test_a_license_without_an_expiry_is_asked_for_it_and_never_runs_on_for_good() -> None:
    found = term_start(LICENSE, FLORIDA, date(2019, 8, 1), None, None)
    assert found.starts_on is None
    assert "Which last day" in found.question


def test_a_membership_of_fourteen_months_started_on_its_card() -> None:
    assert term_start(MEMBERSHIP, None, date(2026, 4, 1), None, date(2027, 5, 28)) == TermStart(date(2026, 4, 1))


def test_without_a_rule_the_usual_term_is_inferred() -> None:
    found = term_start(MEMBERSHIP, None, date(2010, 4, 1), None, date(2027, 4, 30))
    assert found == TermStart(date(2026, 5, 1), inferred=True, first_issued_on=date(2010, 4, 1))


def test_without_rule_or_usual_term_the_shortest_is_taken_and_asked_about() -> None:
    found = term_start(TRIGGER_POINT, None, date(2010, 4, 1), None, date(2027, 4, 30))
    assert (found.starts_on, found.inferred) == (date(2026, 5, 1), True)
    assert "Since when" in found.question


def test_nothing_known_is_a_question() -> None:
    assert term_start(EXAM, None, None, None, None).starts_on is None


def test_the_term_before_a_leap_birthday_ended_on_the_29th_when_the_birth_date_is_known() -> None:
    ends_on, born = date(2025, 2, 28), date(1992, 2, 29)
    assert term_start(LICENSE, Birthday(years=1), None, None, ends_on, born).starts_on == date(2024, 3, 1)
    assert term_start(LICENSE, Birthday(years=1), None, None, ends_on).starts_on == date(2024, 2, 29)


def test_a_birth_month_needs_no_birth_date_to_tell_the_term_before() -> None:
    found = term_start(LICENSE, BirthMonthEnd(parity="birth-year", years=2), None, None, date(2026, 2, 28))
    assert found.starts_on == date(2024, 3, 1)


@pytest.mark.parametrize("model", [None, FLORIDA, IssueAnniversary(years=2), Birthday(years=1)])
@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(1, 9000))
def test_a_term_starts_neither_before_its_issue_nor_after_its_end(
    model: FixedDate | None, issued: date, length: int
) -> None:
    ends_on = date.fromordinal(issued.toordinal() + length)
    found = term_start(LICENSE, model, issued, None, ends_on)
    assert found.starts_on is not None
    assert issued <= found.starts_on <= ends_on
