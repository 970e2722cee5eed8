"""Who may not practice on a day, and who will not soon: range scans over the stored clearance periods that say no.

Almost everybody has an open period ahead that says no (the day after the license ends), so a scan from today on would
read everybody. The periods without an end and those with one are asked for apart: each is then an exact range of the
index on (organization, ends_on, starts_on), and a page costs what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from compliance.db.queries.twofold import too_many, twofold
from compliance.db.records import AssignmentRow, ClearancePeriodRow, ClinicRow, TherapistRow
from compliance.domain.covers import Status
from compliance.domain.periods import FOREVER

MANY = 10_000  # counts stop here, for an exact count of hundreds of thousands would cost more than the page


@dataclass(frozen=True, slots=True)
class At:
    """A day at some clinics (None: all of the organization); clinics in different zones may have different todays."""

    day: date
    clinic_ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """One therapist who is not (or soon no longer) cleared for something somewhere, and what decides."""

    therapist_id: UUID
    first_name: str
    last_name: str
    clinic_id: UUID
    clinic: str
    modality: str
    status: Status
    requirement: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class Count:
    """A count that stops at MANY; `more` says that it did."""

    number: int
    more: bool = False


async def against(
    session: AsyncSession, organization_id: UUID, at: Sequence[At], *, within_days: int = 0, limit: int = 50
) -> list[Against]:
    """Who is not cleared on the day (within_days 0), or is now and will not be within so many days."""
    hits = _hits(organization_id, at, within_days).subquery()
    query = (
        select(
            hits.c.therapist_id,
            TherapistRow.first_name,
            TherapistRow.last_name,
            hits.c.clinic_id,
            ClinicRow.name.label("clinic"),
            hits.c.modality,
            hits.c.status,
            hits.c.requirement,
            hits.c.starts_on,
        )
        .join(
            TherapistRow, and_(TherapistRow.organization_id == organization_id, TherapistRow.id == hits.c.therapist_id)
        )
        .join(ClinicRow, and_(ClinicRow.organization_id == organization_id, ClinicRow.id == hits.c.clinic_id))
        .order_by(hits.c.starts_on.desc() if within_days == 0 else hits.c.starts_on, hits.c.therapist_id)
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    return [Against(**{**row._mapping, "status": Status(row.status)}) for row in rows]


async def count_against(
    session: AsyncSession, organization_id: UUID, at: Sequence[At], *, within_days: int = 0
) -> Count:
    """How many therapists that is."""
    hits = _hits(organization_id, at, within_days).subquery()
    return await _capped(session, select(hits.c.therapist_id).distinct())


async def count_working(session: AsyncSession, organization_id: UUID, at: Sequence[At]) -> Count:
    """How many therapists work somewhere on the day."""
    row = AssignmentRow
    each = [
        and_(row.starts_on <= here.day, row.ends_on >= here.day, *_clinics(row.clinic_id, here.clinic_ids))
        for here in at
    ]
    mine = (row.organization_id == organization_id, row.voided_seq.is_(None), or_(*each))
    found = await _capped(session, select(row.therapist_id).where(*mine).distinct())
    if found.more:
        return found
    return Count(found.number - too_many(await twofold(session, organization_id, or_(*each))))


async def by_clinic(
    session: AsyncSession, organization_id: UUID, at: Sequence[At], *, within_days: int = 0
) -> dict[UUID, int]:
    """How many therapists are not cleared on the day (or soon), by clinic; clinics with none are left out."""
    hits = _hits(organization_id, at, within_days).subquery()
    query = select(hits.c.clinic_id, func.count(hits.c.therapist_id.distinct())).group_by(hits.c.clinic_id)
    return {row[0]: row[1] for row in await session.execute(query)}


def not_cleared(organization_id: UUID, at: Sequence[At]) -> Select[Any]:
    """The ids of therapists who are not cleared on the day, for other questions to filter by."""
    hits = _hits(organization_id, at, 0).subquery()
    return select(hits.c.therapist_id)


async def _capped(session: AsyncSession, query: Select[Any]) -> Count:
    found = await session.scalar(select(func.count()).select_from(query.limit(MANY + 1).subquery()))
    return Count(min(found or 0, MANY), (found or 0) > MANY)


def _hits(organization_id: UUID, at: Sequence[At], within_days: int) -> Any:
    """The periods that say no: two exact ranges for each day asked about."""
    parts = [part for here in at for part in _ranges(organization_id, here, within_days)]
    return union_all(*parts)


def _ranges(organization_id: UUID, here: At, within_days: int) -> list[Any]:
    row = ClearancePeriodRow
    columns = (row.therapist_id, row.clinic_id, row.modality, row.status, row.requirement, row.starts_on)
    mine = (row.organization_id == organization_id, row.cleared.is_(False), *_clinics(row.clinic_id, here.clinic_ids))
    if within_days:
        last = here.day + min(timedelta(days=within_days), FOREVER - here.day)
        begins: tuple[ColumnElement[bool], ...] = (row.starts_on > here.day, row.starts_on <= last, ~_already(here.day))
    else:
        begins = (row.starts_on <= here.day,)
    open_ended = select(*columns).where(*mine, row.ends_on == FOREVER, *begins)
    ending = select(*columns).where(*mine, row.ends_on >= here.day, row.ends_on < FOREVER, *begins)
    return [open_ended, ending]


def _already(day: date) -> ColumnElement[bool]:
    """Whether the same therapist is not cleared for the same even now: one look at the primary key."""
    row, now = ClearancePeriodRow, aliased(ClearancePeriodRow)
    same = (
        now.organization_id == row.organization_id,
        now.therapist_id == row.therapist_id,
        now.clinic_id == row.clinic_id,
        now.modality == row.modality,
    )
    return exists().where(*same, now.starts_on <= day, now.ends_on >= day, now.cleared.is_(False))


def _clinics(column: Any, clinic_ids: tuple[UUID, ...] | None) -> tuple[ColumnElement[bool], ...]:
    return () if clinic_ids is None else (column.in_(clinic_ids),)
