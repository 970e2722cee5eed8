"""Who opens which report, and when. It lies beside the trail: a read changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import ReportOpeningRow

ONE_LOOK: Final = timedelta(minutes=1)
"""A reader's own viewer asks for a file more than once."""


async def note(
    session: AsyncSession, *, organization_id: UUID, report_id: UUID, person_id: UUID, now: datetime
) -> None:
    """One opening, before the file is sent."""
    row = ReportOpeningRow
    mine = (row.organization_id == organization_id, row.report_id == report_id, row.person_id == person_id)
    if await session.scalar(select(row.id).where(*mine, row.at > now - ONE_LOOK).limit(1)):
        return
    said = {"organization_id": organization_id, "id": new_id(now), "report_id": report_id, "person_id": person_id}
    await session.execute(insert(row), [said | {"at": now}])
