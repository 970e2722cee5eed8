"""APScheduler as a clock over the timetable, and nothing more: intervals only, nothing stored, no time zone but UTC.

What is due and what was done already stands in the database, so any number of schedulers at once is harmless, and one
that slept catches up with its next round. APScheduler goes by the wall clock: set back by an hour, it would sleep for
an hour. So the heartbeat goes by the monotonic one, notices the jump, and lets every job run at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from compliance import clock
from compliance.jobs import JOBS, Context, Job, register_worker, retire_worker, run_job
from compliance.services import outbox
from compliance.services.outbox import Watch

log = structlog.get_logger()
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a round lasts longer than its interval is no news
_Clock: Any = AsyncIOScheduler  # the library has no types
_Every: Any = IntervalTrigger


@dataclass(slots=True)
class Running:
    """A scheduler at work in this process. `ended` is set when it was stopped, or gave up for another worker declared
    this one dead."""

    context: Context
    ticking: Any
    watch: Watch
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    working: set[asyncio.Task[Any]] = field(default_factory=set)
    beating: asyncio.Task[None] | None = None
    steadiness: clock.Steadiness = field(default_factory=clock.Steadiness)

    async def stop(self) -> None:
        """Claims nothing more, finishes what is on its way, gives back what was not begun, and says goodbye.

        The heart beats until then: finishing may take the ten minutes that a mail server may take.
        """
        self.context.stopping.set()
        if self.working:
            await asyncio.wait(self.working)
        self.ticking.shutdown(wait=False)
        self.silent.set()
        if self.beating is not None:
            await self.beating  # cancelled in the middle, it would leave a transaction open, and the file locked
        if self.context.worker_id is not None:
            await retire_worker(self.context, self.context.worker_id)
        self.ended.set()


async def start(context: Context, timetable: Mapping[str, Job] = JOBS) -> Running:
    """Registers this process as a worker and starts its clock; every job runs at once for the first time."""
    worker_id = await register_worker(context)
    ticking = _Clock(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    mine = replace(context, worker_id=worker_id, stopping=asyncio.Event())
    running = Running(mine, ticking, Watch(context.pace.silence))
    for name, job in timetable.items():
        _tick(running, job.every, name)
    running.beating = asyncio.create_task(_beat_for_ever(running))
    ticking.start()
    return running


def _tick(running: Running, every: timedelta, name: str) -> None:
    trigger = _Every(seconds=every.total_seconds(), timezone=UTC)
    running.ticking.add_job(_tracked, trigger, args=[running, name], id=name, next_run_time=clock.now())


async def _tracked(running: Running, name: str) -> None:
    """Remembers what is running, so that stopping can wait for it."""
    task = asyncio.current_task()
    if running.context.stopping.is_set() or task is None:
        return
    running.working.add(task)
    task.add_done_callback(running.working.discard)
    await _run_quietly(running, name)


async def _run_quietly(running: Running, name: str) -> None:
    """One round of a job; an error is written down, told, and left to the next round."""
    try:
        result = await run_job(name, running.context)
    except Exception:
        log.exception("job.failed", job=name)
    else:
        if any(result["done"].values()):
            log.info("job.done", **result)


async def _beat_for_ever(running: Running) -> None:
    while not running.silent.is_set() and not running.ended.is_set():
        await _beat(running)
        with suppress(TimeoutError):
            await asyncio.wait_for(running.silent.wait(), running.context.pace.beat)


async def _beat(running: Running) -> None:
    """Says that this worker lives, and buries those that do not. Who was buried itself stops at once."""
    context = running.context
    _watch_the_clock(running)
    try:
        async with context.database.write.begin() as session:
            now = await context.now(session)
            alive = context.worker_id is not None and await outbox.beat(session, worker_id=context.worker_id, now=now)
        if not alive:
            log.error("worker.buried", worker=str(context.worker_id))
            context.stopping.set()
            running.ended.set()
            return
        await _reap(running)
    except Exception:
        log.exception("worker.no-heartbeat")


async def _reap(running: Running) -> None:
    database = running.context.database
    async with database.read() as session:
        numbers = await outbox.heartbeats(session)
    for worker_id, number in running.watch.silent(numbers, clock.monotonic()):
        async with database.write.begin() as session:
            terms = running.context.terms(await running.context.now(session))
            returned = await outbox.bury(session, worker_id=worker_id, heartbeat_no=number, terms=terms)
        log.warning("worker.dead", worker=str(worker_id), returned=returned)


def _watch_the_clock(running: Running) -> None:
    """After a jump every job runs at once: the times for which they wait belong to the clock as it was."""
    jump = running.steadiness.look()
    if not jump:
        return
    log.warning("clock.jumped", seconds=round(jump, 1))
    for job in running.ticking.get_jobs():
        job.modify(next_run_time=clock.now())


async def keep_running(context: Context) -> Callable[[], Awaitable[None]]:
    """A scheduler beside something else (`serve`), begun anew when another worker declared it dead; how to end it."""
    running = await start(context)
    asked = asyncio.Event()

    async def watch() -> None:
        nonlocal running
        while True:
            await running.ended.wait()
            if asked.is_set():
                return
            await running.stop()
            running = await start(context)

    watching = asyncio.create_task(watch())

    async def stop() -> None:
        asked.set()
        await running.stop()
        await watching

    return stop


async def run_until_stopped(context: Context, timetable: Mapping[str, Job] = JOBS) -> bool:
    """`compliance worker`: runs until SIGTERM or SIGINT, then stops in good order; a second signal ends it at once.

    False: another worker declared this one dead (its heartbeats did not get through), and it gave up.
    """
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if asked.is_set():
            os._exit(130)
        asked.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop)
    running = await start(context, timetable)
    waiting = [asyncio.ensure_future(event.wait()) for event in (asked, running.ended)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()
    buried = not asked.is_set()
    await running.stop()
    return not buried
