"""`/health/live`: the process answers. `/health/ready`: database, schema and scheduler are as they must be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from litestar import get
from litestar.connection import Request
from litestar.response import Response
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db import revisions
from compliance.db.queries.outbox import alarms, job_runs
from compliance.db.records import JobRunRow
from compliance.jobs import JOBS
from compliance.jobs.lateness import late_jobs
from compliance.web.access import PUBLIC

LATE: Final = timedelta(minutes=15)
"""No job has ended for this long: the scheduler stands still, and mail with it."""


@get("/health/live", opt=PUBLIC | {"anonymous": True}, sync_to_thread=False)
def live() -> Response[dict[str, str]]:
    """200 as long as requests are answered at all."""
    return Response({"status": "live"})


@get("/health/ready", opt=PUBLIC | {"anonymous": True})
async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """200 when everything is as it must be, else 503; either way what was found."""
    state = request.app.state
    found = await _look(request)
    jobs = found.pop("jobs", {})
    scheduler = _scheduler(found.pop("last_run"), state.clock(), state.started_at)
    is_ready = found == {"database": "ok", "schema": "ok"} and scheduler["state"] != "late"
    body = {"status": "ready" if is_ready else "not ready", **found, "scheduler": scheduler} | jobs
    return Response(body, status_code=200 if is_ready else 503)


async def _look(request: Request[Any, Any, Any]) -> dict[str, Any]:
    async with request.app.state.database.system.read() as session:
        try:
            at = await (await session.connection()).run_sync(revisions.current)
            if at != revisions.newest():
                problem = (
                    f"at revision {at or 'none'}, this program needs {revisions.newest()}: run `compliance db upgrade`"
                )
                return {"database": "ok", "schema": problem, "last_run": None}
            jobs = await _jobs(session, request.app.state.clock())
            return {"database": "ok", "schema": "ok", "last_run": await _last_run(session), "jobs": jobs}
        except (SQLAlchemyError, OSError) as error:
            return {"database": f"does not answer ({type(error).__name__})", "schema": "not known", "last_run": None}


async def _jobs(session: AsyncSession, now: datetime) -> dict[str, Any]:
    """What is not as it should be, though pages can be answered all the same: it is shown, and alarms somebody else."""
    late = late_jobs({name: job.every for name, job in JOBS.items()}, await job_runs(session), now)
    found = await alarms(session, None, now)
    wrong: dict[str, Any] = {"late_jobs": sorted(late)} if late else {}
    if found.oldest_due_seconds > LATE.total_seconds():
        wrong["oldest_due_unsent_seconds"] = round(found.oldest_due_seconds)
    return wrong


async def _last_run(session: AsyncSession) -> datetime | None:
    return await session.scalar(select(func.max(JobRunRow.ended_at)))


def _scheduler(last_run: datetime | None, now: datetime, started_at: datetime) -> dict[str, str | None]:
    """A process that has just started waits for the first run."""
    late = now - max(last_run or started_at, started_at) > LATE
    state = "late" if late else "ok" if last_run else "waiting for its first run"
    return {"state": state, "last_run": last_run.isoformat() if last_run else None}
