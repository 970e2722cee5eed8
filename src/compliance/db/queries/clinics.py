"""Clinics as values: what a list, a page and a form need of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.twofold import too_many, twofold
from compliance.db.records import AssignmentRow, BoardAddressRow, ClinicRow


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


_ROW = ClinicRow
_COLUMNS = (_ROW.id, _ROW.name, _ROW.jurisdiction, _ROW.time_zone, _ROW.address, _ROW.opened_on, _ROW.closed_on)


async def clinics(
    session: AsyncSession, organization_id: UUID, *, only: Collection[UUID] | None = None
) -> list[Clinic]:
    """All clinics by name, or only these; none that is void."""
    mine = (_ROW.organization_id == organization_id, _ROW.voided_seq.is_(None))
    query = select(*_COLUMNS).where(*mine).order_by(_ROW.folded_name)
    if only is not None:
        query = query.where(_ROW.id.in_(only))
    return [Clinic(*row) for row in await session.execute(query)]


async def clinic(session: AsyncSession, organization_id: UUID, clinic_id: UUID) -> Clinic | None:
    """The clinic of this id."""
    found = await clinics(session, organization_id, only=[clinic_id])
    return found[0] if found else None


async def headcounts(session: AsyncSession, organization_id: UUID, on: date) -> dict[UUID, int]:
    """How many people are assigned to each clinic on a day; clinics with nobody are left out."""
    row = AssignmentRow
    then = (row.starts_on <= on, row.ends_on >= on)
    mine = (row.organization_id == organization_id, row.voided_seq.is_(None), *then)
    query = select(row.clinic_id, func.count(row.therapist_id.distinct())).where(*mine).group_by(row.clinic_id)
    double = await twofold(session, organization_id, *then)
    return {
        clinic: count - too_many(each for each in double if each.clinic_id == clinic)
        for clinic, count in await session.execute(query)
    }


async def board_addresses(session: AsyncSession, organization_id: UUID) -> dict[str, str]:
    """The look-up addresses that the organization saved, by jurisdiction; the last one saved counts."""
    row = BoardAddressRow
    mine = (row.organization_id == organization_id, row.voided_seq.is_(None))
    query = select(row.jurisdiction, row.url).where(*mine).order_by(row.recorded_seq)
    return {each.jurisdiction: each.url for each in await session.execute(query)}
