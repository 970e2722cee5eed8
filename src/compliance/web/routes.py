"""All routes: one line per file. A page that is not listed here does not exist."""

from __future__ import annotations

from typing import Any, Final

from compliance.web import (
    account,
    clinics,
    dashboard,
    health,
    metrics,
    reports,
    sign_in,
    static,
    tasks,
    therapist,
    therapists,
    verify,
)

ROUTES: Final[list[Any]] = [
    static.static_file,
    health.live,
    health.ready,
    metrics.show_metrics,
    *sign_in.ROUTES,
    *account.ROUTES,
    *dashboard.ROUTES,
    *therapists.ROUTES,
    *therapist.ROUTES,
    *clinics.ROUTES,
    *reports.ROUTES,
    *verify.ROUTES,
    *tasks.ROUTES,
]
