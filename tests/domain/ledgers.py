"""Rules and courses for tests of the balance."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from compliance.domain.balance import Facts
from compliance.domain.hours import ContinuingEducation, Form
from compliance.domain.ledger import Course
from compliance.domain.periods import Period
from compliance.domain.requirements import Citation

CITED = Citation("a rule")
TERM = Period(date(2025, 9, 1), date(2027, 8, 31))
DAY = date(2027, 6, 1)
LONG_AGO = date(2010, 5, 5)
FACTS = Facts(TERM, LONG_AGO)
RULE = ContinuingEducation(CITED, hours=24, window_years=2, minutes_per_hour=60, carry_over=0)


def rule(**changes: object) -> ContinuingEducation:
    given = {"hours": 24, "window_years": 2, "minutes_per_hour": 60, "carry_over": 0} | changes
    return ContinuingEducation(CITED, **given)  # type: ignore[arg-type]


def course(
    number: int,
    minutes: int,
    on: date = date(2026, 3, 1),
    form: Form = Form.LIVE,
    approved: bool = False,
    **subjects: int,
) -> Course:
    named = {each.replace("_", " "): given for each, given in subjects.items()}
    return Course(UUID(int=number), f"Course {number}", on, minutes, form, named, provider_number="45" * approved)
