"""Addresses that a mail server said are none, and that nobody has spoken for since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from compliance.db.records import AssignmentRow, MembershipRow, PersonRow, RefusedAddressRow, TherapistRow


@dataclass(frozen=True, slots=True)
class RefusedAddress:
    """One address, what was said of it, and whose it is: a therapist's, or (`therapist_id` is none) a member's."""

    id: UUID
    address: str
    source: str
    code: str
    reason: str
    refused_at: datetime
    outbox_id: UUID
    therapist_id: UUID | None
    name: str


async def refused(session: AsyncSession, organization_ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """The folded addresses by organization: nothing is sent there."""
    row = RefusedAddressRow
    query = select(row.organization_id, row.folded_email)
    query = query.where(row.organization_id.in_(organization_ids), row.cleared_at.is_(None))
    found: dict[UUID, set[str]] = defaultdict(set)
    for organization_id, address in await session.execute(query):
        found[organization_id].add(address)
    return {organization_id: frozenset(addresses) for organization_id, addresses in found.items()}


def open_refusals(organization_id: UUID, clinic_ids: Collection[UUID] = ()) -> tuple[ColumnElement[bool], ...]:
    """Conditions on the rows that still matter: somebody has the address. Limited to clinics: somebody who works
    there."""
    row, person, member = RefusedAddressRow, aliased(PersonRow), aliased(MembershipRow)
    sits = exists().where(
        person.folded_email == row.folded_email,
        member.person_id == person.id,
        member.organization_id == organization_id,
        member.ended_at.is_(None),
    )
    theirs = exists().where(*_theirs(aliased(TherapistRow), organization_id, clinic_ids))
    return row.organization_id == organization_id, row.cleared_at.is_(None), theirs if clinic_ids else or_(theirs, sits)


def _theirs(who: Any, organization_id: UUID, clinic_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    """Therapists with the address of the row."""
    row, job = RefusedAddressRow, AssignmentRow
    mine = (
        who.organization_id == organization_id,
        who.folded_email == row.folded_email,
        who.merged_into_id.is_(None),
    )
    if not clinic_ids:
        return mine
    there = select(job.therapist_id).where(
        job.organization_id == organization_id, job.clinic_id.in_(clinic_ids), job.voided_seq.is_(None)
    )
    return *mine, who.id.in_(there)


async def refused_addresses(
    session: AsyncSession,
    organization_id: UUID,
    *,
    address: str | None = None,
    clinic_ids: Collection[UUID] = (),
    limit: int = 100,
) -> list[RefusedAddress]:
    """Those that still matter, latest first; of two people with one address the first is named."""
    row, who, person = RefusedAddressRow, TherapistRow, PersonRow
    columns = (row.id, row.folded_email, row.source, row.code, row.reason, row.refused_at, row.outbox_id)
    names = (who.id, who.first_name, who.last_name, person.name)
    query = select(*columns, *names).select_from(row).outerjoin(who, and_(*_theirs(who, organization_id, clinic_ids)))
    query = query.outerjoin(person, person.folded_email == row.folded_email)
    query = query.where(*open_refusals(organization_id, clinic_ids))
    if address is not None:
        query = query.where(row.folded_email == address)
    found: dict[UUID, RefusedAddress] = {}
    for each in await session.execute(query.order_by(row.refused_at.desc(), row.id, who.id).limit(limit)):
        name = f"{each[8] or ''} {each[9] or ''}".strip() or each[10] or each[1]
        found.setdefault(each[0], RefusedAddress(*each[:8], name))
    return list(found.values())
