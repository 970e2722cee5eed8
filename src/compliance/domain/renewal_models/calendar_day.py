"""Rules that name a day of the year: the same for everybody, or told by the number or the name on the license."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from compliance.domain.renewal_models.cycle import Cycle
from compliance.domain.renewal_models.model import CyclicModel, RenewalFacts

Parity = Literal["odd", "even"]
MONTH_END = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedDate(CyclicModel):
    """The same calendar day for everybody: every year, in odd or even years, or every so many from `cycle_year` on."""

    name: ClassVar[str] = "fixed-date"
    month: int
    day: int
    parity: Parity | None = None
    cycle_year: int | None = None

    def cycle(self, facts: RenewalFacts, printed: date | None) -> Cycle:
        if self.parity is not None:
            return Cycle(self.month, self.day, self.years, _phase(self.parity))
        if self.cycle_year is not None:
            return Cycle(self.month, self.day, self.years, self.cycle_year % self.years)
        return Cycle(self.month, self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedDateUnknownTerm(CyclicModel):
    """A day of the year is known and the length of a term is not: nothing is predicted, a printed day is checked.

    Of a term before it one year is taken, so that no day is claimed that may belong to another.
    """

    name: ClassVar[str] = "fixed-date-unknown-term"
    month: int
    day: int

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        return "How many years does a term last here? The sources do not agree."

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        return None

    def cycle(self, facts: RenewalFacts, printed: date | None) -> Cycle:
        return Cycle(self.month, self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberParity(CyclicModel):
    """One calendar day; odd license numbers in odd years, even ones in even years."""

    name: ClassVar[str] = "number-parity"
    years: int = 2
    month: int
    day: int

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        if not facts.expires_on and _last_digit(facts.number) is None:
            return "What is the license number? Odd ones end in odd years, even ones in even years."
        return super(NumberParity, self).asks(facts, as_of)

    def cycle(self, facts: RenewalFacts, printed: date | None) -> Cycle | None:
        digit = _last_digit(facts.number)
        told = printed.year if digit is None and printed else digit
        return None if told is None else Cycle(self.month, self.day, 2, told % 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurnameInitial(CyclicModel):
    """The last day of a month told by the surname's first letter. A group: first letter, last letter, month, years."""

    name: ClassVar[str] = "surname-initial"
    years: int = 2
    groups: tuple[tuple[str, str, int, Parity], ...]

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        if not facts.expires_on and self._told_by(facts.surname) is None:
            return "Which surname is on the license? The rule goes by its first letter."
        return super(SurnameInitial, self).asks(facts, as_of)

    def cycle(self, facts: RenewalFacts, printed: date | None) -> Cycle | None:
        told = self._told_by(facts.surname)
        if told is None and printed:
            return Cycle(printed.month, MONTH_END, 2, printed.year % 2)
        return told

    def _told_by(self, surname: str) -> Cycle | None:
        letter = _initial(surname)
        found = (each for each in self.groups if letter and each[0] <= letter <= each[1])
        return next((Cycle(month, MONTH_END, 2, _phase(parity)) for _, _, month, parity in found), None)


def _phase(parity: Parity) -> int:
    return 1 if parity == "odd" else 0


def _last_digit(number: str) -> int | None:
    """An odd or even number is told by its last digit, whatever stands around it."""
    return next((int(each) for each in reversed(number) if each in "0123456789"), None)


def _initial(surname: str) -> str:
    """The first letter without its accent; empty for a name in another alphabet."""
    plain = unicodedata.normalize("NFKD", surname).encode("ascii", "ignore").decode()
    return next((each.upper() for each in plain if each.isalpha()), "")
