"""Facts of a credential that were recorded wrongly, and what a board says of one from a day on."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries.credentials import Held
from compliance.domain.credentials import StandingCode
from compliance.domain.periods import FOREVER
from compliance.services import credentials
from compliance.services.credentials import Correction, StandingChange
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.credential_form import DETAIL, facts_around
from compliance.web.forms import asked, blank
from compliance.web.holders import Holder, held_credential, label, verdict_flash
from compliance.web.page import Html, Page
from compliance.web.verifications import STANDINGS


@dataclass(frozen=True)
class Facts:
    """The facts as they should be. Details of the type are further fields, `detail_NAME`."""

    reason: str = asked("the reason", longest=500, lines=True)
    jurisdiction: str = ""
    issuing_authority: str = asked("who issued it", default="", longest=200)
    number: str = asked("the number", default="", longest=100)
    first_issued_on: date | None = None
    notes: str = asked("notes", default="", longest=2000, lines=True)


@lru_cache
def _shape(type_code: str) -> type[Facts]:
    details = load().types[type_code].details
    fields: list[Any] = [(f"{DETAIL}{each.name}", str, asked(each.title, default="")) for each in details]
    return make_dataclass("Facts", fields, bases=(Facts,), frozen=True)


@get("/credentials/{credential_id:uuid}/correct", opt=needs("credentials.write"))
async def correction(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html:
    """The form with the facts on file."""
    held, holder = await held_credential(page, credential_id)
    details = {f"{DETAIL}{name}": value for name, value in held.details.items()}
    facts = {name: getattr(held, name) for name in ("issuing_authority", "number", "first_issued_on", "notes")}
    first = blank(_shape(held.type), jurisdiction=held.jurisdiction or "", **facts) | details
    return page.show("credentials/correct.html", **_around(held, holder) | {"values": first})


@post("/credentials/{credential_id:uuid}/correct", opt=needs("credentials.write"))
async def correct(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html | Redirect:
    """What was on file stays in the history."""
    held, holder = await held_credential(page, credential_id)
    form = await page.form(_shape(held.type))
    if form.value is None:
        return page.again("credentials/correct.html", form, **_around(held, holder))
    try:
        await credentials.correct(page.session, act=page.act, correction=_correction(held, form.value))
    except Refused as refusal:
        return page.again("credentials/correct.html", form.refused(refusal), **_around(held, holder))
    return page.go(f"/credentials/{held.id}", await verdict_flash(page, holder, "Corrected."))


def _correction(held: Held, given: Facts) -> Correction:
    details = {
        name.removeprefix(DETAIL): text for name, text in vars(given).items() if name.startswith(DETAIL) and text
    }
    return Correction(
        held.id,
        given.reason,
        jurisdiction=given.jurisdiction or None,
        issuing_authority=given.issuing_authority,
        number=given.number,
        first_issued_on=given.first_issued_on,
        details=details,
        notes=given.notes,
    )


def _around(held: Held, holder: Holder) -> dict[str, Any]:
    type_ = load().types[held.type]
    return {"held": held, "holder": holder, "label": label(held), "type": type_} | facts_around(type_)


# -- standings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What the board says from a day on."""

    standing: str = asked("the standing")
    starts_on: date = asked("the first day")
    ends_on: date | None = None
    note: str = asked("a note", default="", longest=500, lines=True)


@get("/credentials/{credential_id:uuid}/standings/new", opt=needs("credentials.write"))
async def new_standing(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html:
    """The form."""
    held, holder = await held_credential(page, credential_id)
    around: dict[str, Any] = _around(held, holder) | {"standings": STANDINGS}
    return page.show("credentials/standing.html", **around | {"values": blank(Said, starts_on=page.today)})


@post("/credentials/{credential_id:uuid}/standings", opt=needs("credentials.write"))
async def record_standing(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html | Redirect:
    """It holds until a later one; back to whose credential it is, with the verdict as it is now."""
    held, holder = await held_credential(page, credential_id)
    form = await page.form(Said)
    around: dict[str, Any] = _around(held, holder) | {"standings": STANDINGS}
    if form.value and form.value.standing not in {value for value, _ in STANDINGS}:
        form.refuse("standing", "Choose one of the list.")
    if form.value is None or form.errors:
        return page.again("credentials/standing.html", form, **around)
    given = form.value
    change = StandingChange(
        held.id, StandingCode(given.standing), given.starts_on, given.ends_on or FOREVER, given.note
    )
    try:
        await credentials.record_standing(page.session, act=page.act, change=change)
    except Refused as refusal:
        return page.again("credentials/standing.html", form.refused(refusal), **around)
    return page.go(holder.href, await verdict_flash(page, holder, "What the board says is recorded."))


ROUTES = [correction, correct, new_standing, record_standing]
