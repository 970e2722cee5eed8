"""All routes: one line per file. A page that is not listed here does not exist."""

from __future__ import annotations

from typing import Any, Final

from compliance.web import account, health, metrics, sign_in, static, therapists

ROUTES: Final[list[Any]] = [
    static.static_file,
    health.live,
    health.ready,
    metrics.show_metrics,
    *sign_in.ROUTES,
    *account.ROUTES,
    *therapists.ROUTES,
]
