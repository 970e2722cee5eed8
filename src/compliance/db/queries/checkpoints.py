"""Checkpoints that were mailed, and the owners whom they are mailed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import MembershipRow, OrganizationRow, PersonRow, TrailCheckpointRow


@dataclass(frozen=True, slots=True)
class Mailed:
    """An organization with checkpoints: its zone, since when it has any, when one was mailed last."""

    organization_id: UUID
    zone: str
    since: datetime
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom an organization's checkpoints are mailed to."""

    person_id: UUID
    name: str
    email: str


async def mailed(session: AsyncSession) -> list[Mailed]:
    """Every organization that has checkpoints."""
    row, own = TrailCheckpointRow, OrganizationRow
    query = select(own.id, own.time_zone, func.min(row.at), func.max(row.mailed_at))
    query = query.join(row, row.organization_id == own.id).group_by(own.id, own.time_zone).order_by(own.id)
    return [Mailed(*each) for each in (await session.execute(query)).all()]


async def owners(session: AsyncSession, organization_id: UUID, today: date) -> list[Owner]:
    """Those who own the organization on a day."""
    member = MembershipRow
    query = (
        select(PersonRow.id, PersonRow.name, PersonRow.email)
        .join(member, member.person_id == PersonRow.id)
        .where(member.organization_id == organization_id, member.role == "owner", member.ended_at.is_(None))
        .where(or_(member.ends_on.is_(None), member.ends_on >= today))
        .order_by(PersonRow.id)
    )
    return [Owner(id_, name or email, email) for id_, name, email in (await session.execute(query)).all()]
