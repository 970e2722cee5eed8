"""Runs tasks. `KINDS` lists what can be run: a kind and its runner, which may be begun again at any moment.

Like delivery, this is machinery of many transactions: each in `Work.transaction`, which holds the lease while it
writes. A runner that is killed is begun again by the next worker, so it remembers in the task's result where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.certificates import SigningSettings
from compliance.db.engine import Database
from compliance.db.queries.tasks import Task, task
from compliance.services import tasks
from compliance.services.tasks import HEARTBEAT, LeaseLost
from compliance.services.trail import Act
from compliance.store import Store

MOST_TRIES: Final = 5
DEFECT: Final = "It stopped by a defect ({}). Nothing half done was kept; the log says more."
log = structlog.get_logger()


class TaskFailed(Exception):
    """The task cannot be done; the message is the sentence that the person reads."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What runners work with. `clock` gives this instant: long work must not stamp its end with its beginning."""

    database: Database
    store: Store
    clock: Callable[[], datetime]
    signing: SigningSettings
    as_if_at: datetime | None = None
    added_fonts: Path | None = None


Progress = Callable[[str, int, int | None], None]


@dataclass(slots=True)
class Work:
    """One task being run by this process."""

    task: Task
    tools: Tools
    on_progress: Progress | None = None

    def act(self) -> Act:
        """Whoever started the task, acting at this instant."""
        organization_id, actor = self.task.organization_id, self.task.started_by
        return Act(organization_id, actor, self.tools.clock(), self.tools.as_if_at)

    @asynccontextmanager
    async def transaction(self, **columns: object) -> AsyncIterator[AsyncSession]:
        """A write transaction under the lease; `columns` of the task (step, done, total) are written with it.

        Raises LeaseLost before anything is done.
        """
        async with self.tools.database.write.begin() as session:
            await tasks.hold(session, task=self.task, now=self.tools.clock(), **columns)
            yield session

    async def progress(self, step: str, done: int, total: int | None) -> None:
        """Tells how far it is, in a transaction of its own. Raises LeaseLost."""
        async with self.transaction(step=step, done=done, total=total):
            pass
        self.tell(step, done, total)

    def tell(self, step: str, done: int, total: int | None) -> None:
        """Tells whoever watches this process."""
        if self.on_progress:
            self.on_progress(step, done, total)

    async def keep(self, **result: object) -> None:
        """Remembers something in the task's result, for whoever goes on. Raises LeaseLost."""
        async with self.tools.database.write.begin() as session:
            self.task = await tasks.keep(session, task=self.task, now=self.tools.clock(), result=result)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a runner ended: the rest of its result, and the state, which is `ready` when a person has to decide."""

    result: Mapping[str, object]
    state: str = tasks.DONE


Runner = Callable[[Work], Awaitable[Ended]]


KINDS: Final[Mapping[str, str]] = {
    "import-roster": "compliance.services.intake.running:run",
    "undo-import": "compliance.services.intake.undo:run",
    "audit-report": "compliance.services.audit_reports.task:run",
    "verify-trail": "compliance.services.trail_check:run",
    "evidence-packet": "compliance.services.evidence_packets.task:run",
    "exposure-audit": "compliance.services.exposure_audits.task:run",
    "policy-preview": "compliance.services.policy_preview:run",
}
"""Every kind of task, and where its runner is: named by words, for a runner needs `Work` from here."""


def runner_of(kind: str) -> Runner:
    """The runner of a kind. Raises TaskFailed."""
    if kind not in KINDS:
        raise TaskFailed(f"This program knows no task of the kind {kind!r}; it knows {', '.join(KINDS)}.")
    module, _, name = KINDS[kind].partition(":")
    found: Runner = getattr(import_module(module), name)
    return found


async def run_waiting(tools: Tools, *, worker_id: UUID, limit: int = 10) -> int:
    """Claims what waits, one task after the other, and runs it; how many were run."""
    count = 0
    while count < limit:
        async with tools.database.write.begin() as session:
            claimed = await tasks.claim(session, worker_id=worker_id, now=tools.clock())
        if claimed is None:
            break
        await _run(Work(claimed, _within(tools, claimed)))
        count += 1
    return count


async def run_one(tools: Tools, *, worker_id: UUID, task_id: UUID, on_progress: Progress | None = None) -> Task | None:
    """Runs one task here and now; the task as it is afterwards. Somebody else's running task is left to them."""
    async with tools.database.write.begin() as session:
        claimed = await tasks.claim(session, worker_id=worker_id, now=tools.clock(), task_id=task_id)
    if claimed is None:
        return None
    await _run(Work(claimed, _within(tools, claimed), on_progress))
    async with tools.database.read() as session:
        return await task(session, claimed.organization_id, task_id)


def _within(tools: Tools, claimed: Task) -> Tools:
    """A task reaches the organization that it is for, and no other."""
    return replace(tools, database=tools.database.of(claimed.organization_id))


async def _run(work: Work) -> None:
    beating = asyncio.create_task(_beat(work))
    try:
        await _settle(work)
    except LeaseLost:
        log.info("task.lost", task=str(work.task.id), kind=work.task.kind)
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _settle(work: Work) -> None:
    """Runs the runner and writes how it ended. Raises LeaseLost."""
    try:
        ended = await runner_of(work.task.kind)(work)
    except LeaseLost:
        raise
    except (DBAPIError, PoolTimeout) as error:
        await _try_again(work, error)
    except Exception as error:
        await _failed(work, error)
    else:
        await work.keep(**ended.result)
        await _end(work, ended.state)


async def _try_again(work: Work, error: Exception) -> None:
    """The database was away or busy: somebody goes on later, but not for ever."""
    log.warning("task.interrupted", task=str(work.task.id), kind=work.task.kind, error=str(error))
    if work.task.lease_token >= MOST_TRIES:
        await _end(work, tasks.FAILED, "The database did not answer in time, again and again. Start it once more.")
        return
    async with work.tools.database.write.begin() as session:
        await tasks.release(session, task=work.task, now=work.tools.clock())


async def _failed(work: Work, error: Exception) -> None:
    said = isinstance(error, TaskFailed)
    if not said:
        log.exception("task.failed", task=str(work.task.id), kind=work.task.kind)
    await _end(work, tasks.FAILED, str(error) if said else DEFECT.format(type(error).__name__))


async def _end(work: Work, state: str, problem: str = "") -> None:
    async with work.tools.database.write.begin() as session:
        await tasks.end(session, task=work.task, now=work.tools.clock(), state=state, problem=problem)


async def _beat(work: Work) -> None:
    """Says every few seconds that this worker lives; silence gives the task to another one."""
    while True:
        await asyncio.sleep(HEARTBEAT.total_seconds())
        with suppress(LeaseLost, DBAPIError, PoolTimeout):
            async with work.transaction():
                pass
