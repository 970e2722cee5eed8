"""Clinics as values: what a list, a page and a form need of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from compliance.db.records import AssignmentRow, BoardAddressRow, ClinicRow, TherapistRow


@dataclass(frozen=True, slots=True)
class Clinic:
    """One place of work."""

    id: UUID
    name: str
    jurisdiction: str
    time_zone: str
    address: str
    opened_on: date | None
    closed_on: date | None

    def today(self, now: datetime) -> date:
        """The day in the clinic's zone, in which the law there counts."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def is_open(self, day: date) -> bool:
        """Whether people may be assigned there on a day."""
        return (self.opened_on is None or self.opened_on <= day) and (self.closed_on is None or day <= self.closed_on)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is or was assigned to a clinic."""

    assignment_id: UUID
    therapist_id: UUID
    first_name: str
    last_name: str
    modalities: tuple[str, ...]
    starts_on: date
    ends_on: date


_ROW = ClinicRow
_COLUMNS = (_ROW.id, _ROW.name, _ROW.jurisdiction, _ROW.time_zone, _ROW.address, _ROW.opened_on, _ROW.closed_on)


async def clinics(
    session: AsyncSession, organization_id: UUID, *, only: Collection[UUID] | None = None
) -> list[Clinic]:
    """All clinics by name, or only these."""
    query = select(*_COLUMNS).where(_ROW.organization_id == organization_id).order_by(_ROW.folded_name)
    if only is not None:
        query = query.where(_ROW.id.in_(only))
    return [Clinic(*row) for row in await session.execute(query)]


async def clinic(session: AsyncSession, organization_id: UUID, clinic_id: UUID) -> Clinic | None:
    """The clinic of this id."""
    found = await clinics(session, organization_id, only=[clinic_id])
    return found[0] if found else None


async def staff(
    session: AsyncSession, organization_id: UUID, clinic_id: UUID, *, on: date | None = None, limit: int = 500
) -> list[Member]:
    """Who is assigned there on a day (None: who ever was), by name; merged records under the name that was kept."""
    row, who, kept = AssignmentRow, TherapistRow, aliased(TherapistRow)
    one = func.coalesce(who.merged_into_id, who.id)
    query = (
        select(row.id, kept.id, kept.first_name, kept.last_name, row.modalities, row.starts_on, row.ends_on)
        .join(who, and_(who.organization_id == row.organization_id, who.id == row.therapist_id))
        .join(kept, and_(kept.organization_id == who.organization_id, kept.id == one))
        .where(row.organization_id == organization_id, row.clinic_id == clinic_id, row.voided_seq.is_(None))
        .order_by(kept.folded_name, row.starts_on)
        .limit(limit)
    )
    if on is not None:
        query = query.where(row.starts_on <= on, row.ends_on >= on)
    return [Member(*each) for each in await session.execute(query)]


async def headcounts(session: AsyncSession, organization_id: UUID, on: date) -> dict[UUID, int]:
    """How many people are assigned to each clinic on a day; clinics with nobody are left out."""
    row = AssignmentRow
    mine = (row.organization_id == organization_id, row.voided_seq.is_(None), row.starts_on <= on, row.ends_on >= on)
    query = select(row.clinic_id, func.count(row.therapist_id.distinct())).where(*mine).group_by(row.clinic_id)
    return {row[0]: row[1] for row in await session.execute(query)}


async def board_addresses(session: AsyncSession, organization_id: UUID) -> dict[str, str]:
    """The look-up addresses that the organization saved, by jurisdiction; the last one saved counts."""
    row = BoardAddressRow
    mine = (row.organization_id == organization_id, row.voided_seq.is_(None))
    query = select(row.jurisdiction, row.url).where(*mine).order_by(row.recorded_seq)
    return {each.jurisdiction: each.url for each in await session.execute(query)}
