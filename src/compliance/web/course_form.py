"""The form of a course: lengths as they stand on certificates, subjects beside them, and what the certificate shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from litestar.datastructures import UploadFile

from compliance.db.queries.education import Filed
from compliance.domain.balance_words import TAKEN
from compliance.domain.hours import Form as CourseForm
from compliance.domain.ledger import SEEN
from compliance.services.education import NewCourse
from compliance.services.evidence import NewEvidence
from compliance.web.education_view import DueView
from compliance.web.forms import Form, asked
from compliance.web.kept_uploads import LONGEST_SEAL

UNITS: Final = {"60": ("hours of 60 minutes", 60), "50": ("contact hours of 50 minutes", 50), "1": ("minutes", 1)}
PLACES: Final = (1, 2, 3, 4)
"""How many subjects the form has room for."""

COMMON: Final = ("ethics", "laws and rules", "medical errors", "human trafficking", "cultural competency", "self-care")
_NUMBER: Final = re.compile(r"\d{1,5}(\.\d{1,2})?")


@dataclass(frozen=True, kw_only=True)
class Given:
    """A course as a person types it in. `sure`: it is not the one that looks the same."""

    title: str = asked("the title as it stands on the certificate", longest=200)
    completed_on: date = asked("the day on which it was completed")
    length: str = asked("how long it was", longest=10)
    unit: str = asked("what the length is in", default="60")
    form: str = asked("how it was taken")
    provider: str = asked("who gave it", default="", longest=200)
    provider_number: str = asked("the provider's approval number", default="", longest=60)
    course_number: str = asked("the course's approval number", default="", longest=60)
    approved_from: date | None = asked("the first day of the approval", default=None)
    approved_until: date | None = asked("the last day of the approval", default=None)
    subject_1: str = asked("the subject", default="", longest=60)
    length_1: str = asked("its length", default="", longest=10)
    subject_2: str = asked("the subject", default="", longest=60)
    length_2: str = asked("its length", default="", longest=10)
    subject_3: str = asked("the subject", default="", longest=60)
    length_3: str = asked("its length", default="", longest=10)
    subject_4: str = asked("the subject", default="", longest=60)
    length_4: str = asked("its length", default="", longest=10)
    certificate: UploadFile | None = None
    kept_certificate: str = asked("the certificate", default="", longest=LONGEST_SEAL)
    certificate_shows: tuple[str, ...] = ()
    sure: bool = False


@dataclass(frozen=True, kw_only=True)
class Corrected(Given):
    """The same, with the reason."""

    reason: str = asked("the reason", longest=500, lines=True)


def choices(dues: list[DueView]) -> dict[str, Any]:
    """What the form offers: subjects that somebody's rule tells apart come first."""
    named = [word for each in dues for word in each.balance.rule.subjects]
    return {
        "units": [(code, words) for code, (words, _minutes) in UNITS.items()],
        "forms": [(each.value, words) for each, words in TAKEN.items()],
        "subjects": list(dict.fromkeys((*named, *COMMON))),
        "shows": list(SEEN.items()),
        "places": PLACES,
    }


def usual_unit(dues: list[DueView]) -> str:
    """The hour of the rules that this person's credentials have, where they have one."""
    lengths = {each.balance.rule.minutes_per_hour for each in dues} - {None}
    return "50" if lengths == {50} else "60"


def values_of(filed: Filed) -> dict[str, Any]:
    """A course on file in the form's fields, in minutes."""
    course = filed.course
    words = ("title", "completed_on", "provider", "provider_number", "course_number", "approved_from", "approved_until")
    values: dict[str, Any] = {name: getattr(course, name) for name in (*words, "certificate_shows")}
    for place, (subject, minutes) in zip(PLACES, course.subjects.items(), strict=False):
        values |= {f"subject_{place}": subject, f"length_{place}": str(minutes)}
    return values | {"length": str(course.minutes), "unit": "1", "form": course.form.value}


def course_of(form: Form[Any], therapist_id: UUID, certificate: NewEvidence | None) -> NewCourse | None:
    """The course that was typed in; None with a sentence for each field that cannot be read."""
    given: Given | None = form.value
    if given is None:
        return None
    if given.unit not in UNITS:
        form.refuse("unit", "Choose hours or minutes.")
    if given.form not in set(CourseForm):
        form.refuse("form", "Choose how the course was taken.")
    each_minute = UNITS.get(given.unit, ("", 60))[1]
    minutes = _minutes(form, "length", given.length, each_minute)
    subjects = _subjects(form, given, each_minute)
    if form.errors:
        return None
    return NewCourse(
        therapist_id=therapist_id,
        title=given.title,
        completed_on=given.completed_on,
        minutes=minutes,
        form=CourseForm(given.form),
        subjects=subjects,
        provider=given.provider,
        provider_number=given.provider_number,
        course_number=given.course_number,
        approved_from=given.approved_from,
        approved_until=given.approved_until,
        certificate=certificate,
        certificate_shows=given.certificate_shows,
        sure=given.sure,
    )


def _minutes(form: Form[Any], name: str, text: str, each: int) -> int:
    """Whole minutes; with a sentence in the form where it is no length."""
    found = round(Fraction(text) * each) if _NUMBER.fullmatch(text) else 0
    if found <= 0:
        form.refuse(name, f"“{text}” is no length; give a number like 3 or 1.5.")
    return found


def _subjects(form: Form[Any], given: Given, each: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for place in PLACES:
        subject, text = getattr(given, f"subject_{place}"), getattr(given, f"length_{place}")
        if subject and text:
            word = " ".join(subject.split()).lower()
            found[word] = found.get(word, 0) + _minutes(form, f"length_{place}", text, each)
        elif subject:
            form.refuse(f"length_{place}", f"Say how much of the course was {subject}.")
        elif text:
            form.refuse(f"subject_{place}", "Say which subject this length is of.")
    return found
