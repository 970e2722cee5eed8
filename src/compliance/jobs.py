"""The timetable. `JOBS` says what runs how often; what is due on which day, the jobs find out from what is recorded.

A job may run at any moment, in any number of processes, after any downtime. `compliance run JOB` and the scheduler both
come here.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import clock
from compliance.channels import CHANNELS, Channel
from compliance.db.engine import Database
from compliance.db.records import JobRunRow, OrganizationRow
from compliance.services import assessments, digests, outbox, reminders, sign_in, task_runner
from compliance.services.delivery import Delivery, deliver, keep_all
from compliance.services.mailing import MailSettings
from compliance.services.outbox import PACE, Pace, Terms
from compliance.services.trail import Act
from compliance.settings import Settings
from compliance.store import open_store

Counts = Mapping[str, int]
QUIET: Final = 30.0
"""Seconds for which a job that found nothing to do is not written down again."""
BATCH: Final = 100
"""Terms that one transaction of the planner looks at: every message of theirs is written while it is open."""
FAR: Final = 12 * 3600.0
"""A clock that has jumped so many seconds plans nothing until it has stood still for an hour."""
log = structlog.get_logger()


class UnknownJob(ValueError):
    """No job has that name; the message names those there are."""


@dataclass(frozen=True)
class Context:
    """What a job works with. `as_if_at`: the instant that rules are asked about, in place of this one.

    `worker_id` is this process's as long as a scheduler runs in it; one job run by hand makes its own.
    """

    database: Database
    settings: Settings
    as_if_at: datetime | None = None
    worker_id: UUID | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    noted: dict[str, float] = field(default_factory=dict)
    pace: Pace = PACE
    open_channel: Callable[[str], Channel] = CHANNELS["email"]
    steadiness: clock.Steadiness = field(default_factory=clock.Steadiness)

    @property
    def mail(self) -> MailSettings:
        """What every mail says of this installation."""
        return MailSettings(self.settings.mail_from, self.settings.public_url, self.settings.secret_key())

    @cached_property
    def channel(self) -> Channel | None:
        """The mail server; None where mail is kept in the mailbox."""
        return self.open_channel(self.settings.smtp_url) if self.settings.smtp_url else None

    async def now(self, session: AsyncSession) -> datetime:
        """This instant: of the database where it has a clock of its own, so that workers agree."""
        if self.database.embedded:
            self.steadiness.look()
            return clock.now()
        found: datetime = (await session.scalars(select(func.clock_timestamp()))).one()
        return found.astimezone(UTC)

    def clock_doubted(self, by: float = 0.0) -> bool:
        """Whether this instant may be wrong: the process's clock counts here and has just jumped so far."""
        return self.database.embedded and self.as_if_at is None and self.steadiness.doubted(by)

    def terms(self, now: datetime) -> Terms:
        """On which terms leases end and attempts are settled."""
        return Terms(now, self.mail, self.as_if_at, self.pace, self.clock_doubted())


async def plan_reminders(context: Context) -> Counts:
    """Decides what is due, in transactions that others need not wait long for."""
    done: Counter[str] = Counter(queued=0, skipped=0, failed=0)
    after = None
    while True:
        if context.clock_doubted(FAR):
            return done | {"clock_doubted": 1}
        async with context.database.write.begin() as session:
            now = await context.now(session)
            planned = await reminders.plan(
                session, now=now, as_if_at=context.as_if_at, mail=context.mail, after=after, batch=BATCH
            )
        done.update(queued=planned.queued, skipped=planned.skipped, failed=planned.failed)
        after = planned.after
        if after is None or context.stopping.is_set():
            return done


async def deliver_outbox(context: Context) -> Counts:
    """Hands over what waits, or puts it into the mailbox where no server is named."""
    kept = await keep_all(context.database, context.now, context.as_if_at, demonstrations_only=bool(context.channel))
    done: Counter[str] = Counter(kept=kept)
    if context.channel is not None:
        async with _worker(context) as worker_id:
            done.update(await deliver(_delivery(context, context.channel, worker_id)))
    return done


def _delivery(context: Context, channel: Channel, worker_id: UUID) -> Delivery:
    route = getattr(channel, "route", None)
    return Delivery(
        database=context.database,
        channel=channel,
        route_id=f"{route.host}:{route.port}" if route else "email",
        mail=context.mail,
        worker_id=worker_id,
        now=context.now,
        as_if_at=context.as_if_at,
        stopping=context.stopping,
        pace=replace(context.pace, per_minute=context.settings.mail_per_minute),
        clock_doubted=context.clock_doubted,
    )


@asynccontextmanager
async def _worker(context: Context) -> AsyncIterator[UUID]:
    """The process's worker, or one for this run alone, with a heartbeat and an orderly end."""
    if context.worker_id is not None:
        yield context.worker_id
        return
    worker_id = await register_worker(context)
    over = asyncio.Event()
    beating = asyncio.create_task(_beat_until(context, worker_id, over))
    try:
        yield worker_id
    finally:
        over.set()
        await beating  # never cancelled: that could leave a transaction open
        await retire_worker(context, worker_id)


