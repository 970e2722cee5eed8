"""Clearance: all findings as one verdict, its end, what ends it, and the same for every day of an assignment."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.assessment import clearance, clearance_periods, covers_of
from compliance.domain.covers import Status
from compliance.domain.credentials import Credential, Standing, StandingCode
from compliance.domain.periods import ALWAYS, Period, day_after
from compliance.domain.requirements import (
    Citation,
    Policy,
    Provision,
    Requirement,
    Verify,
    with_policies,
)
from tests.domain.files import asks, file_of, license_of, licenses, periods, term

D = date
EXAM = asks("mblex", code="licensing-exam", jurisdiction=None, verify=Verify.NO)
MEMBERSHIP = asks("amta-membership", code="membership", jurisdiction=None, verify=Verify.NO)
HEART = (asks(), EXAM, MEMBERSHIP)


def held() -> tuple[Credential, ...]:
    exam = license_of(term(D(2019, 5, 1)), type="mblex", jurisdiction="")
    member = license_of(term(D(2026, 1, 1), D(2027, 1, 28)), type="amta-membership", jurisdiction="")
    return license_of(term(D(2025, 9, 1), D(2027, 8, 31))), exam, member


def test_the_verdict_ends_with_what_ends_first() -> None:
    verdict = clearance(file_of(*held()), HEART, D(2026, 11, 22))
    assert (verdict.cleared, verdict.until, verdict.ends_with) == (True, D(2027, 1, 28), "membership")
    assert [each.status for each in verdict.findings] == [Status.MET] * 3


def test_a_missing_piece_stops_practice_and_is_named() -> None:
    verdict = clearance(file_of(held()[0]), HEART, D(2026, 11, 22))
    assert (verdict.cleared, verdict.until) == (False, None)
    assert [(each.requirement, each.status) for each in verdict.findings if not each.clears] == [
        ("licensing-exam", Status.MISSING),
        ("membership", Status.MISSING),
    ]


def test_the_gravest_finding_decides() -> None:
    suspended = license_of(
        term(D(2025, 9, 1), D(2027, 8, 31)), standings=[Standing(StandingCode.SUSPENDED, D(2026, 1, 1))]
    )
    verdict = clearance(file_of(suspended), HEART, D(2026, 11, 22))
    assert verdict.deciding is not None
    assert (verdict.deciding.requirement, verdict.deciding.status) == ("license", Status.BLOCKED)


def test_outside_an_assignment_the_answer_is_no_and_says_from_when() -> None:
    within = (Period(D(2026, 12, 1), D(2027, 6, 30)),)
    verdict = clearance(file_of(*held()), HEART, D(2026, 11, 22), within=within)
    assert not verdict.cleared
    assert (verdict.findings[0].requirement, verdict.findings[0].status) == ("assignment", Status.MISSING)
    assert verdict.cleared_from == D(2026, 12, 1)


def test_the_end_of_an_assignment_ends_the_verdict() -> None:
    within = (Period(D(2026, 1, 1), D(2026, 12, 24)),)
    verdict = clearance(file_of(*held()), HEART, D(2026, 11, 22), within=within)
    assert (verdict.until, verdict.ends_with) == (D(2026, 12, 24), "assignment")


def test_a_later_start_is_told_where_it_is_known() -> None:
    member = license_of(term(D(2026, 12, 1), D(2027, 1, 28)), type="amta-membership", jurisdiction="")
    verdict = clearance(file_of(*held()[:2], member), HEART, D(2026, 11, 22))
    assert verdict.cleared_from == D(2026, 12, 1)


def test_what_is_asked_of_the_clinic_is_looked_for_in_the_clinics_own_file() -> None:
    establishment = Requirement(
        "establishment-license", "Establishment license", (Provision(accepts=frozenset({"establishment-license"})),),
        holder="clinic",  # type: ignore[arg-type]
    )  # fmt: skip
    own = license_of(term(D(2025, 1, 1), D(2027, 1, 1)), type="establishment-license")
    asked = (asks(), establishment)
    assert not clearance(file_of(held()[0], own), asked, D(2026, 6, 1)).cleared
    assert clearance(file_of(held()[0]), asked, D(2026, 6, 1), clinic_file=file_of(own)).cleared


@given(st.lists(licenses(), max_size=2), st.lists(licenses(), max_size=2), periods())
def test_clearance_periods_tile_the_assignment_and_agree_with_every_days_verdict(
    first: list[Credential], second: list[Credential], within: Period
) -> None:
    other = asks("massage-license", code="other", verify=Verify.NO)
    file = file_of(*first, *second)
    found = clearance_periods(covers_of(file, (asks(), other)), within)
    assert (found[0].starts_on, found[-1].ends_on) == within
    for left, right in pairwise(found):
        assert right.starts_on == day_after(left.ends_on)
        assert left[2:] != right[2:]
    for each in found:
        for day in (each.starts_on, each.ends_on):
            verdict = clearance(file, (asks(), other), day, within=(within,))
            assert verdict.cleared is each.cleared
            if not each.cleared:
                assert verdict.deciding is not None
                assert verdict.deciding.requirement == each.requirement


@given(licenses(), st.integers(0, 900))
def test_until_is_the_last_cleared_day(license: Credential, offset: int) -> None:
    day = D(2024, 2, 28) + timedelta(days=offset)
    verdict = clearance(file_of(license), [asks()], day, within=(ALWAYS,))
    if verdict.cleared and verdict.until is not None and verdict.until < date.max:
        assert clearance(file_of(license), [asks()], verdict.until).cleared
        assert not clearance(file_of(license), [asks()], day_after(verdict.until)).cleared


def test_an_organization_that_accepts_another_membership_widens_what_is_asked_from_its_day_on() -> None:
    abmp = license_of(term(D(2025, 1, 1), D(2028, 1, 1)), type="abmp-membership", jurisdiction="")
    also = asks("abmp-membership", code="membership", jurisdiction=None, applies_on=D(2026, 7, 1))
    asked = with_policies([MEMBERSHIP], [Policy(also, widens=True)])
    assert not clearance(file_of(abmp), asked, D(2026, 6, 30)).cleared
    assert clearance(file_of(abmp), asked, D(2026, 7, 1)).cleared


def test_a_policy_of_its_own_is_asked_beside_the_law_even_under_the_same_code() -> None:
    own = Requirement(
        "license", "House license", (Provision(accepts=frozenset({"cpr"}), citation=Citation("House rule")),)
    )
    codes = [each.code for each in with_policies([asks()], [Policy(own)])]
    assert codes == ["license", "own-license"]


def test_a_policy_ended_and_asked_again_is_one_requirement_with_two_wordings() -> None:
    first = asks("cpr", code="cpr", applies_on=D(2025, 1, 1), ends_on=D(2025, 12, 31))
    again = asks("cpr", code="cpr", applies_on=D(2026, 6, 1))
    asked = with_policies([], [Policy(again), Policy(first)])
    assert [each.code for each in asked] == ["cpr"]
    for day, cleared in [(D(2025, 6, 1), False), (D(2026, 3, 1), True), (D(2026, 6, 1), False)]:
        assert clearance(file_of(), asked, day).cleared is cleared
