"""The ledger of continuing education: courses with their certificates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.known import standing_at
from compliance.db.records import CourseRow, EvidenceRow, TherapistRow
from compliance.domain.hours import Form
from compliance.domain.ledger import Course


@dataclass(frozen=True, slots=True)
class Certificate:
    """The kept file of a course. The original is never shown: the rendition is, if there is one."""

    evidence_id: UUID
    name: str
    media_type: str
    sha256: str
    size: int
    rendition_sha256: str | None
    rendition_media_type: str | None


@dataclass(frozen=True, slots=True)
class Filed:
    """A course as it is on file: whose, with which certificate, in place of which other one."""

    course: Course
    therapist_id: UUID
    certificate: Certificate | None
    replaces_id: UUID | None
    recorded_seq: int
    void_reason: str | None


_ROW, _FILE = CourseRow, EvidenceRow
_COLUMNS: Final[tuple[Any, ...]] = (
    _ROW.id, _ROW.therapist_id, _ROW.title, _ROW.completed_on, _ROW.minutes, _ROW.form, _ROW.subjects,
    _ROW.provider, _ROW.provider_number, _ROW.course_number, _ROW.approved_from, _ROW.approved_until,
    _ROW.certificate_shows, _ROW.replaces_id, _ROW.recorded_seq, _ROW.void_reason, _ROW.evidence_id, _FILE.name,
    _FILE.media_type, _FILE.sha256, _FILE.size, _FILE.rendition_sha256, _FILE.rendition_media_type,
)  # fmt: skip


async def ledgers(
    session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID], *, known_seq: int | None = None
) -> dict[UUID, list[Filed]]:
    """The ledgers of therapists by id, the newest course first; what a merged record holds is the kept one's."""
    kept = await _family(session, organization_id, therapist_ids)
    found: dict[UUID, list[Filed]] = {id_: [] for id_ in therapist_ids}
    for each in await _filed(session, organization_id, _ROW.therapist_id.in_(list(kept)), standing_at(_ROW, known_seq)):
        found[kept[each.therapist_id]].append(each)
    return found


async def course(session: AsyncSession, organization_id: UUID, course_id: UUID) -> Filed | None:
    """One course, also a void one."""
    found = await _filed(session, organization_id, _ROW.id == course_id)
    return found[0] if found else None


async def _family(session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Each record to the one that is kept of its person."""
    who = TherapistRow
    query = select(who.id, who.merged_into_id).where(
        who.organization_id == organization_id, who.merged_into_id.in_(therapist_ids)
    )
    return {id_: id_ for id_ in therapist_ids} | {row.id: row.merged_into_id for row in await session.execute(query)}


async def _filed(session: AsyncSession, organization_id: UUID, *which: ColumnElement[bool]) -> list[Filed]:
    query: Any = (
        select(*_COLUMNS)
        .outerjoin(_FILE, (_FILE.organization_id == _ROW.organization_id) & (_FILE.id == _ROW.evidence_id))
        .where(_ROW.organization_id == organization_id, *which)
        .order_by(_ROW.completed_on.desc(), _ROW.recorded_seq.desc(), _ROW.id)
    )
    connection = await session.connection()
    return [_one(row) for row in await connection.execute(query)]


def _one(row: Any) -> Filed:
    known = Course(
        id=row.id,
        title=row.title,
        completed_on=row.completed_on,
        minutes=row.minutes,
        form=Form(row.form),
        subjects=row.subjects,
        provider=row.provider,
        provider_number=row.provider_number,
        course_number=row.course_number,
        approved_from=row.approved_from,
        approved_until=row.approved_until,
        certificate=row.evidence_id is not None,
        certificate_shows=row.certificate_shows,
    )
    file = Certificate(row.evidence_id, *row[-6:]) if row.evidence_id else None
    return Filed(known, row.therapist_id, file, row.replaces_id, row.recorded_seq, row.void_reason)
