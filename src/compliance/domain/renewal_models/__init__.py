"""Shapes of renewal rules, one class each; `renewal.MODELS` lists them by name.

A model predicts when a term ends and when the one before it ended. Of a birthday or an issue on February 29 no board
was found to say what happens in common years: here it is February 28, and whoever asks is told so.
"""

from __future__ import annotations

from compliance.domain.renewal_models.birth import Birthday, BirthMonthDay, BirthMonthEnd
from compliance.domain.renewal_models.calendar_day import FixedDate, FixedDateUnknownTerm, NumberParity, SurnameInitial
from compliance.domain.renewal_models.issue import (
    DayAfterIssue,
    FirstOfMonthAfterIssue,
    IssueAnniversary,
    IssueMonthEnd,
)
from compliance.domain.renewal_models.model import NO_FACTS, RenewalFacts, RenewalModel
from compliance.domain.renewal_models.printed import AsPrinted, NoRenewal, RegistrationPeriod

__all__ = [
    "NO_FACTS",
    "AsPrinted",
    "BirthMonthDay",
    "BirthMonthEnd",
    "Birthday",
    "DayAfterIssue",
    "FirstOfMonthAfterIssue",
    "FixedDate",
    "FixedDateUnknownTerm",
    "IssueAnniversary",
    "IssueMonthEnd",
    "NoRenewal",
    "NumberParity",
    "RegistrationPeriod",
    "RenewalFacts",
    "RenewalModel",
    "SurnameInitial",
]
