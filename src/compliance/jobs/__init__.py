"""The timetable. `JOBS` says what runs how often; what is due on which day, the jobs find out from what is recorded.

A job may run at any moment, in any number of processes, after any downtime. `compliance run JOB` and the scheduler both
come here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from compliance import clock
from compliance.db.records import JobRunRow, OrganizationRow
from compliance.jobs.context import FAR, Context, Counts
from compliance.jobs.keeping import erase_approved
from compliance.jobs.proving import checkpoint_trails
from compliance.jobs.refreshing import refresh
from compliance.jobs.reporting import make_regular_reports
from compliance.jobs.watching import raise_alarms, read_bounces
from compliance.jobs.working import deliver_outbox, register_worker, retire_worker, worker
from compliance.services import assessments, digests, months_ahead, reminders, sign_in, task_runner
from compliance.services.trail import Act
from compliance.store import open_store

__all__ = ["JOBS", "Context", "Job", "UnknownJob", "register_worker", "retire_worker", "run_job"]

QUIET: Final = 30.0
"""Seconds for which a job that found nothing to do is not written down again."""
BATCH: Final = 100
"""Terms that one transaction of the planner looks at: every message of theirs is written while it is open."""
log = structlog.get_logger()


class UnknownJob(ValueError):
    """No job has that name; the message names those there are."""


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
    return {"refreshed": sum([await refresh(context.database, each, context.stopping) for each in stale])}


async def run_tasks(context: Context) -> Counts:
    """Runs what people have started: imports, exports, big reports."""
    store = open_store(context.settings.evidence_url, context.settings.home)
    given = context.settings
    tools = task_runner.Tools(context.database, store, clock.now, given.signing(), context.as_if_at, given.report_fonts)
    async with worker(context) as worker_id:
        return {"run": await task_runner.run_waiting(tools, worker_id=worker_id)}


async def count_ahead(context: Context) -> Counts:
    """Counts the coming months where a page cannot: reading takes its time, writing does not."""
    async with context.database.read() as session:
        now = context.as_if_at or await context.now(session)
        waiting = await months_ahead.due(session, now=now)
    for organization_id, today in waiting.items():
        if context.stopping.is_set():
            break
        async with context.database.read() as session:
            months = await months_ahead.count(session, organization_id=organization_id, today=today)
        async with context.database.write.begin() as session:
            await months_ahead.keep(session, organization_id=organization_id, months=months, now=now)
    return {"organizations": len(waiting)}


async def prune_sessions(context: Context) -> Counts:
    """Forgets sessions, links and counters that nobody can use any more."""
    async with context.database.write.begin() as session:
        return await sign_in.forget_old(session, now=await context.now(session))


async def watch(context: Context) -> Counts:
    """Looks whether all jobs run, and the mail."""
    return await raise_alarms(context, {name: job.every for name, job in JOBS.items()})


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
    "make-regular-reports": Job(make_regular_reports, timedelta(minutes=10)),
    "checkpoint-trails": Job(checkpoint_trails, timedelta(minutes=5)),
    "count-ahead": Job(count_ahead, timedelta(minutes=10)),
    "erase-approved": Job(erase_approved, timedelta(minutes=10)),
    "prune-sessions": Job(prune_sessions, timedelta(hours=1)),
    "read-bounces": Job(read_bounces, timedelta(minutes=1)),
    "raise-alarms": Job(watch, timedelta(minutes=1)),
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
    ended_at = clock.now()
    row = {"job": job, "started_at": started_at, "ended_at": ended_at, "done": dict(done), "error": error}
    row |= {"took_ms": _took_ms(began)} | ({} if error else {"good_at": ended_at})
    make = sqlite_insert if context.database.embedded else postgresql_insert
    query = make(JobRunRow).values(row).on_conflict_do_update(index_elements=["job"], set_=row)
    async with context.database.write.begin() as session:
        await session.execute(query)
    context.noted[job] = clock.monotonic()


def _took_ms(began: float) -> int:
    return round((clock.monotonic() - began) * 1000)
