"""The stored verdicts of one clinic over the coming months, and who works there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AssignmentRow, ClearancePeriodRow, TherapistRow
from compliance.domain.ahead import Span


async def verdicts_ahead(
    session: AsyncSession, organization_id: UUID, clinic_id: UUID, first: date, last: date, people: Collection[UUID]
) -> dict[tuple[UUID, str], list[Span]]:
    """What is stored of these people at the clinic for any day from first to last."""
    row = ClearancePeriodRow
    query = (
        select(row.therapist_id, row.modality, row.starts_on, row.ends_on, row.cleared, row.requirement)
        .where(row.organization_id == organization_id, row.therapist_id.in_(people), row.clinic_id == clinic_id)
        .where(row.starts_on <= last, row.ends_on >= first)
        .order_by(row.starts_on)
    )
    found: dict[tuple[UUID, str], list[Span]] = defaultdict(list)
    for each in await session.execute(query):
        span = Span(each.starts_on, each.ends_on, each.cleared, each.requirement)
        found[each.therapist_id, each.modality].append(span)
    return found


async def working_between(
    session: AsyncSession, organization_id: UUID, first: date, last: date, *, clinic_id: UUID | None = None
) -> dict[UUID, str]:
    """Everybody assigned to the clinic (None: to any) on a day from first to last, by name."""
    person, row = TherapistRow, AssignmentRow
    query = (
        select(person.id, person.first_name, person.last_name)
        .distinct()
        .join(row, (row.organization_id == person.organization_id) & (row.therapist_id == person.id))
        .where(person.organization_id == organization_id, person.merged_into_id.is_(None))
        .where(row.voided_seq.is_(None), row.starts_on <= last, row.ends_on >= first)
        .order_by(person.last_name, person.first_name, person.id)
    )
    if clinic_id is not None:
        query = query.where(row.clinic_id == clinic_id)
    return {id_: f"{first_name} {last_name}".strip() for id_, first_name, last_name in await session.execute(query)}
