"""Regular reports: those that are kept up, whom they are for, what was made, and who has opened it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import (
    ClinicRow,
    MembershipRow,
    PersonRow,
    RegularIssueRow,
    RegularReportRow,
    ReportOpeningRow,
)

READERS = ("owner", "manager", "auditor")
"""The roles that may read reports."""


@dataclass(frozen=True, slots=True)
class Regular:
    """A report that is made each month or quarter. `clinic` and `zone` are the clinic's of today."""

    organization_id: UUID
    id: UUID
    clinic_id: UUID
    clinic: str
    zone: str
    every: str
    reader_ids: tuple[UUID, ...]
    covered_until: date
    problem: str


class Reader(NamedTuple):
    """Somebody who may read reports. `clinic_ids` are those they are limited to; none: all."""

    person_id: UUID
    name: str
    email: str
    role: str
    clinic_ids: tuple[UUID, ...]

    def reads(self, clinic_id: UUID) -> bool:
        """Whether this clinic's reports are for them."""
        return not self.clinic_ids or clinic_id in self.clinic_ids


class Made(NamedTuple):
    """A report that was made regularly."""

    regular_id: UUID
    clinic_id: UUID
    clinic: str
    every: str
    starts_on: date
    ends_on: date
    report_id: UUID
    made_at: datetime


class Opening(NamedTuple):
    """Who opened a report, and when."""

    who: str
    at: datetime


async def regulars(session: AsyncSession, organization_id: UUID | None = None) -> list[Regular]:
    """Those that are not ended, of one organization or (for the job) of all, by clinic."""
    row, place = RegularReportRow, ClinicRow
    query = (
        select(row.organization_id, row.id, row.clinic_id, place.name, place.time_zone, row.every, row.reader_ids)
        .add_columns(row.covered_until, row.problem)
        .join(place, (place.organization_id == row.organization_id) & (place.id == row.clinic_id))
        .where(row.ended_at.is_(None))
        .order_by(row.organization_id, place.folded_name, row.id)
    )
    if organization_id is not None:
        query = query.where(row.organization_id == organization_id)
    found = (await session.execute(query)).all()
    return [_regular(tuple(each)) for each in found]


def _regular(row: tuple[Any, ...]) -> Regular:
    organization_id, id_, clinic_id, clinic, zone, every, people, covered_until, problem = row
    told = tuple(UUID(str(each)) for each in people or ())
    return Regular(organization_id, id_, clinic_id, clinic, zone, every, told, covered_until, problem)


async def readers(session: AsyncSession, organization_id: UUID, on: date) -> list[Reader]:
    """Those who may read reports on a day, owners first."""
    member = MembershipRow
    query = (
        select(PersonRow.id, PersonRow.name, PersonRow.email, member.role, member.clinic_ids)
        .join(member, member.person_id == PersonRow.id)
        .where(member.organization_id == organization_id, member.role.in_(READERS), member.ended_at.is_(None))
        .where(or_(member.ends_on.is_(None), member.ends_on >= on))
    )
    found = [
        Reader(id_, name or email, email, role, tuple(UUID(str(each)) for each in limited or ()))
        for id_, name, email, role, limited in await session.execute(query)
    ]
    order = {"owner": 0, "auditor": 1, "manager": 2}
    return sorted(found, key=lambda each: (order[each.role], each.name.casefold()))


async def made(session: AsyncSession, organization_id: UUID, *, clinic_ids: Collection[UUID], limit: int) -> list[Made]:
    """The newest first; with `clinic_ids` those about these alone."""
    row, own, place = RegularIssueRow, RegularReportRow, ClinicRow
    query = (
        select(own.id, own.clinic_id, place.name, own.every, row.starts_on, row.ends_on, row.report_id, row.made_at)
        .join(own, (own.organization_id == row.organization_id) & (own.id == row.regular_id))
        .join(place, (place.organization_id == own.organization_id) & (place.id == own.clinic_id))
        .where(row.organization_id == organization_id)
        .order_by(row.made_at.desc(), own.id)
        .limit(limit)
    )
    if clinic_ids:
        query = query.where(own.clinic_id.in_(clinic_ids))
    return [Made(*each) for each in await session.execute(query)]


async def openings(
    session: AsyncSession, organization_id: UUID, report_ids: Collection[UUID]
) -> dict[UUID, list[Opening]]:
    """Who opened which report, by report, the first time of each person first."""
    row, person = ReportOpeningRow, PersonRow
    query = (
        select(row.report_id, person.id, person.name, person.email, row.at)
        .join(person, person.id == row.person_id)
        .where(row.organization_id == organization_id, row.report_id.in_(report_ids))
        .order_by(row.at)
    )
    found: dict[UUID, dict[UUID, Opening]] = defaultdict(dict)
    for report_id, who, name, email, at in await session.execute(query):
        found[report_id].setdefault(who, Opening(name or email, at))
    return {report_id: list(each.values()) for report_id, each in found.items()}
