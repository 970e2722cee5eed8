"""What the first page of the day asks besides: is anybody on file, is the copy fresh, what comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.clearances import MANY, At, Count
from compliance.db.records import (
    AssignmentRow,
    ClearancePeriodRow,
    ClinicRow,
    CredentialRow,
    TherapistRow,
    TrailEntryRow,
    VerificationRow,
)


async def begun(session: AsyncSession, organization_id: UUID) -> tuple[bool, bool, bool]:
    """Whether there is a clinic, a therapist, a verification: the first steps of an organization."""
    tables: tuple[Any, ...] = (ClinicRow, TherapistRow, VerificationRow)
    found = [
        await session.scalar(select(row.id).where(row.organization_id == organization_id).limit(1)) for row in tables
    ]
    return found[0] is not None, found[1] is not None, found[2] is not None


async def somebody(session: AsyncSession, organization_id: UUID) -> UUID | None:
    """The therapist who came first of those with a credential: whom the first steps go on with."""
    person, row = TherapistRow, CredentialRow
    holds = exists().where(
        row.organization_id == organization_id, row.therapist_id == person.id, row.voided_seq.is_(None)
    )
    mine = (person.organization_id == organization_id, person.merged_into_id.is_(None), holds)
    return await session.scalar(select(person.id).where(*mine).order_by(person.id).limit(1))  # ids grow with time


async def count_stale(session: AsyncSession, organization_id: UUID, fingerprint: str) -> Count:
    """How many stored verdicts were made from older rules: what sorts before and behind the current fingerprint."""
    row = TherapistRow
    mine = (row.organization_id == organization_id, row.merged_into_id.is_(None))
    sides = (row.coverage_fingerprint < fingerprint, row.coverage_fingerprint > fingerprint)
    parts = [select(row.id).where(*mine, each).limit(MANY + 1).subquery() for each in sides]
    query = select(func.count()).select_from(union_all(*(select(each.c.id) for each in parts)).subquery())
    found = await session.scalar(query) or 0
    return Count(min(found, MANY), found > MANY)


async def noes_ahead(
    session: AsyncSession, organization_id: UUID, at: Sequence[At], until: date
) -> dict[UUID, list[tuple[date, date]]]:
    """The spans until a day in which somebody is not cleared for something, by therapist. For small organizations."""
    row = ClearancePeriodRow
    found: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
    for here in at:
        clinics = () if here.clinic_ids is None else (row.clinic_id.in_(here.clinic_ids),)
        mine = (row.organization_id == organization_id, row.cleared.is_(False), *clinics)
        query = select(row.therapist_id, row.starts_on, row.ends_on).where(*mine, row.ends_on >= here.day)
        for therapist_id, start, end in await session.execute(query.where(row.starts_on <= until)):
            found[therapist_id].append((start, end))
    return found


async def last_days(session: AsyncSession, organization_id: UUID, at: Sequence[At]) -> dict[UUID, date]:
    """Who works on the day, and until when at the longest. For small organizations."""
    row = AssignmentRow
    found: dict[UUID, date] = {}
    for here in at:
        clinics = () if here.clinic_ids is None else (row.clinic_id.in_(here.clinic_ids),)
        mine = (row.organization_id == organization_id, row.voided_seq.is_(None), *clinics)
        query = select(row.therapist_id, row.ends_on).where(*mine, row.starts_on <= here.day, row.ends_on >= here.day)
        for therapist_id, end in await session.execute(query):
            found[therapist_id] = max(found.get(therapist_id, end), end)
    return found


DEEDS: Final = (
    "verification.recorded", "verification.resolved", "credential.added", "credential.renewed", "credential.corrected",
    "standing.recorded", "waiver.granted", "submission.accepted", "submission.sent-back", "therapist.changed",
    "therapist.departed", "assignment.ended", "law.answered", "leave.recorded", "task.confirmed",
)  # fmt: skip
"""What takes a line off the list of work."""
LATEST: Final = 500
"""So many entries of the day are looked at; an import writes thousands, and is one deed."""


async def done_since(session: AsyncSession, organization_id: UUID, since: datetime) -> int:
    """How many things that take a line off the list people have done since an instant, among the latest entries."""
    row = TrailEntryRow
    mine = (row.organization_id == organization_id, row.at >= since)
    latest = select(row.actor, row.action).where(*mine).order_by(row.at.desc()).limit(LATEST).subquery()
    of_people = (latest.c.actor.startswith("user:"), latest.c.action.in_(DEEDS))
    return await session.scalar(select(func.count()).select_from(latest).where(*of_people)) or 0
