"""What is asked of whom: first renewals, long practice, other credentials in place of hours, and what nobody knows."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.domain.balance import NO_HOURS, Facts, State, balance
from compliance.domain.balance_words import sentence
from compliance.domain.first_renewal import ISSUE_UNKNOWN
from compliance.domain.hours import First, Form, Minimum, Tier, Which
from compliance.domain.ledger import SEEN, Course
from compliance.domain.periods import FOREVER, Period
from tests.domain.ledgers import DAY, FACTS, LONG_AGO, RULE, TERM, course, rule


def test_a_first_renewal_can_be_exempt_and_the_second_is_not() -> None:
    asked = rule(first=(First(0),), minima={"ethics": 2})
    first = balance(asked, [], Facts(TERM, date(2026, 1, 1)), DAY)
    assert (first.state, first.missing) == (State.NOT_ASKED, 0)
    assert sentence(first) == "None asked at the first renewal; until Aug 31, 2027"
    assert balance(asked, [], Facts(TERM, date(2025, 8, 31)), DAY).missing == 24 * 60


def test_who_was_licensed_when_is_asked_where_the_first_renewal_differs() -> None:
    asked = rule(first=(First(0),))
    found = balance(asked, [], Facts(TERM), DAY)
    assert found.missing == 24 * 60
    assert ISSUE_UNKNOWN in found.questions


def test_words_about_a_first_renewal_without_figures_are_a_question() -> None:
    asked = rule(first_renewal="Less, the board says.")
    found = balance(asked, [], Facts(TERM, date(2026, 1, 1)), DAY)
    assert found.missing == 24 * 60
    assert any("Less, the board says." in each for each in found.questions)


def test_a_first_term_under_a_year_can_ask_half() -> None:
    """Arizona: 12 hours for those licensed for less than twelve months."""
    asked = rule(first=(First(12, under_months=12),))
    assert balance(asked, [], Facts(TERM, date(2026, 9, 2)), DAY).asked == 12 * 60
    assert balance(asked, [], Facts(TERM, date(2026, 9, 1)), DAY).asked == 24 * 60


@pytest.mark.parametrize(
    ("issued", "months"), [(date(2026, 9, 1), 12), (date(2026, 8, 31), 13), (date(2027, 8, 31), 1)]
)
def test_a_first_term_can_ask_an_hour_a_month_or_part_of_one(issued: date, months: int) -> None:
    """Florida."""
    asked = rule(first_hours_per_month=1, minima={"ethics": 2, "medical errors": 2}, first_minima=("medical errors",))
    found = balance(asked, [], Facts(TERM, issued), DAY)
    assert found.asked == months * 60
    assert [each.minimum.what for each in found.parts] == ["medical errors"]


def test_long_practice_can_ask_less() -> None:
    """North Dakota: 24, from 15 years on 6, from 25 on 3."""
    asked = rule(tier=(Tier(15, 6), Tier(25, 3)))
    for issued, wanted in ((date(2012, 9, 1), 24), (date(2012, 8, 31), 6), (date(2002, 8, 31), 3)):
        assert balance(asked, [], Facts(TERM, issued), DAY).asked == wanted * 60


def test_a_subject_from_the_second_renewal_on_is_not_asked_at_the_first() -> None:
    asked = rule(minimum=(Minimum("ethics", 3, Which(("ethics",)), from_renewal=2),))
    assert not balance(asked, [], Facts(TERM, date(2026, 1, 1)), DAY).parts
    assert balance(asked, [], FACTS, DAY).parts


def test_a_certification_can_stand_in_place_of_the_hours() -> None:
    """Virginia and NCBTMB."""
    asked = rule(instead=("bctmb",))
    held = Facts(TERM, LONG_AGO, {"bctmb": "Board Certification"})
    found = balance(asked, [], held, DAY)
    assert (found.state, found.missing) == (State.REPLACED, 0)
    assert sentence(found) == "Board Certification stands in place of the hours; until Aug 31, 2027"
    assert balance(asked, [], FACTS, DAY).state is State.SHORT


def test_unknown_hours_stay_unknown() -> None:
    """Kentucky: three hours of ethics, and nobody here knows how many in all."""
    found = balance(rule(hours=None, minima={"ethics": 3}), [course(1, 60)], FACTS, DAY)
    assert found.state is State.UNKNOWN
    assert NO_HOURS in found.questions
    assert sentence(found) == (
        "1 hour on file; how many are asked is not known here; 3 of ethics missing; until Aug 31, 2027"
    )
    assert found.missing == 180


@pytest.mark.parametrize("term", [None, Period(date(2020, 1, 1), FOREVER)])
def test_without_an_expiry_nobody_knows_when_hours_are_due(term: Period | None) -> None:
    found = balance(RULE, [course(1, 60)], Facts(term, LONG_AGO), DAY)
    assert (found.state, found.until, found.missing) == (State.UNKNOWN, None, 0)


def test_where_none_are_asked_none_are_missing() -> None:
    found = balance(rule(hours=0, window_years=None), [], Facts(), DAY)
    assert (found.state, sentence(found)) == (State.NOT_ASKED, "No hours are asked")


def test_a_certificate_lacks_what_nobody_saw_on_it() -> None:
    bare = course(1, 60)
    assert bare.certificate_lacks() == ("name of the provider", "approval number of the provider", *SEEN.values())
    named = {"provider": "Provider", "provider_number": "45"}
    whole = Course(bare.id, "T", DAY, 60, Form.LIVE, **named, certificate=True, certificate_shows=tuple(SEEN))
    assert whole.certificate_lacks() == ()
