"""For which day a digest is due: once a week, at its hour, in the reader's zone, caught up for three days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as some

from compliance.domain.digests import due_day

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NEW_YORK = "America/New_York"
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in November 2026, in New York; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)


def due(now: datetime, last_on: date | None = None, since: datetime = LONG_AGO) -> date | None:
    return due_day(now, NEW_YORK, 0, 7, last_on=last_on, since=since)


def test_it_is_due_from_its_hour_on_and_not_before() -> None:
    assert due(at(23, 6, 59), last_on=date(2026, 11, 16)) is None
    assert due(at(23, 7)) == date(2026, 11, 23)


def test_one_that_was_written_is_not_due_again() -> None:
    assert due(at(23, 9), last_on=date(2026, 11, 23)) is None


def test_a_late_one_is_caught_up_for_three_days_and_then_left_to_the_next_week() -> None:
    assert due(at(26, 6)) == date(2026, 11, 23)
    assert due(at(26, 8)) is None
    assert due(at(30, 7)) == date(2026, 11, 30)


def test_nothing_is_caught_up_from_before_somebody_was_a_reader() -> None:
    assert due(at(24, 9), since=at(23, 12)) is None
    assert due(at(30, 9), since=at(23, 12)) == date(2026, 11, 30)


@settings(deadline=None)
@given(some.sampled_from(ZONES), some.integers(0, 6), some.integers(5, 22), some.integers(0, 24 * 20))
def test_whoever_looks_every_few_hours_finds_exactly_one_a_week(zone: str, weekday: int, hour: int, begin: int) -> None:
    """In every zone, whatever its clocks do."""
    now = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=begin)
    last: date | None = None
    found: list[date] = []
    for _ in range(8 * 7 * 4):
        day = due_day(now, zone, weekday, hour, last_on=last, since=LONG_AGO)
        if day is not None:
            last = day
            found.append(day)
        now += timedelta(hours=3)
    assert all(each.weekday() == weekday for each in found)
    assert all((later - earlier).days == 7 for earlier, later in pairwise(found))
    assert 4 <= len(found) <= 5
