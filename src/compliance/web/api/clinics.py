"""Clinics, for machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency

from compliance.db.queries.clinics import clinics
from compliance.web.access import scope
from compliance.web.api.caller import Api
from compliance.web.problems import refusals


@dataclass(frozen=True, slots=True)
class ClinicShown:
    """One place of work; `jurisdiction` such as us-fl."""

    id: UUID
    name: str
    jurisdiction: str
    time_zone: str
    opened_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class ClinicList:
    """All clinics that the key sees; there is no further page."""

    items: list[ClinicShown]
    next_cursor: str | None = None


@get(
    "/api/v1/clinics",
    opt=scope("clinics.read"),
    summary="The clinics",
    tags=["clinics"],
    responses=refusals(),
    include_in_schema=True,
)
async def clinic_list(api: NamedDependency[Api]) -> ClinicList:
    """By name, closed ones too."""
    found = await clinics(api.session, api.organization_id, only=api.clinic_ids or None)
    return ClinicList([ClinicShown(e.id, e.name, e.jurisdiction, e.time_zone, e.opened_on, e.closed_on) for e in found])


ROUTES: Final[list[Any]] = [clinic_list]
