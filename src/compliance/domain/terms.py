"""Where a term began: what a roster calls the issue is often the first issue of all.

By semantics: the issue starts the term only if issue to expiry is no longer than the type's longest term, or the type
never expires. Otherwise the term starts on the renewal, if that is known, else on the day after the rule's previous
expiry, which is marked inferred: before that day there is no record of the earlier terms.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from compliance.domain.credential_types import CredentialType
from compliance.domain.months import add_months
from compliance.domain.periods import FOREVER, day_after
from compliance.domain.renewal import NoRenewal, RenewalFacts, RenewalModel

ONE_YEAR = 12
NO_EXPIRY = "This kind of credential expires. Which last day is printed on it?"
NO_DATE = "Since when is it held? Neither issue, renewal nor expiry is known."
NO_RULE = "No rule and no usual term is known, so that one year before the expiry is taken. Since when does it run?"


class TermStart(NamedTuple):
    """The first day of the term; None where no date leads to one, and then the question says what to ask.

    `first_issued_on` is the issue where it does not start the term.
    """

    starts_on: date | None
    inferred: bool = False
    first_issued_on: date | None = None
    question: str = ""


def term_start(
    type: CredentialType,
    model: RenewalModel | None,
    issued_on: date | None,
    renewed_on: date | None,
    expires_on: date | None,
    birth_date: date | None = None,
) -> TermStart:
    """Where the term ending on `expires_on` began. No expiry is None or FOREVER; `birth_date` settles leap days."""
    ends_on = expires_on or FOREVER
    if issued_on and _starts_the_term(type, model, issued_on, ends_on):
        return TermStart(issued_on)
    if renewed_on:
        return TermStart(renewed_on, first_issued_on=issued_on)
    if ends_on == FOREVER:
        asked = NO_EXPIRY if issued_on else NO_DATE
        return TermStart(None, first_issued_on=issued_on, question=asked)
    return _inferred(type, model, ends_on, RenewalFacts(issued_on, ends_on, birth_date))


def _starts_the_term(type: CredentialType, model: RenewalModel | None, issued_on: date, ends_on: date) -> bool:
    """Whether the issue is this term's own; without an expiry, where that is the rule or no longest term is known."""
    if not type.expires:
        return True
    if ends_on == FOREVER:
        return isinstance(model, NoRenewal) or type.longest_months is None
    return type.longest_months is not None and ends_on <= add_months(issued_on, type.longest_months)


def _inferred(type: CredentialType, model: RenewalModel | None, ends_on: date, facts: RenewalFacts) -> TermStart:
    """The day after the previous expiry by the rule, else by the usual term or a year; never before the issue."""
    if model is not None and not isinstance(model, NoRenewal):
        starts_on, asked = day_after(model.previous_expiry(ends_on, facts)), ""
    else:
        months = type.usual_months or ONE_YEAR
        starts_on = day_after(add_months(ends_on, -months))
        asked = "" if type.usual_months else NO_RULE
    if facts.issued_on:
        starts_on = max(starts_on, facts.issued_on)
    return TermStart(starts_on, True, facts.issued_on, asked)
