"""Claims about the ladder: every rung once, on its day, in every zone, with a reason for each that is left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.credential_types import DEFAULT_LADDER, Ladder
from compliance.domain.credentials import Assignment, Leave
from compliance.domain.periods import FOREVER
from compliance.domain.release import Calendar, due_at, release_day
from compliance.domain.reminders import (
    DEADLINE,
    EXPIRY,
    JOINED,
    LADDERS,
    OLDER,
    THERAPIST,
    TOO_OLD,
    Climb,
    Rung,
    choose,
    first_rung_on,
    key,
    next_rung_day,
    next_working_day,
    rungs_of,
)

ENDS = date(2027, 8, 31)
ONE, TWO = UUID(int=1), UUID(int=2)
days = st.dates(date(2020, 1, 1), date(2032, 12, 31))


def ladder(ends_on: date = ENDS, *, therapist: bool = True, managers: tuple[str, ...] = ()) -> tuple[Rung, ...]:
    return rungs_of(Climb(DEFAULT_LADDER, ends_on), therapist=therapist, managers=managers, owners=("owner:1",))


def going_out(rungs: tuple[Rung, ...], today: date) -> set[tuple[str, int]]:
    return {(each.rung.recipient, each.rung.days) for each in choose(rungs, today) if each.goes_out}


def test_the_first_rung_is_ninety_days_before_the_end() -> None:
    assert first_rung_on([Climb(DEFAULT_LADDER, ENDS)], date(2026, 1, 1)) == date(2027, 6, 2)


def test_a_term_without_an_end_has_no_rungs() -> None:
    assert ladder(FOREVER) == ()
    assert first_rung_on([Climb(DEFAULT_LADDER, FOREVER)], ENDS) is None


def test_a_missed_week_is_caught_up_by_the_most_urgent_rung_alone() -> None:
    chosen = choose(ladder(), ENDS - timedelta(days=5))
    mine = {each.rung.days: each for each in chosen if each.rung.recipient == THERAPIST}
    assert {days for days, each in mine.items() if each.goes_out} == {7}
    assert mine[14].reason == mine[30].reason == OLDER
    assert mine[60].reason == mine[90].reason == TOO_OLD


def test_a_credential_that_ended_half_a_year_ago_wakes_nobody() -> None:
    today = ENDS + timedelta(days=180)
    assert going_out(ladder(), today) == set()
    assert first_rung_on([Climb(DEFAULT_LADDER, ENDS)], today) is None


def test_each_recipient_climbs_a_ladder_of_their_own() -> None:
    assert going_out(ladder(managers=("manager:1", "manager:2")), ENDS + timedelta(days=7)) == {
        (THERAPIST, -7), ("manager:1", -7), ("manager:2", -7), ("owner:1", -7),
    }  # fmt: skip


def test_owners_stand_in_where_a_clinic_has_no_manager() -> None:
    assert ("owner:1", 14) in going_out(ladder(), ENDS - timedelta(days=14))
    assert ("owner:1", 14) not in going_out(ladder(managers=("manager:1",)), ENDS - timedelta(days=14))


def test_what_a_clinic_holds_is_said_to_its_managers_from_the_first_rung() -> None:
    rungs = ladder(therapist=False, managers=("manager:1",))
    assert going_out(rungs, ENDS - timedelta(days=90)) == {("manager:1", 90)}
    assert THERAPIST not in {rung.recipient for rung in rungs}


@given(days)
def test_walked_day_by_day_each_rung_goes_out_exactly_once_on_its_day(ends_on: date) -> None:
    rungs = ladder(ends_on, managers=("manager:1",))
    walked: list[Rung] = []
    day: date | None = first_rung_on([Climb(DEFAULT_LADDER, ends_on)], date(2019, 1, 1))
    while day is not None:
        new = [each.rung for each in choose(rungs, day) if each.goes_out and each.rung.day == day]
        assert new
        walked += new
        day = next_rung_day(rungs, day)
    assert sorted(walked, key=str) == sorted(rungs, key=str)


@given(days, st.integers(-60, 120))
def test_at_most_one_rung_a_recipient_goes_out_on_any_day(ends_on: date, before: int) -> None:
    chosen = [each.rung for each in choose(ladder(ends_on), ends_on - timedelta(days=before)) if each.goes_out]
    assert len({rung.recipient for rung in chosen}) == len(chosen)


@given(days, st.integers(-200, 200))
def test_the_day_to_look_at_a_term_is_never_later_than_what_may_go_out(ends_on: date, before: int) -> None:
    today = ends_on - timedelta(days=before)
    look = first_rung_on([Climb(DEFAULT_LADDER, ends_on)], today)
    if going_out(ladder(ends_on), today):
        assert look is not None
        assert look <= today


def test_the_twenty_ninth_of_february_is_a_day_like_any_other() -> None:
    assert going_out(ladder(date(2028, 2, 29)), date(2028, 2, 29)) == {(THERAPIST, 0), ("owner:1", 0)}
    assert going_out(ladder(date(2028, 3, 30)), date(2028, 2, 29)) == {(THERAPIST, 30)}


def test_nothing_is_said_before_renewal_opens_and_nothing_of_it_is_lost() -> None:
    opens = ENDS - timedelta(days=45)
    rungs = rungs_of(Climb(DEFAULT_LADDER, ENDS, opens_on=opens), therapist=True, managers=(), owners=())
    assert min(rung.day for rung in rungs) == opens
    assert going_out(rungs, opens - timedelta(days=1)) == set()
    chosen = {each.rung.days: each for each in choose(rungs, opens)}
    assert {days: each.goes_out for days, each in chosen.items()} == {90: False, 60: True}
    assert chosen[90].reason == JOINED


def test_a_window_that_opens_long_after_the_only_rung_still_wakes_the_planner_on_its_day() -> None:
    late = Climb(Ladder(therapist=(90,)), ENDS, opens_on=ENDS - timedelta(days=20))
    assert first_rung_on([late], ENDS - timedelta(days=25)) == ENDS - timedelta(days=20)


def test_what_falls_on_a_weekend_that_rests_goes_out_on_monday_and_only_the_most_urgent_of_it() -> None:
    sunday = date(2027, 8, 29)
    rests = Climb(DEFAULT_LADDER, sunday, calendar=Calendar(weekends=False))
    rungs = rungs_of(rests, therapist=True, managers=(), owners=())
    assert all(rung.day.weekday() < 5 for rung in rungs)
    assert going_out(rungs, sunday) == {(THERAPIST, 7)}  # of Monday before it
    assert going_out(rungs, date(2027, 8, 30)) == {(THERAPIST, 0)}


def test_the_day_to_apply_by_has_a_ladder_of_its_own_beside_the_end() -> None:
    apply_by = ENDS - timedelta(days=60)
    both = [
        *ladder(),
        *rungs_of(Climb(LADDERS[DEADLINE], apply_by, DEADLINE), therapist=True, managers=(), owners=()),
    ]
    goes = {(each.rung.anchor, each.rung.days) for each in choose(both, apply_by) if each.goes_out}
    assert goes == {(EXPIRY, 60), (DEADLINE, 0)}


@pytest.mark.parametrize(
    ("at", "rests"),
    [
        ("2027-06-02T12:59", False), ("2027-06-02T22:00", True), ("2027-06-03T06:59", True),
        ("2027-06-03T07:00", False), ("2027-06-05T12:00", True), ("2027-06-07T12:00", False),
    ],
)  # fmt: skip
def test_quiet_hours_over_midnight_and_weekends_hold_everything_back(at: str, rests: bool) -> None:
    calendar = Calendar(weekends=False, quiet_from=time(22), quiet_to=time(7))
    assert calendar.rests(
        datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("America/New_York")), "America/New_York"
    ) is (rests)


def test_without_quiet_hours_no_hour_is_quiet() -> None:
    assert not any(
        Calendar().rests(datetime(2027, 6, 5, hour, minute, tzinfo=UTC), "UTC")
        for hour in range(24)
        for minute in (0, 30)
    )


def test_the_hour_is_that_of_the_zone_on_both_sides_of_the_clock_change() -> None:
    assert due_at(date(2027, 3, 13), "America/New_York") == datetime(2027, 3, 13, 14, tzinfo=UTC)
    assert due_at(date(2027, 3, 14), "America/New_York") == datetime(2027, 3, 14, 13, tzinfo=UTC)
    assert due_at(date(2027, 11, 7), "America/New_York") == datetime(2027, 11, 7, 14, tzinfo=UTC)


def test_an_hour_that_the_zone_leaves_out_is_moved_not_lost() -> None:
    two_thirty = time(2, 30)
    moved = due_at(date(2027, 3, 14), "America/New_York", two_thirty)
    assert moved.astimezone(ZoneInfo("America/New_York")).strftime("%d %H:%M") == "14 03:30"


def test_an_hour_that_comes_twice_counts_the_first_time() -> None:
    one_thirty = time(1, 30)
    assert due_at(date(2027, 11, 7), "America/New_York", one_thirty) == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("year", [2028])
def test_in_every_zone_each_day_of_a_leap_year_is_released_once_and_in_order(year: int) -> None:
    for zone in sorted(available_timezones()):
        last = due_at(date(year - 1, 12, 31), zone)
        for count in range(366):
            day = date(year, 1, 1) + timedelta(days=count)
            instant = due_at(day, zone)
            assert timedelta(hours=22) <= instant - last <= timedelta(hours=26), (zone, day)
            assert release_day(instant, zone) == day, (zone, day)
            assert release_day(instant - timedelta(seconds=1), zone) == day - timedelta(days=1), (zone, day)
            last = instant


def test_a_key_tells_every_part_apart_and_knows_no_instant() -> None:
    keys = {
        key(organization, subject, anchor, on, rung, who, channel)
        for organization in (ONE, TWO) for subject in (ONE, TWO) for on in (ENDS, date(2029, 8, 31))
        for anchor in (EXPIRY, DEADLINE)
        for rung in (1, -1, 11) for who in (THERAPIST, "manager:1") for channel in ("email", "sms")
    }  # fmt: skip
    assert len(keys) == 2 * 2 * 2 * 2 * 3 * 2 * 2
    assert all(":00" not in each for each in keys)


def work(start: date, end: date = FOREVER, clinic: UUID = ONE) -> Assignment:
    return Assignment(ONE, clinic, ("massage-therapy",), start, end)


TODAY = date(2027, 6, 1)


@pytest.mark.parametrize(
    ("assignments", "leaves", "expected"),
    [
        ((work(date(2020, 1, 1)),), (), TODAY),
        ((work(date(2020, 1, 1), date(2027, 5, 31)),), (), None),
        ((work(date(2027, 7, 1)),), (), date(2027, 7, 1)),
        ((work(date(2020, 1, 1)),), (Leave(None, TODAY, date(2027, 6, 9)),), date(2027, 6, 10)),
        ((work(date(2020, 1, 1)),), (Leave(None, TODAY, FOREVER),), None),
        ((work(date(2020, 1, 1)),), (Leave(TWO, TODAY, FOREVER),), TODAY),
        ((work(date(2020, 1, 1)), work(date(2020, 1, 1), clinic=TWO)), (Leave(ONE, TODAY, FOREVER),), TODAY),
        ((work(date(2020, 1, 1), date(2027, 6, 5)),), (Leave(None, TODAY, date(2027, 6, 9)),), None),
        (
            (work(date(2020, 1, 1)),),
            (Leave(None, date(2027, 6, 10), date(2027, 6, 20)), Leave(None, TODAY, date(2027, 6, 9))),
            date(2027, 6, 21),
        ),
    ],
)
def test_reminders_rest_while_nobody_works_and_wake_on_the_day_of_return(
    assignments: tuple[Assignment, ...], leaves: tuple[Leave, ...], expected: date | None
) -> None:
    assert next_working_day(assignments, leaves, TODAY) == expected
