"""When a term ends by the rule, when it can be renewed, and whether a printed expiry agrees.

A rule predicts; the printed expiry always wins, and a printed day that disagrees is a question, never a refusal.
Missing facts give a question rather than a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

from compliance.domain.hours import ContinuingEducation
from compliance.domain.months import in_words
from compliance.domain.periods import BEGINNING, FOREVER
from compliance.domain.renewal_models import (
    Birthday,
    BirthMonthEnd,
    FirstOfMonthAfterIssue,
    FixedDate,
    IssueAnniversary,
    NoRenewal,
    RegistrationPeriod,
    RenewalFacts,
    RenewalModel,
)
from compliance.domain.requirements import Citation, Confidence

__all__ = [
    "MODELS",
    "BirthMonthEnd",
    "Birthday",
    "FirstOfMonthAfterIssue",
    "FixedDate",
    "IssueAnniversary",
    "NoRenewal",
    "RegistrationPeriod",
    "Renewal",
    "RenewalFacts",
    "RenewalModel",
    "RenewalRule",
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
            IssueAnniversary,
            BirthMonthEnd,
            Birthday,
            FirstOfMonthAfterIssue,
            RegistrationPeriod,
            NoRenewal,
        )
    }
)
"""Every shape by its name in the catalog's files."""


@dataclass(frozen=True, slots=True)
class RenewalRule:
    """How one type of credential is renewed in one jurisdiction, from one effective date to the next.

    `window_days_before` is how long before the end renewal opens; None: unknown.
    """

    type: str
    model: RenewalModel
    citation: Citation
    jurisdiction: str | None = None
    window_days_before: int | None = None
    window_citation: Citation | None = None
    continuing_education: ContinuingEducation | None = None
    notes: tuple[str, ...] = ()
    applies_on: date = BEGINNING
    ends_on: date = FOREVER

    def window_opens_on(self, expires_on: date | None) -> date | None:
        """The first day on which a term that ends then can be renewed; None if that is unknown."""
        if expires_on is None or self.window_days_before is None:
            return None
        before = timedelta(days=self.window_days_before)
        return expires_on - before if expires_on - BEGINNING >= before else BEGINNING


@dataclass(frozen=True, slots=True)
class Renewal:
    """The answer: the next expiry, when the term that ends first can be renewed, and what has to be asked instead."""

    next_expires_on: date | None
    window_opens_on: date | None
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
    unknown_window = rule.window_days_before is None and not isinstance(rule.model, NoRenewal)
    leap = next_on is not None and rule.model.leap(facts)
    return (*((UNKNOWN_WINDOW,) if unknown_window else ()), *((LEAP_NOTE,) if leap else ()))


def _finite(facts: RenewalFacts) -> RenewalFacts:
    """An end at FOREVER is no printed expiry."""
    return replace(facts, expires_on=None) if facts.expires_on == FOREVER else facts
