"""`/metrics` for Prometheus: totals only, no name, no organization. Only from inside: a request that came through the
proxy, or from a public address, finds nothing here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from litestar import get
from litestar.connection import Request
from litestar.exceptions import NotFoundException
from litestar.response import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.outbox import alarms, open_incidents
from compliance.db.records import JobRunRow, OrganizationRow, OutboxRow, TaskRow
from compliance.web.access import PUBLIC

PROCESS = CollectorRegistry()
_requests = Counter("compliance_requests", "Requests answered by this process.", ["method", "status"], registry=PROCESS)
_seconds = Histogram(
    "compliance_request_seconds", "How long requests took in this process.", registry=PROCESS,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(method: str, status: int, seconds: float) -> None:
    """Counts one answered request."""
    _requests.labels(method if method in _METHODS else "other", str(status)).inc()
    _seconds.observe(seconds)


@get("/metrics", opt=PUBLIC | {"anonymous": True})
async def show_metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """This process's counts and the database's totals."""
    if not _from_inside(request):
        raise NotFoundException
    async with request.app.state.database.system.read() as session:
        totals = await _totals(session)
        await _mail(session, totals, request.app.state.clock())
    return Response(generate_latest(PROCESS) + generate_latest(totals), headers={"content-type": CONTENT_TYPE_LATEST})


def _from_inside(request: Request[Any, Any, Any]) -> bool:
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")):
        return False
    try:
        return request.client is not None and not ip_address(request.client.host).is_global
    except ValueError:
        return False


async def _totals(session: AsyncSession) -> CollectorRegistry:
    totals = CollectorRegistry()
    outbox = select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
    tasks = select(TaskRow.state, func.count()).group_by(TaskRow.state)
    _gauge(totals, "outbox_messages", "Messages by state.", "state", await session.execute(outbox))
    _gauge(totals, "tasks", "Long work by state.", "state", await session.execute(tasks))
    jobs = (await session.execute(select(JobRunRow.job, JobRunRow.ended_at, JobRunRow.error))).all()
    last = [(job, _seconds_of(ended)) for job, ended, _ in jobs if ended]
    _gauge(totals, "job_last_run_timestamp_seconds", "When a job last ended.", "job", last)
    _gauge(
        totals, "job_failed", "1 if its last run failed.", "job", [(job, int(bool(error))) for job, _, error in jobs]
    )
    count = await session.scalar(select(func.count()).select_from(OrganizationRow)) or 0
    Gauge("compliance_organizations", "Organizations.", registry=totals).set(count)
    return totals


async def _mail(session: AsyncSession, totals: CollectorRegistry, now: datetime) -> None:
    """What should alarm somebody: mail that waits, doubts, servers that do not answer, incidents that last."""
    found = await alarms(session, None, now)
    figures = {
        "oldest_due_unsent_seconds": ("How long the oldest due message has waited.", found.oldest_due_seconds),
        "outbox_unknown": ("Messages that may have arrived twice.", found.possible_duplicates),
        "mail_routes_open": ("Mail servers that are not being tried for now.", len(found.open_routes)),
        "incidents_open": ("Troubles that owners were told of and that last.", await open_incidents(session)),
    }
    for name, (words, value) in figures.items():
        Gauge(f"compliance_{name}", words, registry=totals).set(value)
    worked = select(JobRunRow.job, JobRunRow.good_at).where(JobRunRow.good_at.is_not(None))
    good = [(job, _seconds_of(at)) for job, at in await session.execute(worked) if at]
    _gauge(totals, "job_last_success_timestamp_seconds", "When a job last ended well.", "job", good)


def _gauge(registry: CollectorRegistry, name: str, words: str, label: str, values: Iterable[tuple[str, float]]) -> None:
    gauge = Gauge(f"compliance_{name}", words, [label], registry=registry)
    for key, value in values:
        gauge.labels(key).set(value)


def _seconds_of(at: datetime) -> float:
    return at.timestamp()