async def register_worker(context: Context) -> UUID:
    """A new worker for this process."""
    async with context.database.write.begin() as session:
        now = await context.now(session)
        return await outbox.register(session, now=now, host=socket.gethostname(), pid=os.getpid())


async def retire_worker(context: Context, worker_id: UUID) -> None:
    """Its orderly end: what it holds goes back."""
    async with context.database.write.begin() as session:
        await outbox.retire(session, worker_id=worker_id, terms=context.terms(await context.now(session)))


async def _beat_until(context: Context, worker_id: UUID, over: asyncio.Event) -> None:
    """Of a single run. A beat that does not get through is left to the next one; who was buried claims nothing."""
    while not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), context.pace.beat)
        try:
            async with context.database.write.begin() as session:
                await outbox.beat(session, worker_id=worker_id, now=await context.now(session))
        except (DBAPIError, PoolTimeout, OSError):
            log.warning("worker.no-heartbeat", worker=str(worker_id))


async def send_digests(context: Context) -> Counts:
    """Writes the weekly digests that are due, one transaction an organization."""
    async with context.database.read() as session:
        now = context.as_if_at or await context.now(session)
        due = await digests.due(session, now=now)
    done: Counter[str] = Counter(queued=0, left_out=0)
    for organization_id, readers in due.items():
        if context.stopping.is_set() or context.clock_doubted(FAR):
            break
        async with context.database.write.begin() as session:
            act = Act(organization_id, digests.ACTOR, await context.now(session), context.as_if_at)
            queued = await digests.write(session, act=act, mail=context.mail, readers=readers)
        done.update(queued=queued, left_out=len(readers) - queued)
    return done


async def refresh_coverage(context: Context) -> Counts:
    """Rewrites the stored copies that an older catalog, policy or program made."""
    async with context.database.read() as session:
        every = list(await session.scalars(select(OrganizationRow.id).order_by(OrganizationRow.id)))
        stale = [each for each in every if await assessments.stale(session, organization_id=each, limit=1)]
    done = 0
    for organization_id in stale:
        while not context.stopping.is_set():
            async with context.database.write.begin() as session:
                rewritten = await assessments.refresh_stale(session, organization_id=organization_id)
            done += rewritten
            if not rewritten:
                break
    return {"refreshed": done}


async def run_tasks(context: Context) -> Counts:
    """Runs what people have started: imports, exports, big reports."""
    store = open_store(context.settings.evidence_url, context.settings.home)
    tools = task_runner.Tools(context.database, store, clock.now, context.as_if_at)
    async with _worker(context) as worker_id:
        return {"run": await task_runner.run_waiting(tools, worker_id=worker_id)}


async def prune_sessions(context: Context) -> Counts:
    """Forgets sessions, links and counters that nobody can use any more."""
    async with context.database.write.begin() as session:
        return await sign_in.forget_old(session, now=await context.now(session))


@dataclass(frozen=True, slots=True)
class Job:
    """What runs, and how long after its last beginning it runs again."""

    run: Callable[[Context], Awaitable[Counts]]
    every: timedelta


JOBS: Final[Mapping[str, Job]] = {
    "plan-reminders": Job(plan_reminders, timedelta(minutes=1)),
    "deliver-outbox": Job(deliver_outbox, timedelta(seconds=10)),
    "send-digests": Job(send_digests, timedelta(minutes=5)),
    "refresh-coverage": Job(refresh_coverage, timedelta(minutes=5)),
    "run-tasks": Job(run_tasks, timedelta(seconds=2)),
    "prune-sessions": Job(prune_sessions, timedelta(hours=1)),
}


async def run_job(name: str, context: Context) -> dict[str, Any]:
    """Runs a job once and writes down that it ran, what it did and how long it took: {job, at, done, took_ms}.

    Raises UnknownJob; an error of the job itself is written down and goes up.
    """
    if name not in JOBS:
        raise UnknownJob(f"There is no job {name!r}; there are {', '.join(JOBS)}.")
    started_at, began = clock.now(), clock.monotonic()
    try:
        done = dict(await JOBS[name].run(context))
    except Exception as error:
        await _note(context, name, started_at, began, {}, f"{type(error).__name__}: {error}")
        raise
    await _note(context, name, started_at, began, done, "")
    at = context.as_if_at or started_at
    return {"job": name, "at": at.isoformat(), "done": done, "took_ms": _took_ms(began)}


async def _note(
    context: Context, job: str, started_at: datetime, began: float, done: Mapping[str, int], error: str
) -> None:
    """Real instants, whatever the job was told: this is how people see that jobs run at all."""
    idle = not error and not any(done.values())
    if idle and clock.monotonic() - context.noted.get(job, float("-inf")) < QUIET:
        return
    row = {"job": job, "started_at": started_at, "ended_at": clock.now(), "done": dict(done), "error": error}
    row |= {"took_ms": _took_ms(began)}
    make = sqlite_insert if context.database.embedded else postgresql_insert
    query = make(JobRunRow).values(row).on_conflict_do_update(index_elements=["job"], set_=row)
    async with context.database.write.begin() as session:
        await session.execute(query)
    context.noted[job] = clock.monotonic()


def _took_ms(began: float) -> int:
    return round((clock.monotonic() - began) * 1000)
