"""Who may do what: this one table decides, for pages and API alike.

A route says what it needs (`opt=needs("therapists.write")`; of a key, `opt=scope("clearance.read")`) or that it is for
everybody (`opt=PUBLIC`); one that says none of these stops the start. A person of another organization, and a manager
of another clinic, is a stranger: 404. `docs/access.md` is made of this table (`make access`).
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
    """What a capability is, and which roles have it. `everywhere`: not those who are limited to some clinics."""

    does: str
    roles: tuple[str, ...]
    everywhere: bool = False


CAPABILITIES: Final[dict[str, Rule]] = {
    "therapists.read": Rule("Look at therapists, their files and verdicts", STAFF),
    "therapists.write": Rule("Add therapists, change what is known of them, let them depart", ("owner", "manager")),
    "therapists.merge": Rule(
        "Merge two records of one person, and part them again", ("owner", "manager"), everywhere=True
    ),
    "files.export": Rule("Hand out one person's file as a whole", ("owner",)),
    "files.erase": Rule("Erase a person's file, and say how long files are kept", ("owner",)),
    "assignments.write": Rule("Say who works where with which modalities, and who is away", ("owner", "manager")),
    "credentials.write": Rule("Record and correct credentials, terms and standings", ("owner", "manager")),
    "verifications.write": Rule("Record what the board said", ("owner", "manager", "reviewer")),
    "waivers.write": Rule("Waive a requirement for a while, with a reason", ("owner", "manager")),
    "education.read": Rule("Look at continuing education; therapists at their own", (*STAFF, "therapist")),
    "education.write": Rule("Record courses and make the pack for the board", ("owner", "manager")),
    "evidence.read": Rule("Look at documents", STAFF),
    "evidence.write": Rule("Upload documents", ("owner", "manager", "reviewer")),
    "decisions.read": Rule("Look at what waits for a decision", STAFF),
    "decisions.write": Rule("Decide what waits", ("owner", "manager", "reviewer")),
    "submissions.read": Rule("Look at what therapists sent in", STAFF),
    "submissions.write": Rule("Accept what therapists sent in, or send it back", ("owner", "manager", "reviewer")),
    "clinics.read": Rule("Look at clinics and their credentials", STAFF),
    "clinics.write": Rule("Add, change and close clinics", ("owner", "manager"), everywhere=True),
    "policies.read": Rule("Look at what the law and the organization ask", STAFF),
    "policies.write": Rule("Change what the organization asks", ("owner",)),
    "imports.run": Rule("Import a roster, and undo it", ("owner", "manager"), everywhere=True),
    "exports.run": Rule("Export the roster", ("owner", "manager"), everywhere=True),
    "reports.read": Rule("Look at issued reports", ("owner", "manager", "auditor")),
    "reports.make": Rule("Make reports", ("owner", "manager", "auditor")),
    "reports.schedule": Rule("Have reports made each month or quarter, and say who is told", ("owner", "manager")),
    "reminders.read": Rule("Look at reminders: what went, what will, and why", STAFF),
    "reminders.start": Rule("Switch the reminders on", ("owner",)),
    "reminders.write": Rule("Change ladders, quiet hours and stand-ins", ("owner",)),
    "digest.own": Rule("Choose when the own weekly digest comes", ("owner", "manager")),
    "outbox.read": Rule("Look at mail on its way", ("owner", "manager", "auditor"), everywhere=True),
    "outbox.write": Rule(
        "Decide on mail that is held, and on refused addresses", ("owner", "manager"), everywhere=True
    ),
    "trail.read": Rule("Look at the history, check and export it", ("owner", "auditor"), everywhere=True),
    "looks.read": Rule("Look at what auditors looked at", ("owner",)),
    "people.read": Rule("Look at who may sign in", ("owner",)),
    "people.write": Rule("Invite people, change their roles, let them go", ("owner",)),
    "organization.write": Rule("Change the organization, and what reports are signed with", ("owner",)),
    "keys.read": Rule("Look at keys of the API", ("owner",)),
    "keys.write": Rule("Make keys of the API, and take them back", ("owner",)),
    "own.read": Rule("Look at the own file", ("therapist",)),
    "own.write": Rule("Send in the own renewal", ("therapist",)),
    "dashboard": Rule("The first page", (*STAFF, "therapist")),
    "calendars": Rule("Feeds for calendars", (*STAFF, "therapist")),
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


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
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
