"""Each step of a ladder goes out exactly once, on its day, in every time zone and over both clock changes."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import available_timezones

import pytest

from compliance.domain.release import release_day
from tests.domain.every_zone import LEAP_YEAR, changes, check

ZONES = sorted(available_timezones())
NEAR = tuple(timedelta(days=each) for each in (-1, 0, 1))


@pytest.mark.parametrize("part", range(4))
def test_in_every_zone_each_step_goes_out_once_on_its_day(part: int) -> None:
    for number, zone in enumerate(ZONES[part::4]):
        month_end = date(LEAP_YEAR, number % 12 + 1, 1) - timedelta(days=1)
        check(zone, date(LEAP_YEAR, 2, 29))
        check(zone, month_end)


def test_over_every_clock_change_of_every_kind_each_step_goes_out_once_on_its_day() -> None:
    kinds = {(tuple(changes(zone, LEAP_YEAR)), zone.partition("/")[0]): zone for zone in ZONES}
    assert sum(bool(days) for days, _ in kinds) > 20
    for (days, _), zone in kinds.items():
        for day in days:
            for near in NEAR:
                check(zone, day + near)


def test_the_walk_itself_sees_a_step_that_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release at eight instead of nine is a fault that it finds."""
    early = timedelta(hours=1)
    wrong = "tests.domain.every_zone.release_day"
    monkeypatch.setattr(wrong, lambda now, zone: release_day(now + early, zone))
    with pytest.raises(AssertionError):
        check("America/New_York", date(LEAP_YEAR, 3, 12))
