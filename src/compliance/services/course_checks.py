"""What cannot be true of a completed course. Every sentence says what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Protocol

from compliance.domain.ledger import SEEN
from compliance.domain.months import in_words
from compliance.domain.periods import ONE_DAY
from compliance.services.evidence import NewEvidence, check_file
from compliance.services.refusals import Checks
from compliance.services.trail import Act

FIRST: Final = date(1960, 1, 1)
LONGEST: Final = 2000 * 60
"""Minutes: longer is no course of continuing education but a school."""

LONGEST_WORDS: Final[Mapping[str, tuple[str, int]]] = {
    "title": ("title", 200),
    "provider": ("name of the provider", 200),
    "provider_number": ("approval number of the provider", 60),
    "course_number": ("approval number of the course", 60),
}


class Given(Protocol):
    """What is said of a course."""

    @property
    def title(self) -> str: ...
    @property
    def completed_on(self) -> date: ...
    @property
    def minutes(self) -> int: ...
    @property
    def subjects(self) -> Mapping[str, int]: ...
    @property
    def provider_number(self) -> str: ...
    @property
    def course_number(self) -> str: ...
    @property
    def approved_from(self) -> date | None: ...
    @property
    def approved_until(self) -> date | None: ...
    @property
    def certificate(self) -> NewEvidence | None: ...
    @property
    def certificate_shows(self) -> tuple[str, ...]: ...


def check(checks: Checks, act: Act, given: Given, index: int = 0) -> None:
    """Notes every problem."""
    tomorrow = act.effective.date() + ONE_DAY  # somewhere it may be tomorrow already
    if not given.title:
        checks.refuse("title", "Give the title as it stands on the certificate.", index)
    for name, (what, longest) in LONGEST_WORDS.items():
        if len(getattr(given, name)) > longest:
            checks.refuse(name, f"The {what} is too long ({longest} characters).", index)
    if not FIRST <= given.completed_on <= tomorrow:
        sentence = f"Nobody can have completed a course on {in_words(given.completed_on)}. Give the day it ended."
        checks.refuse("completed_on", sentence, index)
    if not 0 < given.minutes <= LONGEST:
        checks.refuse("minutes", f"Give the length in minutes, from 1 to {LONGEST}.", index)
    checks.refuse("subjects", _subject_problem(given), index)
    checks.refuse("approved_until", _approval_problem(given), index)
    unknown = [each for each in given.certificate_shows if each not in SEEN]
    if unknown:
        checks.refuse("certificate_shows", f"{unknown[0]!r} is none of {', '.join(SEEN)}.", index)
    if given.certificate:
        check_file(checks, given.certificate, index)


def _approval_problem(given: Given) -> str | None:
    first, last = given.approved_from, given.approved_until
    if (first or last) and not (given.provider_number or given.course_number):
        return "Give the number of the approval whose days these are."
    if first and last and last < first:
        return f"The approval cannot end on {in_words(last)} before it begins on {in_words(first)}."
    return None


def _subject_problem(given: Given) -> str | None:
    for name, minutes in given.subjects.items():
        if not name or len(name) > 60:
            return "A subject is one to 60 characters long, such as ethics."
        if minutes <= 0:
            return f"Give the minutes of {name}, or leave the subject out."
    whole = sum(given.subjects.values())
    if whole > given.minutes:
        return f"The subjects have {whole} minutes together, the course {given.minutes}. Each minute is of one subject."
    return None
