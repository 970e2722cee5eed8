"""The list of an organization's imports."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.intake import KIND
from compliance.db.queries.tasks import Task, value
from compliance.db.records import TaskRow


async def imports(session: AsyncSession, organization_id: UUID, *, limit: int = 50) -> list[Task]:
    """The latest imports, newest first."""
    query = select(TaskRow).where(TaskRow.organization_id == organization_id, TaskRow.kind == KIND)
    found = await session.scalars(query.order_by(TaskRow.created_at.desc(), TaskRow.id.desc()).limit(limit))
    return [value(each) for each in found]
