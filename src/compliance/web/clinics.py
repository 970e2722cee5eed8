"""Clinics: the list, one clinic with its people and its law, adding, changing, closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries import clinics as places
from compliance.db.queries.clearances import by_clinic
from compliance.db.queries.clinic_pages import working_at
from compliance.db.queries.clinics import Clinic
from compliance.rendering import plural
from compliance.services import clinics
from compliance.services.refusals import Refused
from compliance.web import stopped_clinics
from compliance.web.access import needs
from compliance.web.clinic_page import people, where
from compliance.web.flash import Flash
from compliance.web.forms import Form, asked, blank
from compliance.web.law import ZONES, place_options, zone_name
from compliance.web.page import Html, Page
from compliance.web.sights import sight_of


@get("/clinics", opt=needs("clinics.read"))
async def clinic_list(page: NamedDependency[Page]) -> Html:
    """Each clinic with how many work there and how many of them may not today."""
    sight, at = await sight_of(page)
    return page.show(
        "clinics/list.html",
        clinics=sorted(sight.places.values(), key=lambda each: each.closed_on is not None),
        working=await working_at(page.session, page.organization_id, at),
        against=await by_clinic(page.session, page.organization_id, at),
        place=where,
    )


@get("/clinics/{clinic_id:uuid}", opt=needs("clinics.read"))
async def clinic_page(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html:
    """Who works there, what the clinic holds itself, and what is asked there."""
    clinic = await seen(page, clinic_id)
    return page.show("clinics/clinic.html", clinic=clinic, **await people(page, clinic))


async def seen(page: Page, clinic_id: UUID) -> Clinic:
    """The clinic, or 404 for one that this viewer has no business with."""
    page.see_clinic(clinic_id)
    return page.found(await places.clinic(page.session, page.organization_id, clinic_id))


# -- adding and changing -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewClinic:
    """A clinic; the time zone is asked only where its state has two."""

    name: str = asked("the clinic's name", longest=120)
    jurisdiction: str = asked("the state or city")
    time_zone: str = asked("the time zone", default="")
    address: str = asked("the address", default="", lines=True, longest=400)
    opened_on: date | None = asked("the opening day", default=None)


FORM: Final = "clinics/form.html"


def _choices(**more: Any) -> dict[str, Any]:
    law = load()
    several = {each.name: each.time_zones for each in law.jurisdictions.values() if len(each.time_zones) > 1}
    zones = [(each, zone_name(each)) for each in ZONES]
    return {"places": place_options(law), "zones": zones, "several": several} | more


@get("/clinics/new", opt=needs("clinics.write"))
async def new_clinic(page: NamedDependency[Page]) -> Html:
    """The form."""
    return page.show(FORM, values=blank(NewClinic), clinic=None, **_choices())


@post("/clinics/new", opt=needs("clinics.write"))
async def add_clinic(page: NamedDependency[Page]) -> Html | Redirect:
    """Adds it and says what comes next."""
    form = await page.form(NewClinic)
    if form.value is None:
        return _again(page, form, None)
    given = form.value
    zone = given.time_zone or _usual_zone(given.jurisdiction)
    new = clinics.NewClinic(given.name, given.jurisdiction, zone, given.address, given.opened_on)
    try:
        clinic_id = await clinics.add(page.session, act=page.act, clinic=new)
    except Refused as refusal:
        return _again(page, form.refused(refusal), None)
    if zone and not given.time_zone:
        said = f"{given.name} is added in {zone_name(zone)}, which is the usual one there; its state has two."
        return page.go(f"/clinics/{clinic_id}", Flash(said, "met", f"/clinics/{clinic_id}/change", "Change it"))
    return page.go(f"/clinics/{clinic_id}", await _next(page, clinic_id, given.name))


async def _next(page: Page, clinic_id: UUID, name: str) -> Flash:
    """What comes after a clinic is added: its own license first, where one is asked."""
    sight, _at = await sight_of(page)
    missing = stopped_clinics.against(sight.frame, sight.places[clinic_id], sight.days[clinic_id])
    if missing and missing.step and page.may(missing.step.needs):
        return Flash(f"{name} is added. {missing.finding.title} is asked of it.", "met", missing.step.href,
                     missing.step.text)  # fmt: skip
    return Flash(f"{name} is added.", "met", "/imports/new", "Import who works there")


def _usual_zone(jurisdiction: str) -> str | None:
    """The commoner zone of a state that has two; None where the state tells it, or is none."""
    place = load().jurisdictions.get(jurisdiction)
    return place.time_zones[0] if place and len(place.time_zones) > 1 else None


def _again(page: Page, form: Form[Any], clinic: Clinic | None) -> Html:
    for zone, name in ZONES.items():  # people know their zone by its name, not by a city of it
        form.errors = {field: said.replace(zone, name) for field, said in form.errors.items()}
    return page.again(FORM, form, clinic=clinic, **_choices())


@dataclass(frozen=True)
class ClinicChange(NewClinic):
    """The same fields, and why."""

    reason: str = asked("the reason", default="")


@get("/clinics/{clinic_id:uuid}/change", opt=needs("clinics.write"))
async def change_form(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html:
    """The form with what is on record."""
    clinic = await seen(page, clinic_id)
    names = ("name", "jurisdiction", "time_zone", "address", "opened_on")
    values = blank(ClinicChange, **{each: getattr(clinic, each) for each in names})
    return page.show(FORM, values=values, clinic=clinic, **_choices())


@post("/clinics/{clinic_id:uuid}/change", opt=needs("clinics.write"))
async def change_clinic(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html | Redirect:
    """Changes what differs."""
    clinic = await seen(page, clinic_id)
    form = await page.form(ClinicChange)
    if form.value is None:
        return _again(page, form, clinic)
    given = vars(form.value) | {"time_zone": form.value.time_zone or None}
    try:
        await clinics.change(page.session, act=page.act, clinic_id=clinic_id, **given)
    except Refused as refusal:
        return _again(page, form.refused(refusal), clinic)
    return page.go(f"/clinics/{clinic_id}", f"{form.value.name} is changed.")


# -- closing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Closing:
    """The last day, and why."""

    closed_on: date = asked("the clinic's last day")
    reason: str = asked("the reason", default="")


@get("/clinics/{clinic_id:uuid}/close", opt=needs("clinics.write"))
async def close_form(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html:
    """The form, which says what ends with the clinic."""
    return page.show("clinics/close.html", clinic=await seen(page, clinic_id), values=blank(Closing))


@post("/clinics/{clinic_id:uuid}/close", opt=needs("clinics.write"))
async def close_clinic(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html | Redirect:
    """Closes it; assignments there end on the same day."""
    clinic = await seen(page, clinic_id)
    form = await page.form(Closing)
    if form.value is None:
        return page.again("clinics/close.html", form, clinic=clinic)
    last, why = form.value.closed_on, form.value.reason
    try:
        ended = await clinics.close(page.session, act=page.act, clinic_id=clinic_id, closed_on=last, reason=why)
    except Refused as refusal:
        return page.again("clinics/close.html", form.refused(refusal), clinic=clinic)
    said = f"{plural(ended, 'assignment')} ended with it." if ended else "No assignment had to end."
    return page.go(f"/clinics/{clinic_id}", f"{clinic.name} is closed. {said}")


@dataclass(frozen=True)
class Reopening:
    """Why the closing is taken back."""

    reason: str = asked("why the clinic is open again")


@post("/clinics/{clinic_id:uuid}/reopen", opt=needs("clinics.write"))
async def reopen_clinic(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html | Redirect:
    """Takes the closing back."""
    clinic = await seen(page, clinic_id)
    form = await page.form(Reopening)
    if form.value is None:
        return page.again("clinics/close.html", form, clinic=clinic)
    await clinics.reopen(page.session, act=page.act, clinic_id=clinic_id, reason=form.value.reason)
    return page.go(f"/clinics/{clinic_id}", f"{clinic.name} is open again. Assignments that ended with it stay ended.")


ROUTES: Final[list[Any]] = [
    clinic_list,
    new_clinic,
    add_clinic,
    clinic_page,
    change_form,
    change_clinic,
    close_form,
    close_clinic,
    reopen_clinic,
]
