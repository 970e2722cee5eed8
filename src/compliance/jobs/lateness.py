"""Whether a job runs as it should: the one rule for pages, health, doctor and alarms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from compliance.db.queries.outbox import JobRun

SLOWEST: Final = timedelta(minutes=15)
Timetable = Mapping[str, timedelta]
"""How often each job should run."""


def is_late(run: JobRun | None, every: timedelta, now: datetime) -> bool:
    """It never ran, or its last good end is longer ago than three of its intervals, and than a quarter of an hour."""
    return run is None or now - (run.good_at or run.started_at) > max(3 * every, SLOWEST)


def late_jobs(timetable: Timetable, runs: Mapping[str, JobRun], now: datetime) -> dict[str, str]:
    """The late ones with what is known of them; who has never run is late only once others have run for a while."""
    first = min((run.started_at for run in runs.values()), default=now)
    settled = now - first > SLOWEST
    return {
        name: _said(runs.get(name))
        for name, every in timetable.items()
        if is_late(runs.get(name), every, now) and (name in runs or settled)
    }


def _said(run: JobRun | None) -> str:
    if run is None:
        return "It has never run."
    ended = f"Its last good run ended {run.good_at:%Y-%m-%d %H:%M} UTC." if run.good_at else "It never ended well."
    return f"{ended} {run.error}".strip()
