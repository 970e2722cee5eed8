"""Which days a regular report is about, and from when on it is due."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final, NamedTuple

from compliance.domain.months import add_months
from compliance.domain.periods import ONE_DAY
from compliance.domain.release import due_at, local_day

RHYTHMS: Final = ("month", "quarter")
AT_SIX: Final = time(6)


class Turn(NamedTuple):
    """The report that is due: its days, and the instant up to which records count, which is when it became due."""

    starts_on: date
    ends_on: date
    known_at: datetime


def begins(day: date, every: str) -> date:
    """The first day of the month or quarter that a day lies in."""
    month = day.replace(day=1)
    return month if every == "month" else add_months(month, -((day.month - 1) % 3))


def due(now: datetime, zone: str, every: str, covered_until: date) -> Turn | None:
    """The report that is due at an instant; None where all that is over is covered.

    It is due from six in the morning after its last day. After months in which nothing ran it is one report, from the
    first day that none is about: nothing that lapsed meanwhile is left out, and nobody gets two.
    """
    first = begins(local_day(now, zone), every)
    if due_at(first, zone, AT_SIX) > now:
        first = begins(first - ONE_DAY, every)
    last = first - ONE_DAY
    return Turn(covered_until + ONE_DAY, last, due_at(first, zone, AT_SIX)) if last > covered_until else None
