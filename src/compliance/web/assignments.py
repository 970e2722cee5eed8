"""Assignments: who works where, with which modalities, from when to when; leaves inside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries.therapists import Assigned, therapist
from compliance.db.queries.whose import whose
from compliance.domain.periods import FOREVER
from compliance.services import assignments
from compliance.services.assignments import NewAssignment
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.forms import Form, asked, blank
from compliance.web.holders import Holder, refuse_everywhere, therapist_holder, verdict_flash
from compliance.web.page import Html, Page
from compliance.web.sights import clinics_by_id


@dataclass(frozen=True)
class Place:
    """A clinic, what is practiced there, and since when."""

    clinic_id: UUID = asked("the clinic")
    starts_on: date = asked("the first day")
    ends_on: date | None = None
    modalities: tuple[str, ...] = ()


@get("/therapists/{therapist_id:uuid}/assignments/new", opt=needs("assignments.write"))
async def new(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The form."""
    holder = await therapist_holder(page, therapist_id)
    first = blank(Place, starts_on=page.today, modalities=())
    return page.show("assignments/new.html", **await _around(page, holder) | {"values": first})


@post("/therapists/{therapist_id:uuid}/assignments", opt=needs("assignments.write"))
async def add(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Redirect:
    """Back to the therapist: what is asked there shows at once."""
    holder = await therapist_holder(page, therapist_id)
    form = await page.form(Place)
    given = _whole(form)
    if given is None:
        return page.again("assignments/new.html", form, **await _around(page, holder))
    page.see_clinic(given.clinic_id)
    works = NewAssignment(therapist_id, given.clinic_id, given.modalities, given.starts_on, given.ends_on or FOREVER)
    try:
        await assignments.add(page.session, act=page.act, assignment=works)
    except Refused as refusal:
        return page.again("assignments/new.html", form.refused(refusal), **await _around(page, holder))
    return page.go(holder.href, await verdict_flash(page, holder, "Assigned."))


def _whole(form: Form[Place]) -> Place | None:
    if form.value and not form.value.modalities:
        form.refuse("modalities", "Choose at least one modality, for what is asked depends on it.")
    return None if form.errors else form.value


async def _around(page: Page, holder: Holder) -> dict[str, Any]:
    found = await clinics_by_id(page)
    return {
        "holder": holder,
        "clinics": [(str(each.id), each.name) for each in found.values() if each.closed_on is None],
        "modalities": [(each.code, each.title) for each in load().modalities.values()],
    }


# -- what changes about one ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Practice:
    """Other modalities: from a day on, or (without one) always so."""

    reason: str = asked("the reason", longest=500, lines=True)
    modalities: tuple[str, ...] = ()
    starts_on: date | None = None


@get("/assignments/{assignment_id:uuid}/modalities", opt=needs("assignments.write"))
async def modalities(page: NamedDependency[Page], assignment_id: FromPath[UUID]) -> Html:
    """The form with those of now."""
    holder, works = await _assignment(page, assignment_id)
    first = blank(Practice, modalities=works.modalities, starts_on=max(page.today, works.starts_on))
    return page.show("assignments/modalities.html", **await _around(page, holder) | {"works": works, "values": first})


@post("/assignments/{assignment_id:uuid}/modalities", opt=needs("assignments.write"))
async def change_modalities(page: NamedDependency[Page], assignment_id: FromPath[UUID]) -> Html | Redirect:
    """Back to the therapist with the verdict as it is now."""
    holder, works = await _assignment(page, assignment_id)
    form = await page.form(Practice)
    around = await _around(page, holder) | {"works": works}
    if form.value is None:
        return page.again("assignments/modalities.html", form, **around)
    given: dict[str, Any] = {"reason": form.value.reason, "starts_on": form.value.starts_on}
    chosen = form.value.modalities
    try:
        await assignments.change_modalities(
            page.session, act=page.act, assignment_id=assignment_id, modalities=chosen, **given
        )
    except Refused as refusal:
        return page.again("assignments/modalities.html", form.refused(refusal), **around)
    return page.go(holder.href, await verdict_flash(page, holder, "Modalities changed."))


@dataclass(frozen=True)
class Ending:
    """The last day of work at a clinic."""

    last_day: date = asked("the last day")
    reason: str = asked("the reason", default="", longest=500, lines=True)


@get("/assignments/{assignment_id:uuid}/end", opt=needs("assignments.write"))
async def ending(page: NamedDependency[Page], assignment_id: FromPath[UUID]) -> Html:
    """The form."""
    holder, works = await _assignment(page, assignment_id)
    first = blank(Ending, last_day=page.today)
    return page.show("assignments/end.html", holder=holder, works=works, values=first)


@post("/assignments/{assignment_id:uuid}/end", opt=needs("assignments.write"))
async def end(page: NamedDependency[Page], assignment_id: FromPath[UUID]) -> Html | Redirect:
    """The file stays; who works nowhere any more gets no more mail."""
    holder, works = await _assignment(page, assignment_id)
    form = await page.form(Ending)
    if form.value is None:
        return page.again("assignments/end.html", form, holder=holder, works=works)
    given: dict[str, Any] = {"last_day": form.value.last_day, "reason": form.value.reason}
    try:
        await assignments.end(page.session, act=page.act, assignment_id=assignment_id, **given)
    except Refused as refusal:
        return page.again("assignments/end.html", form.refused(refusal), holder=holder, works=works)
    return page.go(holder.href, f"The work at {works.clinic} has a last day.")


async def _assignment(page: Page, assignment_id: UUID) -> tuple[Holder, Assigned]:
    found = page.found(await whose(page.session, page.organization_id, "assignments", assignment_id))
    therapist_id = page.found(found.therapist_id)
    holder = await therapist_holder(page, therapist_id)
    who = page.found(await therapist(page.session, page.organization_id, therapist_id))
    works = page.found(next((each for each in who.assignments if each.id == assignment_id), None))
    page.see_clinic(works.clinic_id)
    return holder, works


# -- leaves --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leave:
    """Away from one clinic or everywhere. Without a last day it goes on."""

    starts_on: date = asked("the first day")
    ends_on: date | None = None
    clinic_id: UUID | None = None
    reason: str = asked("the reason", default="", longest=500, lines=True)


@get("/therapists/{therapist_id:uuid}/leaves/new", opt=needs("assignments.write"))
async def new_leave(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The form."""
    holder = await therapist_holder(page, therapist_id)
    first = blank(Leave, starts_on=page.today)
    return page.show("assignments/leave.html", **await _around(page, holder) | {"values": first})


@post("/therapists/{therapist_id:uuid}/leaves", opt=needs("assignments.write"))
async def record_leave(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Redirect:
    """Reminders rest while it lasts."""
    holder = await therapist_holder(page, therapist_id)
    form = await page.form(Leave)
    refuse_everywhere(page, form)
    if form.value is None or form.errors:
        return page.again("assignments/leave.html", form, **await _around(page, holder))
    given = form.value
    if given.clinic_id:
        page.see_clinic(given.clinic_id)
    days: dict[str, Any] = {"starts_on": given.starts_on, "ends_on": given.ends_on or FOREVER, "reason": given.reason}
    about: dict[str, Any] = {"therapist_id": therapist_id, "clinic_id": given.clinic_id}
    try:
        await assignments.record_leave(page.session, act=page.act, **about, **days)
    except Refused as refusal:
        return page.again("assignments/leave.html", form.refused(refusal), **await _around(page, holder))
    return page.go(holder.href, "The leave is recorded. Reminders rest while it lasts; what the law asks does not.")


ROUTES = [new, add, modalities, change_modalities, ending, end, new_leave, record_leave]
