"""What waits for review, what was decided of late, and one submission with its files. For pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from compliance.db.records import (
    AssignmentRow,
    CredentialRow,
    EvidenceRow,
    SubmissionFileRow,
    SubmissionRow,
    TherapistRow,
)
from compliance.domain.answers import Kind, State

MANY = 100


@dataclass(frozen=True, slots=True)
class File:
    """A file that was sent in; `rendition_sha256` is what may be shown of it."""

    evidence_id: UUID
    name: str
    kind: str
    size: int
    pages: int | None
    rendition_sha256: str | None
    rendition_media_type: str | None


@dataclass(frozen=True, slots=True)
class Submission:
    """One answer with whose it is and what it is about."""

    id: UUID
    kind: str
    state: str
    sent_at: datetime
    about_ends_on: date
    starts_on: date | None
    ends_on: date | None
    applied_on: date | None
    note: str
    folded_email: str
    reason: str
    term_id: UUID | None
    decided_by: str
    decided_at: datetime | None
    credential_id: UUID
    type: str
    jurisdiction: str | None
    number: str
    therapist_id: UUID
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """Whose it is."""
        return f"{self.first_name} {self.last_name}".strip()


def _asked() -> Select[Any]:
    """The columns of a Submission; the therapist is the record that is kept."""
    row, held, person = SubmissionRow, CredentialRow, TherapistRow
    columns: tuple[Any, ...] = (
        row.id, row.kind, row.state, row.sent_at, row.about_ends_on, row.starts_on, row.ends_on, row.applied_on,
        row.note, row.folded_email, row.reason, row.term_id, row.decided_by, row.decided_at, held.id, held.type,
        held.jurisdiction, held.number, person.id, person.first_name, person.last_name,
    )  # fmt: skip
    query = select(*columns).join(held, and_(held.organization_id == row.organization_id, held.id == row.credential_id))
    return query.join(person, and_(person.organization_id == row.organization_id, person.id == row.therapist_id))


def waiting_rows(organization_id: UUID, clinic_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    """Conditions on a submission, for a list and for a number: it waits, in sight of these clinics (none: all)."""
    row = SubmissionRow
    mine = (row.organization_id == organization_id, row.state == literal_column("'waiting'"))  # as its index says it
    return (*mine, _matters(organization_id), *_in_sight(organization_id, clinic_ids))


def _matters(organization_id: UUID) -> ColumnElement[bool]:
    """That a reader is somebody else matters while the therapist still has the address where they said so."""
    row, person = SubmissionRow, aliased(TherapistRow)
    mine = (person.organization_id == organization_id, person.id == row.therapist_id)
    still = select(person.id).where(*mine, person.folded_email == row.folded_email).exists()
    return or_(row.kind != Kind.NOT_ME, still)


def _in_sight(organization_id: UUID, clinic_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    if not clinic_ids:
        return ()
    job = AssignmentRow
    there = (job.organization_id == organization_id, job.clinic_id.in_(clinic_ids), job.voided_seq.is_(None))
    return (SubmissionRow.therapist_id.in_(select(job.therapist_id).where(*there)),)


async def waiting(session: AsyncSession, organization_id: UUID, clinic_ids: Collection[UUID] = ()) -> list[Submission]:
    """What waits for review, the oldest first: it has waited longest."""
    query = _asked().where(*waiting_rows(organization_id, clinic_ids)).order_by(SubmissionRow.sent_at).limit(MANY)
    return [Submission(*row) for row in await session.execute(query)]


async def decided(
    session: AsyncSession, organization_id: UUID, since: datetime, clinic_ids: Collection[UUID] = ()
) -> list[Submission]:
    """What was decided since an instant, the latest first."""
    row = SubmissionRow
    by_a_person = (row.state.in_((State.ACCEPTED, State.SENT_BACK, State.NOTED)), row.decided_by != "")
    mine = (row.organization_id == organization_id, *by_a_person, row.decided_at >= since)
    query = _asked().where(*mine, *_in_sight(organization_id, clinic_ids)).order_by(row.decided_at.desc())
    return [Submission(*each) for each in await session.execute(query.limit(MANY))]


async def submission(session: AsyncSession, organization_id: UUID, id_: UUID) -> Submission | None:
    """One of them, decided or not."""
    query = _asked().where(SubmissionRow.organization_id == organization_id, SubmissionRow.id == id_)
    found = (await session.execute(query)).one_or_none()
    return Submission(*found) if found else None


async def files_of(session: AsyncSession, organization_id: UUID, submission_id: UUID) -> list[File]:
    """Its files, in the order in which they were sent."""
    file, row = SubmissionFileRow, EvidenceRow
    columns = (row.id, row.name, row.kind, row.size, row.pages, row.rendition_sha256, row.rendition_media_type)
    same = and_(row.organization_id == file.organization_id, row.id == file.evidence_id)
    mine = (file.organization_id == organization_id, file.submission_id == submission_id)
    query = select(*columns).join(file, same).where(*mine).order_by(file.place)
    return [File(*each) for each in await session.execute(query)]
