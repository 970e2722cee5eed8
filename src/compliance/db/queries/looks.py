"""What auditors looked at, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import LookRow, PersonRow


@dataclass(frozen=True, slots=True)
class Look:
    """One page or file that somebody asked for."""

    id: UUID
    at: datetime
    who: str
    path: str


async def looks(session: AsyncSession, organization_id: UUID, *, before: UUID | None, limit: int) -> list[Look]:
    """So many, from this one on back; ids are in the order of time."""
    row, person = LookRow, PersonRow
    query = (
        select(row.id, row.at, person.name, person.email, row.path)
        .join(person, person.id == row.person_id)
        .where(row.organization_id == organization_id)
        .order_by(row.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(row.id < before)
    return [Look(id_, at, name or email, path) for id_, at, name, email, path in await session.execute(query)]
