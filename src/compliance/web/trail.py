"""The organization's history: every entry of the trail, newest first, and whether the chain is whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.clinics import clinics
from compliance.db.queries.tasks import Task, last_of
from compliance.db.queries.trail import head, latest
from compliance.db.queries.trail_names import therapist_names
from compliance.services import trail_check
from compliance.web.access import needs
from compliance.web.history import Change, Told, told
from compliance.web.page import Html, Page

ROWS: Final = 50


@get("/trail", opt=needs("trail.read"))
async def history(page: NamedDependency[Page]) -> Html:
    """Fifty entries, each with what was and what is."""
    return page.show("trail/list.html", checked=await _checked(page), **await _shown(page, page.session))


async def _checked(page: Page) -> Task | None:
    """The last check of the chain, whatever came of it."""
    return await last_of(page.session, page.organization_id, trail_check.KIND)


async def _shown(page: Page, session: AsyncSession) -> dict[str, Any]:
    mine, before = page.organization_id, _place(page.request.query_params.get("before", ""))
    entries = await latest(session, mine, before=before, limit=ROWS + 1)
    places = {str(each.id): each.name for each in await clinics(session, mine)}
    people = await therapist_names(session, mine, {each.therapist_id for each in entries if each.therapist_id})
    seq, digest = await head(session, mine)
    subjects = {f"clinic:{id_}": name for id_, name in places.items()}
    return {
        "entries": [(each, _read(told(each, subjects, places))) for each in entries[:ROWS]],
        "people": people,
        "older": entries[ROWS - 1].seq if len(entries) > ROWS else None,
        "first": before is None,
        "seq": seq,
        "digest": digest,
        "zone": page.membership.time_zone,
    }


_OF_MACHINES: Final = frozenset({"Message", "Sha256", "Question", "Body", "Catalog fingerprint"})


def _read(entry: Told) -> Told:
    """Without what only machines read; a recipient by their role, not by an id."""
    shown = tuple(_in_words(each) for each in entry.changes if each.label not in _OF_MACHINES)
    return replace(entry, changes=shown)


def _in_words(change: Change) -> Change:
    if change.label == "Recipient":
        return replace(change, new=change.new.partition(":")[0])
    return replace(change, label="Days before the end") if change.label == "Rung" else change


def _place(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


@dataclass(frozen=True)
class Check:
    """The button."""


@post("/trail/verify", opt=needs("trail.read"))
async def verify(page: NamedDependency[Page]) -> Redirect:
    """A task that walks the chain from its beginning, however long it is."""
    await page.form(Check)
    return page.go(f"/tasks/{await trail_check.start(page.session, act=page.act)}")


ROUTES: Final[list[Any]] = [history, verify]
