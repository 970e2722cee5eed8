"""The stored verdicts of the people on one page, and what each rests on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import ClearancePeriodRow, CoveragePeriodRow, CredentialRow


class StoredPeriod(NamedTuple):
    """The verdict for one therapist, clinic and modality over a span of days."""

    therapist_id: UUID
    clinic_id: UUID
    modality: str
    starts_on: date
    ends_on: date
    cleared: bool
    status: str
    requirement: str


async def stored_periods(
    session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID], since: date
) -> list[StoredPeriod]:
    """The stored verdicts of some therapists from a day on, in order."""
    row = ClearancePeriodRow
    columns = (
        row.therapist_id, row.clinic_id, row.modality, row.starts_on, row.ends_on, row.cleared, row.status,
        row.requirement,
    )  # fmt: skip
    mine = (row.organization_id == organization_id, row.therapist_id.in_(therapist_ids), row.ends_on >= since)
    query = select(*columns).where(*mine).order_by(row.starts_on)
    return [StoredPeriod(*each) for each in await session.execute(query)]


async def deciding_credentials(
    session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID], day: date
) -> dict[tuple[UUID, str], UUID]:
    """The credential that each requirement rests on, on a day, by therapist and requirement."""
    row = CoveragePeriodRow
    mine = (row.organization_id == organization_id, row.therapist_id.in_(therapist_ids), row.credential_id.is_not(None))
    query = select(row.therapist_id, row.requirement, row.credential_id).where(
        *mine, row.starts_on <= day, row.ends_on >= day
    )
    return {(each[0], each[1]): each[2] for each in await session.execute(query) if each[2]}


async def license_numbers(
    session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID], types: Collection[str]
) -> dict[UUID, str]:
    """The number that stands under a name: the license's, of several the one recorded last."""
    row = CredentialRow
    mine = (row.organization_id == organization_id, row.therapist_id.in_(therapist_ids), row.type.in_(types))
    query = select(row.therapist_id, row.number).where(*mine, row.voided_seq.is_(None), row.number != "")
    return {each[0]: each[1] for each in await session.execute(query.order_by(row.recorded_seq)) if each[0]}
