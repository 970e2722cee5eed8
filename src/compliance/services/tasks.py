"""Tasks: long work that a person started. Rows with a lease: whoever claims one counts its token up, and every later
write names the token, so that a worker that was thought dead can finish nothing that another has taken up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.queries.tasks import Task, value
from compliance.db.records import TaskRow
from compliance.services import trail
from compliance.services.refusals import Problem, Refused, Unknown
from compliance.services.trail import Act, Entry

WAITING, RUNNING, READY, DONE, FAILED, CANCELLED = "waiting", "running", "ready", "done", "failed", "cancelled"
HEARTBEAT: Final = timedelta(seconds=5)
SILENCE: Final = timedelta(seconds=60)
"""A running task that has not said anything for so long is taken up by another worker."""


class LeaseLost(Exception):
    """Another worker has taken the task up, or a person has cancelled it; nothing more may be written for it."""


async def create(
    session: AsyncSession, *, act: Act, kind: str, title: str, input: Mapping[str, object], note: str = ""
) -> UUID:
    """A task that waits for a worker; its id. `title` may name a file, `note` says in the trail what is done."""
    task_id = new_id(act.now)
    new = {"kind": kind, "name": title} | ({"what": note} if note else {})
    await trail.record(session, act=act, entry=Entry("task.started", f"task:{task_id}", new=new))
    session.add(
        TaskRow(
            id=task_id,
            organization_id=act.organization_id,
            kind=kind,
            title=title,
            input=dict(input),
            started_by=act.actor,
            state=WAITING,
            created_at=act.now,
            updated_at=act.now,
        )
    )
    await session.flush()
    return task_id


async def note(session: AsyncSession, *, act: Act, kind: str, title: str, result: Mapping[str, object]) -> UUID:
    """What was done already, in this very transaction, kept with its result; its id. No worker ever sees it."""
    task_id = await create(session, act=act, kind=kind, title=title, input={})
    mine = (TaskRow.organization_id == act.organization_id, TaskRow.id == task_id)
    await _changed(session, update(TaskRow).where(*mine).values(state=DONE, result=dict(result)))
    return task_id


async def restart(session: AsyncSession, *, act: Act, task_id: UUID, input: Mapping[str, object]) -> None:
    """A task that waited for a person goes on with a new input. Raises Unknown, Refused unless it is ready."""
    await _move(session, act, task_id, (READY,), WAITING, input=dict(input), problem="")
    await trail.record(session, act=act, entry=Entry("task.confirmed", f"task:{task_id}"))


async def cancel(session: AsyncSession, *, act: Act, task_id: UUID, reason: str = "") -> None:
    """Stops a task: what it has written stays. Raises Unknown, Refused when it is over already."""
    await _move(session, act, task_id, (WAITING, RUNNING, READY), CANCELLED)
    await trail.record(session, act=act, entry=Entry("task.cancelled", f"task:{task_id}", why=reason))


async def _move(
    session: AsyncSession, act: Act, task_id: UUID, states: tuple[str, ...], state: str, **columns: object
) -> None:
    mine = (TaskRow.organization_id == act.organization_id, TaskRow.id == task_id)
    change = update(TaskRow).where(*mine, TaskRow.state.in_(states))
    if await _changed(session, change.values(state=state, updated_at=act.now, **columns)):
        return
    current = await session.scalar(select(TaskRow.state).where(*mine))
    if current is None:
        raise Unknown(Problem("task_id", f"No task has the id {task_id}."))
    raise Refused(Problem("task_id", f"This task is {current}; it has to be {' or '.join(states)} for that."))


async def claim(session: AsyncSession, *, worker_id: UUID, now: datetime, task_id: UUID | None = None) -> Task | None:
    """The oldest task that nobody works on (or the named one), now leased to this worker; None if there is none."""
    free = or_(TaskRow.state == WAITING, (TaskRow.state == RUNNING) & (TaskRow.updated_at < now - SILENCE))
    query = select(TaskRow.id, TaskRow.lease_token).where(free).order_by(TaskRow.created_at).limit(10)
    if task_id:
        query = query.where(TaskRow.id == task_id)
    for id_, token in (await session.execute(query)).all():
        taken = update(TaskRow).where(TaskRow.id == id_, TaskRow.lease_token == token, free)
        lease = taken.values(state=RUNNING, lease_owner=worker_id, lease_token=token + 1, updated_at=now)
        if await _changed(session, lease):
            return await _read(session, id_)
    return None


async def _read(session: AsyncSession, task_id: UUID) -> Task:
    query = select(TaskRow).where(TaskRow.id == task_id).execution_options(populate_existing=True)
    return value((await session.scalars(query)).one())


async def hold(session: AsyncSession, *, task: Task, now: datetime, **columns: object) -> None:
    """Says that the worker lives, and writes progress, in this transaction. Raises LeaseLost.

    It locks the row until the transaction ends: what is written beside it is written under the lease.
    """
    mine = (TaskRow.id == task.id, TaskRow.lease_token == task.lease_token, TaskRow.state == RUNNING)
    if not await _changed(session, update(TaskRow).where(*mine).values(updated_at=now, **columns)):
        raise LeaseLost(f"The task {task.id} was cancelled or taken up by another worker.")


async def keep(session: AsyncSession, *, task: Task, now: datetime, result: Mapping[str, object]) -> Task:
    """Adds to the task's result what it must remember; the task with it. Raises LeaseLost."""
    together = dict(task.result) | dict(result)
    await hold(session, task=task, now=now, result=together)
    return replace(task, result=together)


async def end(session: AsyncSession, *, task: Task, now: datetime, state: str, problem: str = "") -> None:
    """The task is over, or (`ready`) waits for a person. Raises LeaseLost."""
    await hold(session, task=task, now=now, state=state, problem=problem, lease_owner=None)


async def release(session: AsyncSession, *, task: Task, now: datetime) -> None:
    """Gives the task back, for another try. Raises LeaseLost."""
    await hold(session, task=task, now=now, state=WAITING, lease_owner=None)


async def _changed(session: AsyncSession, statement: Any) -> bool:
    done = await session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", done).rowcount == 1
