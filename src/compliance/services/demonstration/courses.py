"""What the therapists of the demonstration clinics have learned: most are on their way, some complete, some behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.domain.hours import Form
from compliance.services import education
from compliance.services.education import NewCourse
from compliance.services.trail import Act

SCHOOL: Final = ("Quiet Hands School of Massage", "451730-12")
OFFERED: Final = (
    ("Ethics and boundaries in the treatment room", 120, Form.LIVE, "ethics", 40),
    ("Trigger points of neck and shoulder", 480, Form.LIVE, "massage", 95),
    ("Preventing human trafficking", 60, Form.SELF_STUDY, "human trafficking", 130),
    ("Preventing medical errors", 120, Form.WEBINAR, "medical errors", 180),
    ("Laws and rules for massage therapists", 120, Form.SELF_STUDY, "laws and rules", 200),
    ("Myofascial release, level one", 720, Form.LIVE, "massage", 290),
    ("Body mechanics that last", 180, Form.WEBINAR, "self-care", 360),
    ("Working with older clients", 240, Form.WEBINAR, "massage", 700),
)
"""Title, minutes, how it was taken, subject, and how many days ago it was completed."""


async def record(session: AsyncSession, act: Act, today: date, ids: Sequence[UUID]) -> None:
    """Each took some of the courses; every seventh none yet."""
    taken = [
        _course(id_, today, number)
        for place, id_ in enumerate(ids)
        for number in range(len(OFFERED))
        if place % 7 != 6 and (place + number) % 3 != 2
    ]
    await education.record_many(session, act=act, courses=taken)


def _course(therapist_id: UUID, today: date, number: int) -> NewCourse:
    title, minutes, form, subject, days = OFFERED[number]
    school, approval = SCHOOL if number % 4 != 3 else ("Open Palm Workshops", "")
    return NewCourse(
        therapist_id, title, today - timedelta(days=days), minutes, form, {subject: minutes}, school, approval
    )
