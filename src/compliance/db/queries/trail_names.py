"""What entries of the trail are about, by name."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import TherapistRow


async def therapist_names(
    session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID]
) -> dict[UUID, str]:
    """The names of therapists as they are now."""
    row = TherapistRow
    mine = (row.organization_id == organization_id, row.id.in_(therapist_ids))
    found = await session.execute(select(row.id, row.first_name, row.last_name).where(*mine))
    return {id_: f"{first} {last}".strip() for id_, first, last in found}
