"""Who may do what: this one table decides, for pages and API alike.

A route says what it needs (`opt=needs("therapists.write")`; of a key, `opt=scope("clearance.read")`) or that it is for
everybody (`opt=PUBLIC`); one that says none of these stops the start. A person of another organization, and a manager
of another clinic, is a stranger: 404.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from compliance.db.queries.accounts import Viewer
from compliance.db.queries.api_keys import Caller
from compliance.services.api_keys import SCOPES

STAFF: Final = ("owner", "manager", "reviewer", "auditor")


@dataclass(frozen=True, slots=True)
class Rule:
    """Which roles have a capability. `everywhere`: not those who are limited to some clinics."""

    roles: tuple[str, ...]
    everywhere: bool = False


CAPABILITIES: Final[dict[str, Rule]] = {
    "therapists.read": Rule(STAFF),
    "therapists.write": Rule(("owner", "manager")),
    "therapists.merge": Rule(("owner", "manager"), everywhere=True),
    "assignments.write": Rule(("owner", "manager")),
    "credentials.write": Rule(("owner", "manager")),
    "verifications.write": Rule(("owner", "manager", "reviewer")),
    "waivers.write": Rule(("owner", "manager")),
    "education.read": Rule((*STAFF, "therapist")),
    "education.write": Rule(("owner", "manager")),
    "evidence.read": Rule(STAFF),
    "evidence.write": Rule(("owner", "manager", "reviewer")),
    "decisions.read": Rule(STAFF),
    "decisions.write": Rule(("owner", "manager", "reviewer")),
    "submissions.read": Rule(STAFF),
    "submissions.write": Rule(("owner", "manager", "reviewer")),
    "clinics.read": Rule(STAFF),
    "clinics.write": Rule(("owner", "manager"), everywhere=True),
    "policies.read": Rule(STAFF),
    "policies.write": Rule(("owner",)),
    "imports.run": Rule(("owner", "manager"), everywhere=True),
    "exports.run": Rule(("owner", "manager"), everywhere=True),
    "reports.read": Rule(("owner", "manager", "auditor")),
    "reports.make": Rule(("owner", "manager", "auditor")),
    "reminders.read": Rule(STAFF),
    "reminders.start": Rule(("owner",)),
    "reminders.write": Rule(("owner",)),
    "digest.own": Rule(("owner", "manager")),
    "outbox.read": Rule(("owner", "manager", "auditor"), everywhere=True),
    "outbox.write": Rule(("owner", "manager"), everywhere=True),
    "trail.read": Rule(("owner", "auditor"), everywhere=True),
    "people.read": Rule(("owner",)),
    "people.write": Rule(("owner",)),
    "organization.write": Rule(("owner",)),
    "keys.read": Rule(("owner",)),
    "keys.write": Rule(("owner",)),
    "own.read": Rule(("therapist",)),
    "own.write": Rule(("therapist",)),
    "dashboard": Rule((*STAFF, "therapist")),
    "calendars": Rule((*STAFF, "therapist")),
}

SIGNED_IN: Final = "signed-in"
"""What a route needs that any signed-in person may use, also before an organization is chosen."""

PUBLIC: Final[dict[str, Any]] = {"public": True}
"""`opt` of a route for everybody."""


def needs(capability: str) -> dict[str, Any]:
    """`opt` of a route: the capability it needs, a line of the table above or `SIGNED_IN`."""
    if capability != SIGNED_IN and capability not in CAPABILITIES:
        raise ValueError(f"{capability!r} is no capability; known are {', '.join(CAPABILITIES)}")
    return {"needs": capability}


def scope(name: str) -> dict[str, Any]:
    """`opt` of a route of the API: what a key must be allowed. No session opens it."""
    if name not in SCOPES:
        raise ValueError(f"{name!r} is nothing that a key can be allowed; known are {', '.join(SCOPES)}")
    return {"scope": name}


def may(viewer: Viewer | None, capability: str, clinic_id: UUID | None = None) -> bool:
    """Whether this viewer has a capability, at this clinic if one is named."""
    if viewer is None:
        return False
    if capability == SIGNED_IN:
        return True
    rule = CAPABILITIES[capability]
    if viewer.role not in rule.roles or (rule.everywhere and viewer.clinic_ids):
        return False
    return clinic_id is None or not viewer.clinic_ids or clinic_id in viewer.clinic_ids


def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard before every route: nobody passes whom the route's own words do not let in."""
    if handler.opt.get("public"):
        return
    if "scope" in handler.opt:
        _admit_key(connection.scope["state"].get("caller"), handler.opt["scope"])
        return
    viewer: Viewer | None = connection.scope["state"].get("viewer")
    if viewer is None:
        raise NotAuthorizedException("Sign in first.")
    capability = handler.opt.get("needs")
    if capability is None or not may(viewer, capability):
        raise PermissionDeniedException("Your role does not include this.", extra={"needs": capability})


def _admit_key(caller: Caller | None, wanted: str) -> None:
    if caller is None:
        raise NotAuthorizedException(
            "Send a key that holds, as `Authorization: Bearer ck_...`; an owner makes one under Organization, Keys.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if wanted not in caller.key.scopes:
        raise PermissionDeniedException(f"This key is not allowed {wanted}.", extra={"needs": wanted})


def undecided(handlers: list[BaseRouteHandler]) -> list[str]:
    """The routes that say neither what they need nor that they are public."""
    return sorted({str(each) for each in handlers if not each.opt.keys() & {"public", "needs", "scope"}})
