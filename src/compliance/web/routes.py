"""All routes: one line per file. A page that is not listed here does not exist."""

from __future__ import annotations

from typing import Any, Final

from compliance.web import (
    account,
    clinics,
    corrections,
    credentials,
    dashboard,
    exports,
    health,
    imports,
    metrics,
    reports,
    sign_in,
    static,
    tasks,
    terms,
    therapist,
    therapists,
    undoing,
    verifications,
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
    *credentials.ROUTES,
    *terms.ROUTES,
    *corrections.ROUTES,
    *verifications.ROUTES,
    *undoing.ROUTES,
    *clinics.ROUTES,
    *reports.ROUTES,
    *verify.ROUTES,
    *tasks.ROUTES,
    *imports.ROUTES,
    *exports.ROUTES,
]
