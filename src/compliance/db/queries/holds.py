"""Files on legal hold: since when, by whom and why, as the trail tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import trail
from compliance.db.records import TherapistRow


@dataclass(frozen=True, slots=True)
class Hold:
    """One file that is kept whatever its age."""

    therapist_id: UUID
    name: str
    since: datetime | None
    who: str
    why: str


async def holds(
    session: AsyncSession, organization_id: UUID, *, only: UUID | None = None, limit: int = 200
) -> list[Hold]:
    """By name; `only`: of one therapist."""
    row = TherapistRow
    query = select(row.id, row.first_name, row.last_name).where(row.organization_id == organization_id, row.legal_hold)
    if only is not None:
        query = query.where(row.id == only)
    found = (await session.execute(query.order_by(row.folded_name, row.id).limit(limit))).all()
    return [await _told(session, organization_id, id_, f"{first} {last}".strip()) for id_, first, last in found]


async def _told(session: AsyncSession, organization_id: UUID, id_: UUID, name: str) -> Hold:
    entries = await trail.of_subject(session, organization_id, f"therapist:{id_}", limit=200)
    entry = next((each for each in entries if each.action == "therapist.held"), None)
    return Hold(id_, name, entry.at if entry else None, entry.who if entry else "", entry.why if entry else "")
