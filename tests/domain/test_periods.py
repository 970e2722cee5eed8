"""The arithmetic of days: nothing is lost and nothing counted twice."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.periods import (
    ALWAYS,
    BEGINNING,
    FOREVER,
    Period,
    clip,
    day_after,
    difference,
    gaps,
    intersection,
    period,
    union,
)
from tests.domain.files import FIRST, LAST, days, periods

lists = st.lists(periods(), max_size=8)
WITHIN = Period(FIRST, LAST)


def days_of(spans: tuple[Period, ...] | list[Period]) -> set[date]:
    return {
        date.fromordinal(n) for each in spans for n in range(each.starts_on.toordinal(), each.ends_on.toordinal() + 1)
    }


@given(lists)
def test_union_and_gaps_partition_the_time_line(spans: list[Period]) -> None:
    held, free = union(spans), gaps(spans)
    both = sorted([*held, *free])
    assert both[0].starts_on == BEGINNING
    assert both[-1].ends_on == FOREVER
    for left, right in pairwise(both):
        assert right.starts_on == day_after(left.ends_on)


@given(lists)
def test_union_holds_each_day_once(spans: list[Period]) -> None:
    merged = union(spans)
    assert days_of(merged) == days_of(spans)
    assert sum((each.ends_on - each.starts_on).days + 1 for each in merged) == len(days_of(spans))


@given(lists, lists)
def test_intersection_and_difference_are_those_of_the_days(left: list[Period], right: list[Period]) -> None:
    assert days_of(intersection(left, right)) == days_of(left) & days_of(right)
    assert days_of(difference(left, right)) == days_of(left) - days_of(right)


@given(lists, days)
def test_a_day_is_held_or_free_and_never_both(spans: list[Period], day: date) -> None:
    assert any(each.holds(day) for each in union(spans)) is not any(each.holds(day) for each in gaps(spans))


@given(lists)
def test_clipping_keeps_exactly_the_days_within(spans: list[Period]) -> None:
    assert days_of(clip(spans, WITHIN)) == {day for day in days_of(spans) if WITHIN.holds(day)}


@pytest.mark.parametrize("year", [2023, 2024, 2027, 2028])
def test_neighbors_join_over_every_month_end_of_common_and_leap_years(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert union([Period(day, day), Period(day_after(day), day_after(day))]) == (Period(day, day_after(day)),)
        day += timedelta(days=1)


def test_a_period_that_ends_before_it_begins_is_refused_with_both_days() -> None:
    with pytest.raises(ValueError, match=r"2026-01-01.*2026-01-02"):
        period(date(2026, 1, 2), date(2026, 1, 1))


def test_an_open_end_leaves_no_gap_behind_it() -> None:
    assert gaps([Period(date(2026, 1, 1), FOREVER)]) == (Period(BEGINNING, date(2025, 12, 31)),)
    assert gaps([], ALWAYS) == (ALWAYS,)
