"""Shapes of renewal rules, one class each; `renewal.MODELS` lists them.

A model predicts when a term ends and when the one before it ended. Of a birthday or an issue on February 29 no board
was found to say what happens in common years: here it is February 28, and whoever asks is told so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date
from typing import ClassVar, Literal

from compliance.domain.months import (
    add_months,
    add_years,
    first_of_next_month,
    is_leap_day,
    is_month_end,
    month_end,
    on,
)
from compliance.domain.periods import BEGINNING, ONE_DAY, day_after


@dataclass(frozen=True, slots=True)
class RenewalFacts:
    """What is known of one credential: its issue, its printed expiry, its holder's birth date, its number."""

    issued_on: date | None = None
    expires_on: date | None = None
    birth_date: date | None = None
    number: str = ""


NO_FACTS = RenewalFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalModel:
    """A shape of rule. `years` is the length of a full term."""

    name: ClassVar[str]
    years: int = 1

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        """What has to be known before this model can predict; empty when it can."""
        return "" if _start(facts, as_of) else "When was it issued, or when does it expire?"

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        """The first end after the printed expiry, else after the issue, else after `as_of`; None if that is unknown."""
        raise NotImplementedError

    def previous_expiry(self, expires_on: date, facts: RenewalFacts = NO_FACTS) -> date:
        """The day on which the term before would have ended."""
        return add_years(expires_on, -self.years)

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        """The end that the rule gives closest to a printed one; None if the rule cannot say."""
        return None

    def leap(self, facts: RenewalFacts) -> bool:
        """Whether a February 29 is at the root of this credential's dates."""
        return False

    @property
    def spacing(self) -> int:
        """Years from one day on which somebody's term may end to the next such day."""
        return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedDate(RenewalModel):
    """The same calendar day for everybody, every year or in odd or even years."""

    name: ClassVar[str] = "fixed-date"
    month: int
    day: int
    parity: Literal["odd", "even"] | None = None

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        return _next(self, facts, as_of, self._day_in, self._is_year)

    def previous_expiry(self, expires_on: date, facts: RenewalFacts = NO_FACTS) -> date:
        ceiling = add_months(expires_on, 6 * self.spacing - 12 * self.years) + ONE_DAY
        return _nth(ceiling, -1, self._day_in, self._is_year)

    @property
    def spacing(self) -> int:
        return self.years if self.parity else 1

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        return _nearest(printed, self._day_in, self._is_year)

    def _day_in(self, year: int) -> date:
        return on(year, self.month, self.day)

    def _is_year(self, year: int) -> bool:
        return self.parity is None or year % 2 == (self.parity == "odd")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAnniversary(RenewalModel):
    """So many years from the issue. A printed day one earlier is the same rule, written as the last day."""

    name: ClassVar[str] = "issue-anniversary"

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        start = facts.expires_on or facts.issued_on
        return start and _anniversary(start, self.years, self.leap(facts))

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        return "" if _start(facts, None) else "When was it issued, or when does it expire?"

    def previous_expiry(self, expires_on: date, facts: RenewalFacts = NO_FACTS) -> date:
        return _anniversary(expires_on, -self.years, self.leap(facts))

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        return _in_steps(facts.issued_on, printed, self.years)

    def leap(self, facts: RenewalFacts) -> bool:
        return is_leap_day(facts.issued_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthMonthEnd(RenewalModel):
    """The last day of the holder's birth month; with `parity`, in years as odd or even as the birth year."""

    name: ClassVar[str] = "birth-month-end"
    parity: Literal["birth-year"] | None = None

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        return _asks_birth(facts, as_of)

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        born = facts.birth_date
        if born:
            return _next(self, facts, as_of, lambda year: month_end(year, born.month), self._is_year(born))
        return facts.expires_on and month_end(facts.expires_on.year + self.years, facts.expires_on.month)

    def previous_expiry(self, expires_on: date, facts: RenewalFacts = NO_FACTS) -> date:
        return month_end(expires_on.year - self.years, expires_on.month)

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        born = facts.birth_date
        if born is None:
            return month_end(printed.year, printed.month)
        return _nearest(printed, lambda year: month_end(year, born.month), self._is_year(born))

    @property
    def spacing(self) -> int:
        return self.years if self.parity else 1

    def _is_year(self, born: date) -> Callable[[int], bool]:
        return lambda year: self.parity is None or year % 2 == born.year % 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday(RenewalModel):
    """The holder's birthday, every year or every so many years."""

    name: ClassVar[str] = "birthday"

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        return _asks_birth(facts, as_of)

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        born = facts.birth_date
        if born:
            return _next(self, facts, as_of, lambda year: on(year, born.month, born.day))
        return facts.expires_on and add_years(facts.expires_on, self.years)

    def previous_expiry(self, expires_on: date, facts: RenewalFacts = NO_FACTS) -> date:
        return _anniversary(expires_on, -self.years, self.leap(facts))

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        born = facts.birth_date
        return born and _nearest(printed, lambda year: on(year, born.month, born.day))

    def leap(self, facts: RenewalFacts) -> bool:
        return is_leap_day(facts.birth_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOfMonthAfterIssue(RenewalModel):
    """So many years after the first day of the calendar month that follows the issue."""

    name: ClassVar[str] = "first-of-month-after-issue"

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        return "" if _start(facts, None) else "When was it issued, or when does it expire?"

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        if facts.expires_on:
            return add_years(facts.expires_on, self.years)
        return facts.issued_on and add_years(first_of_next_month(facts.issued_on), self.years)

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        if facts.issued_on is None:
            return printed if printed.day == 1 or is_month_end(printed) else printed.replace(day=1)
        return _in_steps(first_of_next_month(facts.issued_on), printed, self.years)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPeriod(RenewalModel):
    """So many years from the end printed on the registration; its anchor is on the certificate alone."""

    name: ClassVar[str] = "registration-period"

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        return "" if facts.expires_on else "Which last day is printed on the registration certificate?"

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        return facts.expires_on and add_years(facts.expires_on, self.years)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRenewal(RenewalModel):
    """It stands until someone takes it away: nothing to renew."""

    name: ClassVar[str] = "none"
    years: int = 0

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        return ""

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        return None

    def previous_expiry(self, expires_on: date, facts: RenewalFacts = NO_FACTS) -> date:
        return BEGINNING


def _start(facts: RenewalFacts, as_of: date | None) -> date | None:
    return facts.expires_on or facts.issued_on or as_of


def _asks_birth(facts: RenewalFacts, as_of: date | None) -> str:
    """A printed expiry tells month and day; without one the birth date is needed, and a day to count from."""
    if facts.expires_on:
        return ""
    if facts.birth_date is None:
        return "What is the birth date? The rule counts from it."
    return "" if _start(facts, as_of) else "When was it issued, or when does it expire?"


def _every_year(year: int) -> bool:
    return True


def _next(
    model: RenewalModel,
    facts: RenewalFacts,
    as_of: date | None,
    day_in: Callable[[int], date],
    is_year: Callable[[int], bool] = _every_year,
) -> date | None:
    """The first possible end after the start; half a step is allowed for a printed day that is off the cycle."""
    if facts.expires_on:
        floor = add_months(facts.expires_on, 12 * model.years - 6 * model.spacing) - ONE_DAY
        return _nth(floor, 1, day_in, is_year)
    start = facts.issued_on or as_of
    return start and _nth(add_years(start, model.years - model.spacing), 1, day_in, is_year)


def _nth(start: date, step: Literal[1, -1], day_in: Callable[[int], date], is_year: Callable[[int], bool]) -> date:
    """The first possible end strictly after (1) or before (-1) a day; where the calendar ends, its last year's."""
    year = start.year
    while MINYEAR < year < MAXYEAR and not (is_year(year) and (day_in(year) - start).days * step > 0):
        year += step
    return day_in(year)


def _nearest(printed: date, day_in: Callable[[int], date], is_year: Callable[[int], bool] = _every_year) -> date | None:
    """The possible end closest to a printed one, the later of two equally close."""
    possible = (day_in(year) for year in range(printed.year - 4, printed.year + 5) if is_year(year))
    return min(possible, key=lambda day: (abs(day - printed), -day.toordinal()), default=None)


def _anniversary(start: date, years: int, leap: bool) -> date:
    """So many years on; what began on February 29 returns to it in leap years."""
    day = add_years(start, years)
    return month_end(day.year, 2) if leap and (day.month, day.day) == (2, 28) else day


def _in_steps(issued_on: date | None, printed: date, years: int) -> date | None:
    """The multiple of the term from the issue that lies closest; the day before it is the same rule."""
    if issued_on is None:
        return None
    closest = _nearest(
        printed,
        lambda year: add_years(issued_on, year - issued_on.year),
        lambda year: year > issued_on.year and (year - issued_on.year) % years == 0,
    )
    return printed if closest == day_after(printed) else closest
