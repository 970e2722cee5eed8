"""Rules that count from the day of issue. On later terms the printed expiry tells as much as the issue did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.domain.months import add_years, first_of_next_month, is_leap_day, is_month_end, month_end
from compliance.domain.periods import day_after
from compliance.domain.renewal_models.cycle import Cycle
from compliance.domain.renewal_models.model import NO_FACTS, NO_START, CyclicModel, RenewalFacts, RenewalModel


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueModel(RenewalModel):
    """What they have in common: today is no issue, so that it cannot stand in for one."""

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        return "" if facts.expires_on or facts.issued_on else NO_START


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAnniversary(IssueModel):
    """So many years from the issue. A printed day one earlier is the same rule, written as the last day."""

    name: ClassVar[str] = "issue-anniversary"

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        start = facts.expires_on or facts.issued_on
        return start and _anniversary(start, self.years, self.leap(facts))

    def previous_expiry(self, expires_on: date, facts: RenewalFacts = NO_FACTS) -> date:
        return _anniversary(expires_on, -self.years, self.leap(facts))

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        return facts.issued_on and _in_steps(facts.issued_on, printed, self.years)

    def leap(self, facts: RenewalFacts) -> bool:
        return is_leap_day(facts.issued_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOfMonthAfterIssue(IssueModel):
    """So many years after the first day of the calendar month that follows the issue."""

    name: ClassVar[str] = "first-of-month-after-issue"

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        if facts.expires_on:
            return add_years(facts.expires_on, self.years)
        return facts.issued_on and add_years(first_of_next_month(facts.issued_on), self.years)

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        if facts.issued_on is None:
            return printed if printed.day == 1 or is_month_end(printed) else printed.replace(day=1)
        return _in_steps(first_of_next_month(facts.issued_on), printed, self.years)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueMonthEnd(IssueModel):
    """So many years from the end of the month of issue."""

    name: ClassVar[str] = "issue-month-end"

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        start = facts.expires_on or facts.issued_on
        return start and month_end(start.year + self.years, start.month)

    def previous_expiry(self, expires_on: date, facts: RenewalFacts = NO_FACTS) -> date:
        return month_end(expires_on.year - self.years, expires_on.month)

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        start = facts.issued_on
        if start is None:
            return month_end(printed.year, printed.month)
        return _later(start, Cycle(start.month, 31, self.years, start.year % self.years), printed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAfterIssue(CyclicModel):
    """A calendar day for the second time after the issue (or as often as a term has years), and so on from there."""

    name: ClassVar[str] = "day-after-issue"
    years: int = 2
    month: int
    day: int

    def cycle(self, facts: RenewalFacts, printed: date | None) -> Cycle:
        every_year = Cycle(self.month, self.day)
        if facts.issued_on is None:
            return every_year
        first = every_year.after(add_years(facts.issued_on, self.years - 1))
        return every_year._replace(step=self.years, phase=first.year % self.years)


def _anniversary(start: date, years: int, leap: bool) -> date:
    """So many years on; what began on February 29 returns to it in leap years."""
    day = add_years(start, years)
    return month_end(day.year, 2) if leap and (day.month, day.day) == (2, 28) else day


def _in_steps(anchor: date, printed: date, years: int) -> date:
    """The multiple of the term from the anchor that lies closest; the day before it is the same rule."""
    closest = _later(anchor, Cycle(anchor.month, anchor.day, years, anchor.year % years), printed)
    return printed if closest == day_after(printed) else closest


def _later(anchor: date, cycle: Cycle, printed: date) -> date:
    """The day of the cycle closest to a printed one, and a term after the anchor at the earliest."""
    return max(cycle.nearest(printed), cycle.after(anchor))
