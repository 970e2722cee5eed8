"""What the catalog expects of a credential before anybody has read its day: when it ends, by which rule, who issues it.

A prediction is offered with its source and is never written by itself: the day that is printed counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from compliance.catalog import load
from compliance.db.queries.credentials import Held
from compliance.domain.credential_types import CredentialType
from compliance.domain.periods import FOREVER
from compliance.domain.renewal import NoRenewal, RenewalFacts, RenewalRule, predict
from compliance.domain.requirements import Citation
from compliance.web.days import Unreadable, read_day
from compliance.web.holders import Holder
from compliance.web.law import SURE

PREDICT, TAKE = "predict", "take"
"""What the form is sent for instead of recording: to work the end out anew, or to fill it in as predicted."""
OF_THE_BOARD: Final = frozenset({"massage-license", "massage-registration", "state-certification", "temporary-permit"})
"""Types that the board of their jurisdiction issues."""
EARLY_DAYS: Final = 120
"""A renewal so shortly before an end is for the term after it, where no rule says when renewal opens."""
MOST_TERMS: Final = 99


@dataclass(frozen=True, slots=True)
class Prediction:
    """The last day by the rule, or the question that has to be answered first; `never`: by the rule there is no end."""

    ends_on: date | None
    question: str
    citation: Citation
    sure: str
    never: bool = False


def rule_of(type_: CredentialType, jurisdiction: str) -> RenewalRule | None:
    """How it is renewed there, where the catalog knows."""
    law = load()
    return law.renewal(jurisdiction if jurisdiction in law.jurisdictions else None, type_.code)


def of_new(type_: CredentialType, holder: Holder, today: date, typed: Mapping[str, Any]) -> Prediction | None:
    """When the term that runs now would end, by what is typed so far; None where the catalog has no rule."""
    rule = rule_of(type_, str(typed.get("jurisdiction", "")))
    if rule is None or not type_.expires:
        return None
    issued_on, renewed_on = _day(typed.get("issued_on")), _day(typed.get("renewed_on"))
    facts = RenewalFacts(issued_on or renewed_on, None, holder.birth_date, str(typed.get("number", "")), holder.surname)
    return _told(rule, facts, _running(rule, facts, today, renewed_on), today)


def of_next(held: Held, holder: Holder) -> Prediction | None:
    """When the term after the last one on file would end."""
    type_, last = load().types.get(held.type), held.last_term
    rule = rule_of(type_, held.jurisdiction or "") if type_ else None
    if rule is None or last is None or last.ends_on == FOREVER:
        return None
    facts = RenewalFacts(held.first_issued_on, last.ends_on, holder.birth_date, held.number, holder.surname)
    return by_the_rule(rule, facts)


def by_the_rule(rule: RenewalRule, facts: RenewalFacts) -> Prediction:
    """When the term after the one of these facts would end."""
    return _told(rule, facts, predict(rule, facts).next_expires_on)


def _told(rule: RenewalRule, facts: RenewalFacts, ends_on: date | None, today: date | None = None) -> Prediction:
    never = isinstance(rule.model, NoRenewal)
    question = "" if ends_on or never else predict(rule, facts, today).question
    return Prediction(ends_on, question, rule.citation, SURE[rule.citation.confidence], never)


def _running(rule: RenewalRule, facts: RenewalFacts, today: date, renewed_on: date | None) -> date | None:
    """The first end from today on, counted in terms from the issue; the one after it if that was renewed already."""
    end = predict(rule, facts, today).next_expires_on
    for _ in range(MOST_TERMS):
        if end is None or end >= max(today, renewed_on or today):
            break
        end = predict(rule, replace(facts, expires_on=end)).next_expires_on
    if end and renewed_on and _was_for_the_next(rule, end, renewed_on):
        return predict(rule, replace(facts, expires_on=end)).next_expires_on
    return end


def _was_for_the_next(rule: RenewalRule, end: date, renewed_on: date) -> bool:
    opens = rule.window_opens_on(end)
    return opens <= renewed_on if opens else (end - renewed_on).days < EARLY_DAYS


def _day(typed: object) -> date | None:
    """A day that is typed, as far as it can be read yet."""
    if isinstance(typed, date):
        return typed
    try:
        return read_day(str(typed or ""))
    except Unreadable:
        return None


def issuer_of(type_: CredentialType, jurisdiction: str) -> str:
    """Who issues it, where type and place leave no choice; else empty."""
    if len(type_.authorities) == 1:
        return type_.authorities[0].name
    place = load().jurisdictions.get(jurisdiction)
    return place.board.name if type_.code in OF_THE_BOARD and place and place.board else ""


def issuer_meant(type_: CredentialType, jurisdiction: str, typed: str) -> str:
    """What was typed; the board of the place for nothing, and for the board of another place that was offered first."""
    expected = issuer_of(type_, jurisdiction)
    stranger = load().board_of(typed) not in (None, jurisdiction)
    return expected if expected and (stranger or not typed) else typed
