"""Who stands in for whom, and who may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from compliance.db.records import DelegationRow, PersonRow


@dataclass(frozen=True, slots=True)
class Delegation:
    """A span in which somebody else is told instead."""

    id: UUID
    person: str
    delegate: str
    starts_on: date
    ends_on: date
    reason: str


async def delegations(session: AsyncSession, organization_id: UUID, today: date) -> list[Delegation]:
    """Those that hold today or lie ahead, the soonest first."""
    row, away, reader = DelegationRow, aliased(PersonRow), aliased(PersonRow)
    columns = (row.id, away.name, away.email, reader.name, reader.email, row.starts_on, row.ends_on, row.reason)
    query = (
        select(*columns)
        .join(away, away.id == row.person_id)
        .join(reader, reader.id == row.delegate_id)
        .where(row.organization_id == organization_id, row.ends_on >= today, row.voided_seq.is_(None))
        .order_by(row.starts_on, row.id)
    )
    return [
        Delegation(id_, name or email, other or address, starts_on, ends_on, reason)
        for id_, name, email, other, address, starts_on, ends_on, reason in await session.execute(query)
    ]
