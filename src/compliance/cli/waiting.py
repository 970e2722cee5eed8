"""A task that a command has started: run here, or followed while the scheduler of `compliance serve` runs it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from compliance.cli.running import Opened
from compliance.cli.saying import CouldNotTell

if TYPE_CHECKING:
    from compliance.db.queries.tasks import Task
    from compliance.services.task_runner import Progress

LOOK_EVERY: Final = 0.3
"""Seconds between two looks at a task that another process runs."""
LONGEST: Final = timedelta(minutes=10)


async def carried_out(
    opened: Opened, organization_id: UUID, task_id: UUID, progress: Progress, *, longest: timedelta = LONGEST
) -> Task:
    """The task when it is over or waits for a person, whoever ran it. Raises CouldNotTell when that takes too long.

    A task that the other process gives back, or falls silent over, is run here after all.
    """
    from compliance import clock
    from compliance.crypto.ids import new_id
    from compliance.db.queries.tasks import task
    from compliance.services import task_runner, tasks

    given = opened.settings
    tools = task_runner.Tools(opened.database, opened.store, clock.now, given.signing(), added_fonts=given.report_fonts)
    until = clock.now() + longest
    free = True
    while True:
        if free:
            await task_runner.run_one(tools, worker_id=new_id(opened.now), task_id=task_id, on_progress=progress)
        async with opened.database.read() as session:
            found = await task(session, organization_id, task_id)
        if found is None:
            raise CouldNotTell(f"The task {task_id} is not there any more.")
        if found.state not in (tasks.WAITING, tasks.RUNNING):
            return found
        if clock.now() >= until:
            raise CouldNotTell("Another process has taken this up and is still at it; its page shows how it goes on.")
        if found.step:
            progress(found.step, found.done, found.total)
        free = found.state == tasks.WAITING or found.updated_at < clock.now() - tasks.SILENCE
        await asyncio.sleep(LOOK_EVERY)
