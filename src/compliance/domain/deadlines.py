"""A day told from the end of a term: when renewal opens, until when to apply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from compliance.domain.months import add_months, on
from compliance.domain.periods import BEGINNING, FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBefore:
    """Exactly one of: so many `days` before the end; the first of the month that lies so many `months` before it; the
    last `day` of `month` up to the end.
    """

    days: int | None = None
    months: int | None = None
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        by_date = None if self.month is None or self.day is None else self.month
        if sum(each is not None for each in (self.days, self.months, by_date)) != 1:
            raise ValueError("say `days`, or `months`, or `month` and `day`")

    def of(self, expires_on: date) -> date:
        """That day for a term with this end; a term without end stays where it is."""
        if expires_on == FOREVER:
            return FOREVER
        if self.days is not None:
            before = timedelta(days=self.days)
            return expires_on - before if expires_on - BEGINNING >= before else BEGINNING
        if self.months is not None:
            return add_months(expires_on.replace(day=1), -self.months)
        return self._last_calendar_day(expires_on)

    def _last_calendar_day(self, expires_on: date) -> date:
        month, day = self.month or 1, self.day or 1
        this_year = on(expires_on.year, month, day)
        return this_year if this_year <= expires_on else on(expires_on.year - 1, month, day)
