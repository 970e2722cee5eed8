"""Waivers: a named person excepts a therapist, or a clinic, from one requirement, with a reason and until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries.files import credential_files
from compliance.domain.months import in_words
from compliance.domain.requirements import Holder as HeldBy
from compliance.services import waivers
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.forms import asked, blank
from compliance.web.holders import Holder, clinic_holder, refuse_everywhere, therapist_holder, verdict_flash
from compliance.web.page import Html, Page
from compliance.web.sights import sight_of
from compliance.web.therapist_view import places

FORM: Final = "waivers/new.html"


@dataclass(frozen=True)
class NewClinicWaiver:
    """From which requirement, from when to when, and why."""

    requirement: str = asked("the requirement")
    starts_on: date = asked("the first day")
    ends_on: date = asked("the last day; a waiver always ends")
    reason: str = asked("the reason", longest=500, lines=True)


@dataclass(frozen=True)
class NewWaiver(NewClinicWaiver):
    """The same of a therapist: and where."""

    clinic_id: UUID | None = None


@get("/therapists/{therapist_id:uuid}/waivers/new", opt=needs("waivers.write"))
async def new(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The form as a page; the therapist's page has it as a dialog."""
    holder = await therapist_holder(page, therapist_id)
    first = blank(
        NewWaiver, starts_on=page.today, requirement=page.request.query_params.get("requirement", ""), clinic_id=""
    )
    return page.show(FORM, **await _around(page, holder) | {"values": first})


@post("/therapists/{therapist_id:uuid}/waivers", opt=needs("waivers.write"))
async def grant(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Redirect:
    """In the name of whoever is signed in."""
    holder = await therapist_holder(page, therapist_id)
    form = await page.form(NewWaiver)
    refuse_everywhere(page, form)
    if form.value is None or form.errors:
        return page.again(FORM, form, **await _around(page, holder))
    given = form.value
    if given.clinic_id:
        page.see_clinic(given.clinic_id)
    facts: dict[str, Any] = {name: getattr(given, name) for name in ("requirement", "starts_on", "ends_on", "reason")}
    who: dict[str, Any] = {"therapist_id": therapist_id, "granted_by": page.viewer.name, "clinic_id": given.clinic_id}
    try:
        await waivers.grant(page.session, act=page.act, **who, **facts)
    except Refused as refusal:
        return page.again(FORM, form.refused(refusal), **await _around(page, holder))
    return page.go(holder.href, await verdict_flash(page, holder, f"Waived until {in_words(given.ends_on)}."))


@get("/clinics/{clinic_id:uuid}/waivers/new", opt=needs("waivers.write"))
async def new_of_clinic(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html:
    """The form for a clinic that the law exempts; a year is proposed, for what exempts it should be looked at again."""
    holder = await clinic_holder(page, clinic_id)
    around = await _around_clinic(page, holder)
    wanted = page.request.query_params.get("requirement", "") or next((code for code, _ in around["requirements"]), "")
    year = {"starts_on": page.today, "ends_on": page.today + timedelta(days=364)}
    return page.show(FORM, **around | {"values": blank(NewClinicWaiver, requirement=wanted, **year)})


@post("/clinics/{clinic_id:uuid}/waivers", opt=needs("waivers.write"))
async def grant_to_clinic(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html | Redirect:
    """In the name of whoever is signed in; everybody's verdict there follows."""
    holder = await clinic_holder(page, clinic_id)
    form = await page.form(NewClinicWaiver)
    if form.value is None:
        return page.again(FORM, form, **await _around_clinic(page, holder))
    facts = vars(form.value)
    try:
        await waivers.grant_to_clinic(
            page.session, act=page.act, clinic_id=clinic_id, granted_by=page.viewer.name, **facts
        )
    except Refused as refusal:
        return page.again(FORM, form.refused(refusal), **await _around_clinic(page, holder))
    return page.go(holder.href, f"{holder.name}: waived until {in_words(form.value.ends_on)}.")


async def _around_clinic(page: Page, holder: Holder) -> dict[str, Any]:
    """What is asked of the clinic itself."""
    sight, _at = await sight_of(page)
    asked_of = sight.frame.asked_of_clinic(page.found(holder.clinic_id))
    return {"holder": holder, "requirements": [(each.code, each.title) for each in asked_of], "clinics": []}


async def _around(page: Page, holder: Holder) -> dict[str, Any]:
    """What is asked of this therapist, wherever they work."""
    therapist_id = page.found(holder.therapist_id)
    files = await credential_files(page.session, page.organization_id, [therapist_id])
    sight, _at = await sight_of(page)
    found = [one for file in files.values() for one in places(sight.frame, file, sight.places, sight.days)]
    asked_of = {each.code: each.title for place in found for each in place.asked if each.holder is HeldBy.THERAPIST}
    here = {str(place.clinic.id): place.clinic.name for place in found}
    return {"holder": holder, "requirements": list(asked_of.items()), "clinics": list(here.items())}


ROUTES = [new, grant, new_of_clinic, grant_to_clinic]
