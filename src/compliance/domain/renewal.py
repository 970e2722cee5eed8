"""When a term ends by the rule, when it can be renewed, and whether a printed expiry agrees.

A rule predicts; the printed expiry always wins, and a printed day that disagrees is a question, never a refusal.
Missing facts give a question rather than a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from compliance.domain.deadlines import DayBefore
from compliance.domain.hours import ContinuingEducation
from compliance.domain.months import in_words
from compliance.domain.periods import BEGINNING, FOREVER
from compliance.domain.renewal_models import (
    AsPrinted,
    Birthday,
    BirthMonthDay,
    BirthMonthEnd,
    DayAfterIssue,
    FirstOfMonthAfterIssue,
    FixedDate,
    FixedDateUnknownTerm,
    IssueAnniversary,
    IssueMonthEnd,
    NoRenewal,
    NumberParity,
    RegistrationPeriod,
    RenewalFacts,
    RenewalModel,
    SurnameInitial,
)
from compliance.domain.requirements import Citation, Confidence

__all__ = [
    "MODELS",
    "AsPrinted",
    "BirthMonthDay",
    "BirthMonthEnd",
    "Birthday",
    "DayAfterIssue",
    "DayBefore",
    "FirstOfMonthAfterIssue",
    "FixedDate",
    "FixedDateUnknownTerm",
    "IssueAnniversary",
    "IssueMonthEnd",
    "NoRenewal",
    "NumberParity",
    "RegistrationPeriod",
    "Renewal",
    "RenewalFacts",
    "RenewalModel",
    "RenewalRule",
    "SurnameInitial",
    "disagrees",
    "predict",
]

LEAP_NOTE = "February 29 is counted as February 28 in common years; no rule of the board was found that says so. Check."
UNKNOWN_WINDOW = "When renewal opens is not known here; ask the board."

MODELS: Mapping[str, type[RenewalModel]] = MappingProxyType(
    {
        each.name: each
        for each in (
            FixedDate,
            FixedDateUnknownTerm,
            NumberParity,
            SurnameInitial,
            Birthday,
            BirthMonthDay,
            BirthMonthEnd,
            IssueAnniversary,
            IssueMonthEnd,
            FirstOfMonthAfterIssue,
            DayAfterIssue,
            AsPrinted,
            RegistrationPeriod,
            NoRenewal,
        )
    }
)
"""Every shape by its name in the catalog's files."""


@dataclass(frozen=True, slots=True)
class RenewalRule:
    """How one type of credential is renewed in one jurisdiction, from one effective date to the next.

    Renewal opens so many days before the end, or on the day that `opens` tells; with neither, that is unknown.
    `apply_by` is the last day to apply where it comes before the end itself.
    """

    type: str
    model: RenewalModel
    citation: Citation
    jurisdiction: str | None = None
    window_days_before: int | None = None
    opens: DayBefore | None = None
    window_citation: Citation | None = None
    apply_by: DayBefore | None = None
    continuing_education: ContinuingEducation | None = None
    notes: tuple[str, ...] = ()
    applies_on: date = BEGINNING
    ends_on: date = FOREVER

    def window_opens_on(self, expires_on: date | None) -> date | None:
        """The first day on which a term that ends then can be renewed; None if that is unknown."""
        days = self.window_days_before
        opens = self.opens or (None if days is None else DayBefore(days=days))
        return opens.of(expires_on) if opens and expires_on else None

    def apply_by_on(self, expires_on: date | None) -> date | None:
        """The last day to apply for a term that ends then; None where the law names none apart from the end."""
        return self.apply_by.of(expires_on) if self.apply_by and expires_on else None


@dataclass(frozen=True, slots=True)
class Renewal:
    """The answer: the next expiry, when the term that ends first can be renewed, and what has to be asked instead."""

    next_expires_on: date | None
    window_opens_on: date | None
    apply_by_on: date | None
    model: str
    citation: Citation
    confidence: Confidence
    continuing_education: ContinuingEducation | None
    notes: tuple[str, ...]
    question: str = ""


def predict(rule: RenewalRule, facts: RenewalFacts, as_of: date | None = None) -> Renewal:
    """What the rule says of this credential. `as_of` stands in where neither issue nor expiry is known."""
    facts = _finite(facts)
    model, asked = rule.model, rule.model.asks(facts, as_of)
    next_on = None if asked else model.next_expiry(facts, as_of)
    if not asked and facts.expires_on:
        asked = disagrees(model, facts, facts.expires_on) or ""
    return Renewal(
        next_expires_on=next_on,
        window_opens_on=rule.window_opens_on(facts.expires_on or next_on),
        apply_by_on=rule.apply_by_on(facts.expires_on or next_on),
        model=model.name,
        citation=rule.citation,
        confidence=rule.citation.confidence,
        continuing_education=rule.continuing_education,
        notes=(*rule.notes, *_notes(rule, facts, next_on)),
        question=asked,
    )


def disagrees(model: RenewalModel, facts: RenewalFacts, printed: date) -> str | None:
    """The question to ask when a printed expiry is not what the rule gives; the printed one wins all the same."""
    if printed == FOREVER:
        return None
    if isinstance(model, NoRenewal):
        return f"By the rule this does not expire, but {in_words(printed)} is given. Is it the date of something else?"
    expected = model.nearest(facts, printed)
    if expected is None or expected == printed:
        return None
    return f"{in_words(printed)} is given as expiry; by the rule it would be {in_words(expected)}. Is it read right?"


def _notes(rule: RenewalRule, facts: RenewalFacts, next_on: date | None) -> tuple[str, ...]:
    """What a reader should know beside the dates."""
    told = rule.opens is not None or rule.window_days_before is not None
    unknown_window = not told and not isinstance(rule.model, NoRenewal)
    leap = next_on is not None and rule.model.leap(facts)
    return (*((UNKNOWN_WINDOW,) if unknown_window else ()), *((LEAP_NOTE,) if leap else ()))


def _finite(facts: RenewalFacts) -> RenewalFacts:
    """An end at FOREVER is no printed expiry."""
    return replace(facts, expires_on=None) if facts.expires_on == FOREVER else facts
