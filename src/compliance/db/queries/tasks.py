"""Tasks as values: long work that a person started, with its progress and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import TaskRow


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `state` is waiting, running, ready (waits for a person), done, failed or cancelled.

    `done` of `total` counts what `step` is about; `problem` is the sentence of a failure.
    """

    id: UUID
    organization_id: UUID
    kind: str
    title: str
    input: Mapping[str, object]
    started_by: str
    state: str
    step: str
    done: int
    total: int | None
    result: Mapping[str, object]
    problem: str
    lease_token: int
    created_at: datetime
    updated_at: datetime


async def task(session: AsyncSession, organization_id: UUID, task_id: UUID) -> Task | None:
    """One task of an organization."""
    mine = (TaskRow.organization_id == organization_id, TaskRow.id == task_id)
    row = await session.scalar(select(TaskRow).where(*mine).execution_options(populate_existing=True))
    return value(row) if row else None


async def tasks(session: AsyncSession, organization_id: UUID, *, limit: int = 50) -> list[Task]:
    """The latest tasks of an organization, newest first."""
    query = select(TaskRow).where(TaskRow.organization_id == organization_id)
    found = await session.scalars(query.order_by(TaskRow.created_at.desc(), TaskRow.id.desc()).limit(limit))
    return [value(each) for each in found]


async def last_of(session: AsyncSession, organization_id: UUID, kind: str) -> Task | None:
    """The latest task of one kind."""
    mine = (TaskRow.organization_id == organization_id, TaskRow.kind == kind)
    query = select(TaskRow).where(*mine).order_by(TaskRow.created_at.desc(), TaskRow.id.desc()).limit(1)
    row = await session.scalar(query)
    return value(row) if row else None


def value(row: TaskRow) -> Task:
    """A row as the value that leaves the database."""
    return Task(
        id=row.id,
        organization_id=row.organization_id,
        kind=row.kind,
        title=row.title,
        input=row.input,
        started_by=row.started_by,
        state=row.state,
        step=row.step,
        done=row.done,
        total=row.total,
        result=row.result,
        problem=row.problem,
        lease_token=row.lease_token,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
