"""Rules that go by the holder's birth date. A printed expiry tells month and day where that is not known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from compliance.domain.months import is_leap_day
from compliance.domain.renewal_models.cycle import Cycle
from compliance.domain.renewal_models.model import CyclicModel, RenewalFacts

MONTH_END = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthModel(CyclicModel):
    """What the three have in common: without birth date and printed expiry they ask."""

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        if not facts.expires_on and facts.birth_date is None:
            return "What is the birth date? The rule counts from it."
        return super(BirthModel, self).asks(facts, as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthMonthEnd(BirthModel):
    """The last day of the holder's birth month; with `parity`, in years as odd or even as the birth year."""

    name: ClassVar[str] = "birth-month-end"
    parity: Literal["birth-year"] | None = None

    def cycle(self, facts: RenewalFacts, printed: date | None) -> Cycle | None:
        born = facts.birth_date
        if born is None:
            return Cycle(printed.month, MONTH_END) if printed else None
        if self.parity is None:
            return Cycle(born.month, MONTH_END)
        return Cycle(born.month, MONTH_END, self.years, born.year % self.years)


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthMonthDay(BirthModel):
    """One day of the holder's birth month, such as its 28th."""

    name: ClassVar[str] = "birth-month-day"
    day: int

    def cycle(self, facts: RenewalFacts, printed: date | None) -> Cycle | None:
        told = facts.birth_date or printed
        return Cycle(told.month, self.day) if told else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday(BirthModel):
    """The holder's birthday, every year or every so many years."""

    name: ClassVar[str] = "birthday"

    def cycle(self, facts: RenewalFacts, printed: date | None) -> Cycle | None:
        told = facts.birth_date or printed
        return Cycle(told.month, told.day) if told else None

    def leap(self, facts: RenewalFacts) -> bool:
        return is_leap_day(facts.birth_date)
