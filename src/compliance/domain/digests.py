"""The weekly digest: for which day one is due. An hour of a weekday in the reader's zone; a late one is caught up."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from compliance.domain.periods import ONE_DAY
from compliance.domain.release import due_at, local_day

MONDAY, WEEK, AT_SEVEN = 0, 7, 7
CATCH_UP: Final = timedelta(days=3)
"""A digest that is later than this is left to the next week: its news has been seen, or is no news."""


def due_day(now: datetime, zone: str, weekday: int, hour: int, *, last_on: date | None, since: datetime) -> date | None:
    """The day of the digest that is due now, after the last one; None when none is, or it is too late for it.

    `since` is when the reader began to be one: nothing is caught up from before.
    """
    today = local_day(now, zone)
    day = today - ONE_DAY * ((today.weekday() - weekday) % WEEK)
    if due_at(day, zone, time(hour)) > now:
        day -= ONE_DAY * WEEK
    instant = due_at(day, zone, time(hour))
    late = now - instant > CATCH_UP or instant < since
    return None if late or (last_on is not None and day <= last_on) else day
