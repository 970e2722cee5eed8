"""Lists for machines: by id, from a cursor on, so that a page costs the same wherever it lies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AssignmentRow, TherapistRow


@dataclass(frozen=True, slots=True)
class Listed:
    """One therapist in a list."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None


async def therapists_from(
    session: AsyncSession, organization_id: UUID, *, after: UUID | None, limit: int, clinic_ids: Collection[UUID] = ()
) -> list[Listed]:
    """At most `limit` therapists after an id, merged records left out; with clinics only those ever assigned there."""
    row = TherapistRow
    query = (
        select(row.id, row.first_name, row.last_name, row.email)
        .where(row.organization_id == organization_id, row.merged_into_id.is_(None))
        .order_by(row.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(row.id > after)
    if clinic_ids:
        there = exists().where(
            AssignmentRow.organization_id == organization_id,
            AssignmentRow.therapist_id == row.id,
            AssignmentRow.clinic_id.in_(clinic_ids),
            AssignmentRow.voided_seq.is_(None),
        )
        query = query.where(there)
    return [Listed(*found) for found in await session.execute(query)]
