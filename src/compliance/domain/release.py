"""When a reminder may leave: from an hour of its day in a zone, never inside quiet hours, at weekends only if allowed.

Only here does a day become an instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from compliance.domain.periods import FOREVER, ONE_DAY

HOUR: Final = time(9)
SATURDAY: Final = 5
HALF_AN_HOUR: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an organization's reminders leave: from `hour` on, not between `quiet_from` and `quiet_to` (which may lie
    beyond midnight; equal: never quiet), and with `weekends` off not on a Saturday or Sunday."""

    hour: time = HOUR
    weekends: bool = True
    quiet_from: time = time(0)
    quiet_to: time = time(0)

    def working_day(self, day: date) -> date:
        """The day itself, or the Monday after a weekend that rests."""
        if self.weekends or day.weekday() < SATURDAY or day.toordinal() + 2 > FOREVER.toordinal():
            return day
        return date.fromordinal(day.toordinal() + 7 - day.weekday())

    def rests(self, now: datetime, zone: str) -> bool:
        """Whether nothing may leave at this instant, whatever is due."""
        local = now.astimezone(ZoneInfo(zone))
        return self.quiet_at(local.time()) or (not self.weekends and local.weekday() >= SATURDAY)

    def wakes_at(self, now: datetime, zone: str) -> datetime:
        """The first instant from now on at which something may leave."""
        at = now
        while self.rests(at, zone):
            later = self._rest_ends(at.astimezone(ZoneInfo(zone)), zone)
            at = later if later > at else at + HALF_AN_HOUR  # inside an hour that the zone repeats
        return at

    def _rest_ends(self, local: datetime, zone: str) -> datetime:
        """Where the quiet hours, or the weekend, of this instant end."""
        if not self.weekends and local.weekday() >= SATURDAY:
            return due_at(self.working_day(local.date()), zone, time(0))
        tomorrow = local.time() >= self.quiet_to
        return due_at(local.date() + ONE_DAY if tomorrow else local.date(), zone, self.quiet_to)

    def quiet_at(self, at: time) -> bool:
        """Whether this time of day lies in the quiet hours."""
        start, end = self.quiet_from, self.quiet_to
        return start <= at < end if start <= end else at >= start or at < end

    def as_json(self) -> dict[str, object]:
        """As the organization's settings keep it."""
        return {
            "hour": self.hour.isoformat("minutes"),
            "weekends": self.weekends,
            "quiet_from": self.quiet_from.isoformat("minutes"),
            "quiet_to": self.quiet_to.isoformat("minutes"),
        }


ANY_DAY: Final = Calendar()


def calendar_of(settings: Mapping[str, object]) -> Calendar:
    """The calendar in an organization's settings, under `reminders`; what is not set there is as for everybody."""
    given = settings.get("reminders")
    kept: Mapping[str, object] = given if isinstance(given, Mapping) else {}
    times = {name: _time(kept.get(name)) for name in ("hour", "quiet_from", "quiet_to")}
    return Calendar(
        hour=times["hour"] or HOUR,
        weekends=kept.get("weekends") is not False,
        quiet_from=times["quiet_from"] or time(0),
        quiet_to=times["quiet_to"] or time(0),
    )


def _time(value: object) -> time | None:
    return time.fromisoformat(value) if isinstance(value, str) and value else None


def due_at(day: date, zone: str, at: time = HOUR) -> datetime:
    """The instant of an hour of a day in a zone, in UTC.

    An hour that the zone leaves out is moved as far as the clocks are; of one that comes twice, the first counts.
    """
    return datetime.combine(day, at).replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def local_day(now: datetime, zone: str) -> date:
    """The calendar day in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def release_day(now: datetime, zone: str, at: time = HOUR) -> date:
    """The latest day of the zone whose hour has come: what is due up to it may go out."""
    today = local_day(now, zone)
    return today if due_at(today, zone, at) <= now.astimezone(UTC) else today - ONE_DAY
