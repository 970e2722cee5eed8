"""What every shape of rule answers, and what most of them have in common: a cycle of days of the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.domain.months import add_months, add_years
from compliance.domain.periods import day_before
from compliance.domain.renewal_models.cycle import Cycle

NO_START = "When was it issued, or when does it expire?"


@dataclass(frozen=True, slots=True)
class RenewalFacts:
    """What is known of one credential: its issue, its printed expiry, its number, its holder's birth date and name."""

    issued_on: date | None = None
    expires_on: date | None = None
    birth_date: date | None = None
    number: str = ""
    surname: str = ""


NO_FACTS = RenewalFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalModel:
    """A shape of rule. `years` is the length of a full term."""

    name: ClassVar[str]
    years: int = 1

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        """What has to be known before this model can predict; empty when it can."""
        return "" if facts.expires_on or facts.issued_on or as_of else NO_START

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CyclicModel(RenewalModel):
    """A rule whose terms end on a day of the year.

    `first_months` is how long a first term lasts at least; without it a first term is a full one, shortened to reach
    a day of the cycle.
    """

    first_months: int | None = None

    def cycle(self, facts: RenewalFacts, printed: date | None) -> Cycle | None:
        """The days on which this credential may end; a printed one tells what is not known otherwise."""
        raise NotImplementedError

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        printed = facts.expires_on
        cycle = self.cycle(facts, printed)
        if cycle is None:
            return None
        if printed:
            return cycle.term_after(printed, self.years)
        start = facts.issued_on or as_of
        return start and cycle.after(self._first_floor(start, cycle))

    def previous_expiry(self, expires_on: date, facts: RenewalFacts = NO_FACTS) -> date:
        cycle = self.cycle(facts, expires_on)
        return cycle.term_before(expires_on, self.years) if cycle else add_years(expires_on, -self.years)

    def nearest(self, facts: RenewalFacts, printed: date) -> date | None:
        cycle = self.cycle(facts, printed)
        return cycle and cycle.nearest(printed)

    def _first_floor(self, start: date, cycle: Cycle) -> date:
        """A first term ends strictly after this day."""
        if self.first_months is None:
            return add_years(start, self.years - cycle.step)
        return max(start, day_before(add_months(start, self.first_months)))
