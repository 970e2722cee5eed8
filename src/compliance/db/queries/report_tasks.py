"""Reports and what is made like them, as tasks: those that are being made, and those that a page lists."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.tasks import Task, value
from compliance.db.records import TaskRow


async def of_kinds(
    session: AsyncSession,
    organization_id: UUID,
    kinds: Collection[str],
    *,
    states: Collection[str] = (),
    started_by: str = "",
    limit: int = 25,
) -> list[Task]:
    """The latest tasks of some kinds, in these states (none: in any), of everybody or of one alone; newest first."""
    row = TaskRow
    query = select(row).where(row.organization_id == organization_id, row.kind.in_(kinds))
    if states:
        query = query.where(row.state.in_(states))
    if started_by:
        query = query.where(row.started_by == started_by)
    found = await session.scalars(query.order_by(row.created_at.desc(), row.id.desc()).limit(limit))
    return [value(each) for each in found]
