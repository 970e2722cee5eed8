"""Coverage: what proves, what the board's word does, and what no new fact may ever do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.assessment import assess
from compliance.domain.coverage import clear_periods, coverage
from compliance.domain.covers import CLEAR, Status
from compliance.domain.credentials import Credential, Result, Standing, StandingCode, Term, Waiver
from compliance.domain.periods import BEGINNING, FOREVER, day_after, difference
from compliance.domain.requirements import Asked, Provision, Verify, WhenStale
from compliance.domain.standings import standing_on
from tests.domain.files import asks, days, file_of, license_of, licenses, look, term, terms

D = date
LICENSE = asks()
BLOCKING = (
    StandingCode.INACTIVE, StandingCode.SUSPENDED, StandingCode.REVOKED, StandingCode.SURRENDERED, StandingCode.VOID,
    StandingCode.RETIRED, StandingCode.DECEASED,
)  # fmt: skip


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """Active or suspended for a while, or from a day on."""
    start, length = draw(days), draw(st.integers(0, 400))
    end = FOREVER if draw(st.booleans()) else start + timedelta(days=length)
    return Standing(draw(st.sampled_from((StandingCode.ACTIVE, StandingCode.SUSPENDED))), start, end)


def status(*credentials: Credential, on: date, **provision: object) -> Status:
    return assess(file_of(*credentials), [asks(**provision) if provision else LICENSE], on)[0].status  # type: ignore[arg-type]


@given(st.lists(licenses(), max_size=3))
def test_coverage_tiles_all_time_without_holes_or_overlaps(held: list[Credential]) -> None:
    covers = coverage(file_of(*held), LICENSE)
    assert covers[0].starts_on == BEGINNING
    assert covers[-1].ends_on == FOREVER
    for left, right in pairwise(covers):
        assert right.starts_on == day_after(left.ends_on)


@given(licenses(), terms())
def test_adding_a_verified_term_never_shortens_coverage(held: Credential, more: Term) -> None:
    longer = replace(held, terms=(*held.terms, more), verifications=(*held.verifications, look(more, more.starts_on)))
    before, after = (clear_periods(coverage(file_of(each), LICENSE)) for each in (held, longer))
    assert difference(before, after) == ()


@given(licenses(), licenses())
def test_a_second_credential_never_shortens_coverage(first: Credential, second: Credential) -> None:
    alone, both = (clear_periods(coverage(file_of(*each), LICENSE)) for each in ((first,), (first, second)))
    assert difference(alone, both) == ()


@given(licenses(), days, st.sampled_from(BLOCKING), st.integers(0, 400))
def test_a_suspension_never_lengthens_coverage(held: Credential, on: date, code: StandingCode, length: int) -> None:
    told = replace(held, standings=(*held.standings, Standing(code, on, on + timedelta(days=length))))
    without = replace(held, standings=tuple(each for each in held.standings if each.starts_on < on))
    before, after = (clear_periods(coverage(file_of(each), LICENSE)) for each in (without, told))
    span = [each for each in after if each.ends_on >= on and each.starts_on <= on + timedelta(days=length)]
    later = [each.starts_on for each in held.standings if on <= each.starts_on <= on + timedelta(days=length)]
    if not later:
        assert not any(each.holds(on) for each in span)
        assert all(not (p.holds(on)) for p in after)
    assert all(any(b.starts_on <= a.starts_on for b in before) for a in after if a.ends_on < on)


@given(licenses(), days)
def test_a_day_is_judged_alike_by_coverage_and_by_assessment(held: Credential, day: date) -> None:
    clear = any(each.holds(day) for each in clear_periods(coverage(file_of(held), LICENSE)))
    assert (assess(file_of(held), [LICENSE], day)[0].status in CLEAR) is clear


def test_a_license_is_good_through_its_last_day_and_not_a_day_longer() -> None:
    held = license_of(term(D(2025, 9, 1), D(2027, 8, 31)))
    assert status(held, on=D(2027, 8, 31)) is Status.EXPIRING
    assert status(held, on=D(2027, 9, 1)) is Status.LAPSED


def test_the_last_day_of_february_is_kept_in_leap_years() -> None:
    held = license_of(term(D(2026, 3, 1), D(2028, 2, 29)), term(D(2028, 3, 1), D(2030, 2, 28)))
    assert [each for each in coverage(file_of(held), LICENSE) if each.status is Status.LAPSED] == [
        coverage(file_of(held), LICENSE)[-1]
    ]
    assert status(held, on=D(2028, 2, 29)) is Status.MET


def test_only_a_confirmed_look_proves_the_term_it_names() -> None:
    first, second = term(D(2023, 9, 1), D(2025, 8, 31)), term(D(2025, 9, 1), D(2027, 8, 31))
    held = replace(license_of(first, second, verified=False), verifications=(look(first, D(2025, 8, 1)),))
    assert status(held, on=D(2024, 1, 1)) is Status.MET
    assert status(held, on=D(2026, 1, 1)) is Status.UNVERIFIED
    for result in (Result.DIFFERS, Result.NOT_FOUND, Result.COULD_NOT_CHECK):
        doubted = replace(held, verifications=(look(second, D(2026, 1, 1), result),))
        assert status(doubted, on=D(2026, 2, 1)) is Status.UNVERIFIED


def test_before_an_inferred_start_nothing_is_met() -> None:
    held = license_of(term(D(2025, 9, 1), D(2027, 8, 31), inferred=True), first_issued_on=D(2019, 8, 1))
    assert status(held, on=D(2024, 1, 1)) is Status.UNVERIFIED
    assert status(held, on=D(2019, 7, 31)) is Status.MISSING
    finding = assess(file_of(held), [LICENSE], D(2024, 1, 1))[0]
    assert finding.reason == "There is no record of the earlier terms."


@pytest.mark.parametrize("code", BLOCKING)
def test_these_standings_block_whatever_is_printed(code: StandingCode) -> None:
    held = license_of(term(D(2025, 9, 1), D(2027, 8, 31)), standings=[Standing(code, D(2026, 10, 8))])
    assert status(held, on=D(2026, 10, 7)) in CLEAR
    assert status(held, on=D(2026, 10, 8)) is Status.BLOCKED


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (StandingCode.ACTIVE, Status.MET),
        (StandingCode.ACTIVE_RESTRICTED, Status.MET),
        (StandingCode.PENDING_INITIAL, Status.MISSING),
        (StandingCode.EXPIRED, Status.LAPSED),
        (StandingCode.UNKNOWN, Status.UNVERIFIED),
    ],
)
def test_what_the_other_standings_mean_inside_a_term(code: StandingCode, expected: Status) -> None:
    held = license_of(term(D(2025, 9, 1), D(2027, 8, 31)), standings=[Standing(code, D(2026, 1, 1))])
    assert status(held, on=D(2026, 6, 1)) is expected


@pytest.mark.parametrize("code", [StandingCode.PENDING_RENEWAL, StandingCode.GRACE])
def test_practice_goes_on_after_the_end_only_where_the_law_says_so(code: StandingCode) -> None:
    held = license_of(term(D(2024, 9, 1), D(2026, 8, 31)), standings=[Standing(code, D(2026, 8, 15))])
    assert status(held, on=D(2026, 9, 10)) is Status.LAPSED
    assert status(held, on=D(2026, 9, 10), practice_while=frozenset({code})) is Status.MET


def test_the_restriction_is_named_in_the_reason() -> None:
    told = Standing(StandingCode.ACTIVE_RESTRICTED, D(2026, 1, 1), note="No minors.")
    held = license_of(term(D(2025, 9, 1), D(2027, 8, 31)), standings=[told])
    assert "No minors." in assess(file_of(held), [LICENSE], D(2026, 6, 1))[0].reason


def test_a_later_standing_ends_an_earlier_one() -> None:
    told = [Standing(StandingCode.SUSPENDED, D(2026, 1, 1)), Standing(StandingCode.ACTIVE, D(2026, 3, 1))]
    held = license_of(term(D(2025, 9, 1), D(2027, 8, 31)), standings=told)
    assert status(held, on=D(2026, 2, 28)) is Status.BLOCKED
    assert status(held, on=D(2026, 3, 1)) is Status.MET


def test_a_word_of_the_board_that_ends_gives_way_to_the_one_before_it() -> None:
    told = [
        Standing(StandingCode.SUSPENDED, D(2026, 1, 1)),
        Standing(StandingCode.ACTIVE, D(2026, 3, 1), D(2026, 3, 31)),
    ]
    held = license_of(term(D(2025, 9, 1), D(2027, 8, 31)), standings=told)
    assert [status(held, on=D(2026, month, 31)) for month in (1, 3, 5)] == [
        Status.BLOCKED, Status.EXPIRING, Status.BLOCKED,
    ]  # fmt: skip


@given(st.lists(standings(), max_size=5), days)
def test_what_is_painted_on_a_day_is_the_standing_that_is_shown_for_it(told: list[Standing], day: date) -> None:
    held = license_of(term(BEGINNING, FOREVER), standings=told)
    shown = standing_on(told, day)
    assert (status(held, on=day) in CLEAR) is (shown is None or shown.standing is StandingCode.ACTIVE)


def test_of_two_words_of_one_day_the_one_recorded_last_holds() -> None:
    told = [Standing(StandingCode.ACTIVE, D(2026, 1, 1)), Standing(StandingCode.SUSPENDED, D(2026, 1, 1))]
    assert standing_on(told, D(2026, 2, 1)) == told[1]
    assert status(license_of(term(D(2025, 9, 1), D(2027, 8, 31)), standings=told), on=D(2026, 2, 1)) is Status.BLOCKED


def test_a_stale_look_blocks_only_where_the_provision_says_so() -> None:
    first = term(D(2025, 1, 1), D(2027, 12, 31))
    held = replace(
        license_of(first, verified=False), verifications=(look(first, D(2025, 2, 1)), look(first, D(2026, 2, 1)))
    )
    blocks = {"verify": Verify.EVERY_N_DAYS, "every_days": 90, "when_stale": WhenStale.BLOCK}
    reminds = blocks | {"when_stale": WhenStale.REMIND}
    for day, blocked in [
        (D(2025, 1, 1), 0),
        (D(2025, 5, 2), 0),
        (D(2025, 5, 3), 1),
        (D(2026, 2, 1), 0),
        (D(2026, 9, 1), 1),
    ]:
        assert (status(held, on=day, **blocks) is Status.UNVERIFIED) is bool(blocked), day
        assert status(held, on=day, **reminds) is Status.MET
    assert assess(file_of(held), [asks(**reminds)], D(2026, 3, 1))[0].recheck_on == D(2026, 5, 2)  # type: ignore[arg-type]


def test_of_several_credentials_the_best_counts() -> None:
    blocked = license_of(
        term(D(2025, 1, 1), D(2027, 1, 1)), standings=[Standing(StandingCode.SUSPENDED, D(2025, 2, 1))]
    )
    lapsed = license_of(term(D(2020, 1, 1), D(2021, 1, 1)))
    unverified = license_of(term(D(2025, 1, 1), D(2027, 1, 1)), verified=False)
    met = license_of(term(D(2025, 1, 1), D(2027, 1, 1)))
    day = D(2026, 1, 1)
    assert status(lapsed, on=day) is Status.LAPSED
    assert status(lapsed, blocked, on=day) is Status.BLOCKED
    assert status(lapsed, blocked, unverified, on=day) is Status.UNVERIFIED
    assert status(lapsed, blocked, unverified, met, on=day) is Status.MET


def test_a_license_of_another_state_or_kind_does_not_count() -> None:
    span = term(D(2025, 1, 1), D(2027, 1, 1))
    assert status(license_of(span, jurisdiction="us-tx"), on=D(2026, 1, 1)) is Status.MISSING
    assert status(license_of(span, type="cpr"), on=D(2026, 1, 1)) is Status.MISSING


def test_a_waiver_fills_what_is_not_met_between_its_days_and_at_its_clinic() -> None:
    here, there = uuid4(), uuid4()
    waiver = Waiver(uuid4(), "license", D(2026, 1, 1), D(2026, 1, 31), "delayed by the board", "Dana", here)
    file = file_of(license_of(term(D(2025, 1, 1), D(2026, 1, 10))), waivers=[waiver])
    at_here = {each.status: each for each in coverage(file, LICENSE, here)}
    assert (at_here[Status.WAIVED].starts_on, at_here[Status.WAIVED].ends_on) == (D(2026, 1, 11), D(2026, 1, 31))
    assert Status.WAIVED not in {each.status for each in coverage(file, LICENSE, there)}


def test_a_provision_that_is_not_known_asks_its_question_and_does_not_clear() -> None:
    unsure = replace(LICENSE, provisions=(Provision(asked=Asked.UNKNOWN, question="Does the city ask for a permit?"),))
    finding = assess(file_of(), [unsure], D(2026, 1, 1))[0]
    assert finding.status is Status.UNKNOWN
    assert not finding.clears
    assert "Does the city ask for a permit?" in finding.reason


def test_wordings_take_turns_on_their_days() -> None:
    first = replace(LICENSE.provisions[0], ends_on=D(2026, 6, 30))
    second = Provision(applies_on=D(2026, 7, 1), accepts=frozenset({"massage-registration"}))
    changed = replace(LICENSE, provisions=(first, second))
    file = file_of(license_of(term(D(2025, 1, 1), D(2027, 1, 1))))
    assert assess(file, [changed], D(2026, 6, 30))[0].status is Status.EXPIRING
    assert assess(file, [changed], D(2026, 7, 1))[0].status is Status.MISSING


@pytest.mark.parametrize(("before", "expected"), [(31, Status.MET), (30, Status.EXPIRING), (0, Status.EXPIRING)])
def test_expiring_is_thirty_days_of_unbroken_cover_or_less(before: int, expected: Status) -> None:
    held = license_of(term(D(2025, 1, 1), D(2026, 12, 31)))
    assert status(held, on=D(2026, 12, 31) - timedelta(days=before)) is expected


def test_a_verified_renewal_keeps_the_cover_unbroken() -> None:
    held = license_of(term(D(2023, 9, 1), D(2025, 8, 31)), term(D(2025, 9, 1), D(2027, 8, 31)))
    finding = assess(file_of(held), [LICENSE], D(2025, 8, 31))[0]
    assert (finding.status, finding.until) == (Status.MET, D(2027, 8, 31))


def test_what_is_on_record_for_a_later_day_is_said_where_nothing_is_in_force_yet() -> None:
    held = license_of(term(D(2026, 12, 1), D(2027, 11, 30)))
    finding = assess(file_of(held), [LICENSE], D(2026, 11, 23))[0]
    assert finding.reason == "None is in force yet; one on record begins Dec 1, 2026."
    assert finding.clear_from == D(2026, 12, 1)


def test_a_renewal_that_nobody_has_confirmed_is_said_and_only_waits_for_a_look() -> None:
    old, new = term(D(2024, 12, 4), D(2026, 12, 3)), term(D(2026, 12, 4), D(2028, 12, 3))
    held = replace(license_of(old, new, verified=False), verifications=(look(old, D(2025, 1, 1)),))
    finding = assess(file_of(held), [LICENSE], D(2026, 11, 22))[0]
    assert (finding.status, finding.waits_for_a_look) == (Status.EXPIRING, True)
    assert finding.reason == "Ends Dec 3, 2026. Renewed until Dec 3, 2028, but nobody has confirmed that at the source."
    proven = replace(held, verifications=(*held.verifications, look(new, D(2026, 11, 22))))
    assert not assess(file_of(proven), [LICENSE], D(2026, 11, 22))[0].waits_for_a_look
