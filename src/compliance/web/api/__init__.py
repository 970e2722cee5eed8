"""The JSON API under `/api/v1`: used by machines with a key, never by a browser's session. Here are all its routes."""

from __future__ import annotations

from typing import Any, Final

from compliance.web.api import clearance, clinics, courses, reminders, therapists

ROUTES: Final[list[Any]] = [*clearance.ROUTES, *therapists.ROUTES, *clinics.ROUTES, *reminders.ROUTES, *courses.ROUTES]
