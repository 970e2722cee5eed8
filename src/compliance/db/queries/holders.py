"""Whom reminders are about, and where they work: also under a record that was merged into another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.owned import Owned, among
from compliance.db.records import AssignmentRow, LeaveRow, TherapistRow
from compliance.domain.credentials import Assignment, Leave

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Holder:
    """The therapist who is reminded."""

    id: UUID
    first_name: str
    last_name: str
    address: str | None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class People(NamedTuple):
    holders: dict[UUID, Holder]  # by any record's id, also one that was merged into another
    organizations: dict[UUID, UUID]  # every record of these people, with its organization


async def people(session: AsyncSession, owned: Owned) -> People:
    """The people whose records these are: one that was merged into another speaks for the one that is kept."""
    who = TherapistRow
    query = select(who.organization_id, who.id, who.first_name, who.last_name, who.email, who.merged_into_id)
    asked = await _all(session, query, who, who.id, owned)
    keepers = {row.merged_into_id or row.id: row.organization_id for row in asked}
    unasked = {each: organization for each, organization in keepers.items() if each not in owned}
    kept = [*asked, *await _all(session, query, who, who.id, unasked)]
    holders = {
        row.id: Holder(row.id, row.first_name, row.last_name, row.email)
        for row in kept
        if row.merged_into_id in (None, row.id)  # a void record names itself
    }
    merged = await _all(session, query, who, who.merged_into_id, keepers)
    family = {row.id: row for row in (*kept, *merged)}
    return People(
        {each: holders[row.merged_into_id or each] for each, row in family.items()},
        {each: row.organization_id for each, row in family.items()},
    )


class Work(NamedTuple):
    assignments: dict[UUID, list[Assignment]]
    leaves: dict[UUID, list[Leave]]


async def work(session: AsyncSession, those: People, today: date) -> Work:
    job, away = AssignmentRow, LeaveRow
    assignments: dict[UUID, list[Assignment]] = defaultdict(list)
    query = select(job.therapist_id, job.id, job.clinic_id, job.modalities, job.starts_on, job.ends_on)
    query = query.where(job.voided_seq.is_(None), job.ends_on >= today)
    for therapist, *span in await _all(session, query, job, job.therapist_id, those.organizations):
        assignments[those.holders[therapist].id].append(Assignment(*span))
    leaves: dict[UUID, list[Leave]] = defaultdict(list)
    rest = select(away.therapist_id, away.clinic_id, away.starts_on, away.ends_on)
    rest = rest.where(away.voided_seq.is_(None), away.ends_on >= today)
    for therapist, *span in await _all(session, rest, away, away.therapist_id, those.organizations):
        leaves[those.holders[therapist].id].append(Leave(*span))
    return Work(assignments, leaves)


async def _all(session: AsyncSession, query: Any, table: Any, column: Any, owned: Owned) -> list[Any]:
    return [row for some in among(table, column, owned) for row in await read_rows(session, query.where(some))]


async def read_rows(session: AsyncSession, query: Any) -> Rows:
    return list((await session.execute(query)).all())
