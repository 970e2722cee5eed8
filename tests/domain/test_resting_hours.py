"""Claims about the instant at which an organization's rest ends."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.release import Calendar

MINUTES = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
ZONES = st.sampled_from(["America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "Australia/Lord_Howe", "UTC"])
SPRING = datetime(2027, 3, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 274 * 24 * 60).map(lambda minutes: SPRING + timedelta(minutes=minutes))


@given(INSTANTS, ZONES, st.booleans(), MINUTES, MINUTES)
def test_a_rest_ends_at_the_first_instant_that_does_not_rest(
    now: datetime, zone: str, weekends: bool, start: time, end: time
) -> None:
    calendar = Calendar(weekends=weekends, quiet_from=start, quiet_to=end)
    until = calendar.wakes_at(now, zone)
    assert until >= now
    assert not calendar.rests(until, zone)
    assert until - now <= timedelta(days=4)
    assert until == now or calendar.rests(until - timedelta(minutes=1), zone)


def test_a_calendar_that_never_rests_is_always_awake() -> None:
    now = datetime(2027, 3, 14, 7, tzinfo=UTC)
    assert Calendar().wakes_at(now, "America/New_York") == now
