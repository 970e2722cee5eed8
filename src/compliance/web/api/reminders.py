"""Reminders, for machines: what became of every rung of a credential, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from compliance.db.queries.credentials import credential
from compliance.services.reminders import why
from compliance.web.access import scope
from compliance.web.api.caller import Api
from compliance.web.problems import refusals


@dataclass(frozen=True, slots=True)
class RungShown:
    """One rung: days before the end (below zero: after), to whom, its state, and the reason in words."""

    ends_on: date
    day: date
    days: int
    recipient: str
    recipient_name: str
    state: str
    reason: str
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class WhyShown:
    """All of a credential's reminders; `notice` where nothing will go out at all."""

    credential: UUID
    label: str
    notice: str
    rungs: list[RungShown]


@get(
    "/api/v1/credentials/{credential_id:uuid}/reminders",
    opt=scope("reminders.read"),
    summary="Why a reminder was or was not sent",
    tags=["reminders"],
    responses=refusals(404),
    include_in_schema=True,
)
async def credential_reminders(api: NamedDependency[Api], credential_id: FromPath[UUID]) -> WhyShown:
    """Every rung of every term."""
    held = await credential(api.session, api.organization_id, credential_id)
    if held is None:
        raise NotFoundException("No credential here has this id.")
    if held.therapist_id is not None:
        await api.see_therapist(held.therapist_id)
    elif held.clinic_id is not None:
        api.see_clinic(held.clinic_id)
    found = await why(api.session, api.organization_id, credential_id, api.now)
    rungs = [
        RungShown(e.ends_on, e.day, e.days, e.recipient, e.recipient_name, e.state, e.reason, e.due_at, e.sent_at)
        for e in found.rungs
    ]
    return WhyShown(credential_id, found.label, found.notice, rungs)


ROUTES: Final[list[Any]] = [credential_reminders]
