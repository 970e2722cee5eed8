"""People together with the records that were merged into them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import TherapistRow
from compliance.services.rows import chunks


async def family(session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID]) -> list[UUID]:
    """These therapists and the records that were merged into them."""
    found: dict[UUID, None] = dict.fromkeys(therapist_ids)
    for some in chunks(therapist_ids):
        mine = (TherapistRow.organization_id == organization_id, TherapistRow.merged_into_id.in_(some))
        found |= dict.fromkeys(await session.scalars(select(TherapistRow.id).where(*mine)))
    return list(found)
