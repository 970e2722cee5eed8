"""Walks ladders hour by hour in every time zone: each step goes out exactly once, on its day, from nine o'clock on.

    python -m tests.domain.every_zone [YEAR]

takes every day of a year (a leap year unless told) as the last day of a term, in every zone there is: some minutes.
Zones whose clocks show the same at every hour of that time are one and are walked once. The suite takes the days around
each clock change, the ends of months and leap day (`test_every_zone.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from compliance.domain.credential_types import Ladder
from compliance.domain.release import HOUR, release_day
from compliance.domain.reminders import Climb, Rung, choose, rungs_of

STEPS = Ladder(therapist=(2, 1, 0, -1))
LEAP_YEAR = 2028
HOURS = 24 * 7


def check(zone: str, ends_on: date) -> None:
    """AssertionError if a step of this term is lost, doubled, early, late or on another day than its own."""
    rungs = rungs_of(Climb(STEPS, ends_on), therapist=True, managers=(), owners=())
    fired: dict[Rung, datetime] = {}
    decided: set[Rung] = set()
    for now in hours_around(ends_on):
        for choice in choose(rungs, release_day(now, zone)):
            if choice.rung not in decided:
                decided.add(choice.rung)
                assert choice.goes_out, (zone, ends_on, choice)
                fired[choice.rung] = now
    assert set(fired) == set(rungs), (zone, ends_on)
    for rung, at in fired.items():
        local = at.astimezone(ZoneInfo(zone))
        assert local.date() == rung.day, (zone, ends_on, rung, at)
        assert HOUR <= local.time() < time(11), (zone, ends_on, rung, at)


def hours_around(day: date) -> Iterator[datetime]:
    """Every full hour from four days before to three days after, in UTC."""
    start = datetime.combine(day, time(), UTC) - timedelta(days=4)
    return (start + timedelta(hours=count) for count in range(HOURS))


def changes(zone: str, year: int) -> list[date]:
    """The days of a year on which a zone's clocks change."""
    place = ZoneInfo(zone)
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=count) for count in range(366)]
    offsets = [each.astimezone(place).utcoffset() for each in noons]
    pairs = zip(noons[1:], offsets, offsets[1:], strict=False)
    return [noon.astimezone(place).date() for noon, before, after in pairs if before != after]


def days_of(year: int) -> list[date]:
    """Every day of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=count) for count in range((date(year + 1, 1, 1) - first).days)]


def kept_alike(year: int) -> list[list[str]]:
    """All zones of the database, those together whose clocks agree at every hour that the walk through a year meets."""
    days = days_of(year)
    start = datetime.combine(days[0], time(), UTC) - timedelta(days=7)
    hours = [start + timedelta(hours=count) for count in range(24 * (len(days) + 14))]
    alike: dict[tuple[timedelta | None, ...], list[str]] = {}
    for name in sorted(available_timezones()):
        place = ZoneInfo(name)
        alike.setdefault(tuple(each.astimezone(place).utcoffset() for each in hours), []).append(name)
    return list(alike.values())


def main(year: int) -> None:
    """The whole of it."""
    groups = kept_alike(year)
    for number, names in enumerate(groups, 1):
        for day in days_of(year):
            check(names[0], day)
        sys.stdout.write(f"{number} of {len(groups)}: {', '.join(names)}\n")
    sys.stdout.write(f"{sum(map(len, groups))} zones, every day of {year}: each step once, on its day.\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LEAP_YEAR)
