"""What the page before an undo shows: what goes, what comes back, what stays and why."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar.exceptions import NotFoundException
from sqlalchemy import select

from compliance.db.queries.intake import Import
from compliance.db.queries.tasks import task
from compliance.db.queries.undoing import now_of
from compliance.db.records import CredentialRow, TherapistRow
from compliance.rendering import column_name, day, plural
from compliance.services.intake.undo_plan import PutBack, UndoPlan, plan_of
from compliance.web.labels import credential_label
from compliance.web.page import Page

UNDO: Final = "imports/undo.html"
SHOWN: Final = 20
WORDS: Final = {
    "credentials": ("credential", "credentials"),
    "verifications": ("verification", "verifications"),
    "terms": ("term", "terms"),
    "standings": ("standing", "standings"),
    "assignments": ("assignment", "assignments"),
}


async def undo_shown(page: Page, it: Import) -> dict[str, Any]:
    """The plan in words. 404 for an import that wrote nothing or was undone."""
    if it.undone or it.state in ("waiting", "running", "ready"):
        raise NotFoundException
    async with page.database.read() as session:
        found = await task(session, page.organization_id, it.id)
        spans: Any = found.result.get("spans", []) if found else []
        plan = await plan_of(session, page.organization_id, spans)
        names = await _names(session, page.organization_id, plan)
    return {
        "it": it,
        "plan": plan,
        "voids": [plural(n, *WORDS[noun]) for noun, n in plan.voids.items() if n],
        "back": [_line(each, names) for each in plan.put_back[:SHOWN]],
        "left": [_line(each, names) for each in plan.facts_left[:SHOWN]],
    }


async def _names(session: Any, organization_id: UUID, plan: UndoPlan) -> dict[UUID, tuple[str, str]]:
    """What the facts shown are about, and where it stands."""
    shown = {each.subject_id for each in (*plan.put_back[:SHOWN], *plan.facts_left[:SHOWN])}
    held = await now_of(session, organization_id, CredentialRow, shown)
    names = {id_: (credential_label(row), f"/credentials/{id_}") for id_, row in held.items()}
    columns = (TherapistRow.id, TherapistRow.first_name, TherapistRow.last_name)
    mine = (TherapistRow.organization_id == organization_id, TherapistRow.id.in_(shown))
    for id_, first, last in await session.execute(select(*columns).where(*mine)):
        names[id_] = (f"{first} {last}".strip(), f"/therapists/{id_}")
    return names


def _line(each: PutBack, names: dict[UUID, tuple[str, str]]) -> dict[str, str]:
    name, href = names.get(each.subject_id, ("", ""))
    field = column_name(each.field)
    return {"name": name, "href": href, "field": field, "now": _said(each.now), "before": _said(each.before),
            "stays": each.stays}  # fmt: skip


def _said(value: Any) -> str:
    return day(value) if isinstance(value, date) else str(value or "nothing")
