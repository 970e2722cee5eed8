"""Every look of an auditor is written down before it is answered: where that fails, nothing is shown."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import LookRow

WATCHED = frozenset({"auditor"})
"""The roles whose looks are written down."""
LONGEST = 300


async def note(session: AsyncSession, *, organization_id: UUID, person_id: UUID, path: str, now: datetime) -> None:
    """One look. It lies beside the trail: a read changes nothing, and must not make the chain long."""
    row = {"organization_id": organization_id, "id": new_id(now), "person_id": person_id, "at": now}
    await session.execute(insert(LookRow), [row | {"path": path[:LONGEST]}])
