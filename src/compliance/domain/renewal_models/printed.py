"""Rules that name no day: it stands on the paper alone, or there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.domain.months import add_years
from compliance.domain.periods import BEGINNING
from compliance.domain.renewal_models.model import NO_FACTS, RenewalFacts, RenewalModel


@dataclass(frozen=True, slots=True, kw_only=True)
class AsPrinted(RenewalModel):
    """The length of a term is known, the day on which it ends is known from the license alone."""

    name: ClassVar[str] = "as-printed"

    def asks(self, facts: RenewalFacts, as_of: date | None = None) -> str:
        return "" if facts.expires_on else "Which last day is printed on it?"

    def next_expiry(self, facts: RenewalFacts, as_of: date | None = None) -> date | None:
        return facts.expires_on and add_years(facts.expires_on, self.years)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPeriod(RenewalModel):
    """So many years from the end printed on the registration beside a license that stands."""

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
