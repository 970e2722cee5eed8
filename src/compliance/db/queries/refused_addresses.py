"""Addresses that a mail server said are none, and that nobody has spoken for since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AssignmentRow, PersonRow, RefusedAddressRow, TherapistRow


@dataclass(frozen=True, slots=True)
class RefusedAddress:
    """One address, what was said of it, and whose it is: a therapist's, a member's, or (neither) nobody's any more."""

    id: UUID
    address: str
    source: str
    code: str
    reason: str
    refused_at: datetime
    outbox_id: UUID
    therapist_id: UUID | None
    therapist: str
    person: str


async def refused(session: AsyncSession, organization_ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """The folded addresses by organization: nothing is sent there."""
    row = RefusedAddressRow
    query = select(row.organization_id, row.folded_email)
    query = query.where(row.organization_id.in_(organization_ids), row.cleared_at.is_(None))
    found: dict[UUID, set[str]] = defaultdict(set)
    for organization_id, address in await session.execute(query):
        found[organization_id].add(address)
    return {organization_id: frozenset(addresses) for organization_id, addresses in found.items()}


async def refused_addresses(
    session: AsyncSession,
    organization_id: UUID,
    *,
    therapist_id: UUID | None = None,
    clinic_ids: Collection[UUID] = (),
    limit: int = 500,
) -> list[RefusedAddress]:
    """The same for people to look at, latest first: all, or those of one therapist; of some clinics' people only."""
    row, who, person = RefusedAddressRow, TherapistRow, PersonRow
    theirs = (who.organization_id == row.organization_id) & (who.folded_email == row.folded_email)
    columns = (row.id, row.folded_email, row.source, row.code, row.reason, row.refused_at, row.outbox_id)
    query = select(*columns, who.id, who.first_name, who.last_name, person.name, person.email)
    query = query.outerjoin(who, theirs & who.merged_into_id.is_(None))
    query = query.outerjoin(person, person.folded_email == row.folded_email)
    query = query.where(row.organization_id == organization_id, row.cleared_at.is_(None))
    if therapist_id is not None:
        query = query.where(who.id == therapist_id)
    if clinic_ids:
        job = AssignmentRow
        there = select(job.therapist_id).where(
            job.organization_id == organization_id, job.clinic_id.in_(clinic_ids), job.voided_seq.is_(None)
        )
        query = query.where(who.id.in_(there))
    found = await session.execute(query.order_by(row.refused_at.desc(), row.id).limit(limit))
    return [
        RefusedAddress(*each[:8], f"{each[8] or ''} {each[9] or ''}".strip(), each[10] or each[11] or "")
        for each in found
    ]
