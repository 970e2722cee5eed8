"""Courses of continuing education, recorded by machines: a provider's system, or the one that keeps certificates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.domain.hours import Form
from compliance.services import education
from compliance.services.education import NewCourse
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from compliance.web.access import scope
from compliance.web.api.caller import Api
from compliance.web.problems import Impossible, refusals

MOST: Final = 200
"""Courses in one request."""


@dataclass(frozen=True, slots=True)
class CourseGiven:
    """One completed course. `minutes` as taught; `form` is live, webinar or self-study (a recorded webinar);
    `subjects` are minutes by subject. `approved_from` and `approved_until` are the days of the approval by number.
    """

    title: str
    completed_on: date
    minutes: int
    form: Form
    subjects: dict[str, int] = field(default_factory=dict)
    provider: str = ""
    provider_number: str = ""
    course_number: str = ""
    approved_from: date | None = None
    approved_until: date | None = None


@dataclass(frozen=True, slots=True)
class CoursesGiven:
    """At most 200 courses of one therapist: all of them are recorded, or none."""

    courses: list[CourseGiven]


@dataclass(frozen=True, slots=True)
class CoursesRecorded:
    """The ids of new courses, and how many were on file already: the same title on the same day."""

    recorded: list[UUID]
    unchanged: int


@post(
    "/api/v1/therapists/{therapist_id:uuid}/courses",
    opt=scope("education.write"),
    summary="Record courses",
    description="Sending the same courses again changes nothing.",
    tags=["education"],
    responses=refusals(404, 413, 422),
    include_in_schema=True,
)
async def record_courses(
    api: NamedDependency[Api],
    request: Request[Any, Any, Any],
    therapist_id: FromPath[UUID],
    data: JSONBody[CoursesGiven],
) -> CoursesRecorded:
    """Without certificates: these are added by a person who has looked at them."""
    await api.see_therapist(therapist_id)
    if not 1 <= len(data.courses) <= MOST:
        raise Impossible(f"courses has {len(data.courses)} entries; send 1 to {MOST}.")
    act = Act(api.organization_id, f"key:{api.caller.key.id}", api.now)
    given = [_course(therapist_id, each) for each in data.courses]
    async with request.app.state.database.of(api.organization_id).write.begin() as session:
        new = await education.unfiled(session, act=act, courses=given)
        try:
            recorded = await education.record_many(session, act=act, courses=new) if new else []
        except Refused as refusal:
            raise Impossible(_sentences(refusal)) from None
    return CoursesRecorded(recorded, len(given) - len(new))


def _course(therapist_id: UUID, given: CourseGiven) -> NewCourse:
    return NewCourse(therapist_id, **{name: getattr(given, name) for name in CourseGiven.__dataclass_fields__})


def _sentences(refusal: Refused) -> str:
    return " ".join(f"{each.field}: {each.sentence}" for each in refusal.problems[:5])


ROUTES: Final[list[Any]] = [record_courses]
