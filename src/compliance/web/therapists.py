"""Therapists: the list with search, filters, sorting and paging, and somebody new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries.namesakes import Double, likely_doubles
from compliance.db.queries.stored_verdicts import license_numbers
from compliance.db.queries.therapist_list import Wanted, therapists
from compliance.domain.matching import fold_email, fold_name
from compliance.services import assignments, consequences
from compliance.services import therapists as people
from compliance.services.refusals import Refused
from compliance.web import search
from compliance.web.access import needs
from compliance.web.bulk import DEEDS
from compliance.web.forms import Form, asked, blank
from compliance.web.page import Html, Page
from compliance.web.sights import clinics_by_id, narrowed, numbers, sight_of
from compliance.web.verdicts import verdicts

ROWS: Final = 50
LICENSES: Final = ("massage-license", "massage-registration", "state-certification", "local-permit")


@get("/therapists", opt=needs("therapists.read"))
async def show_list(page: NamedDependency[Page]) -> Html:
    """Fifty of them, each with the verdict of the day and its next action."""
    wanted = search.read_wanted(page)
    sight, at = await sight_of(page)
    at = narrowed(at, wanted.clinic_id if wanted.clinic_id in sight.places else None)
    counted = await numbers(page, at)
    if counted.working.more and wanted.sort.endswith("until"):
        wanted = replace(wanted, sort="name")
    found = await therapists(
        page.session,
        page.organization_id,
        wanted,
        at,
        clinic_ids=page.clinic_ids,
        after=search.read_id(page.request.query_params.get("after", "")),
        before=search.read_id(page.request.query_params.get("before", "")),
        limit=ROWS,
        many=counted.soon.more if wanted.verdict == "soon" else counted.against.more,
    )
    ids = [each.id for each in found.rows]
    return page.show(
        "therapists/list.html",
        wanted=wanted,
        rows=found.rows,
        close=found.close,
        verdicts=await verdicts(page.session, page.organization_id, found.rows, sight),
        license_numbers=await license_numbers(page.session, page.organization_id, ids, LICENSES),
        counted=counted,
        day=at[0].day,
        clinic=sight.places.get(wanted.clinic_id) if wanted.clinic_id else None,
        choices=search.choices(sight.places.values()),
        links=search.links(page, wanted, found),
        kept=[(name, value) for name, value in search.query(page, wanted).items() if value],
        deeds=[(deed, words) for deed, (words, capability) in DEEDS.items() if page.may(capability)],
        narrow=wanted != Wanted(sort=wanted.sort),
    )


# -- somebody new --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewTherapist:
    """A person, and where they will work. `sure`: it is nobody of those who look alike."""

    first_name: str = asked("the first name", longest=100)
    last_name: str = asked("the last name", longest=100)
    email: str = asked("the e-mail address", default="", longest=254)
    phone: str = asked("the phone number", default="", longest=40)
    birth_date: date | None = None
    npi: str = asked("the NPI", default="", longest=10)
    notes: str = asked("notes", default="", longest=4000, lines=True)
    clinic_id: UUID | None = None
    modalities: tuple[str, ...] = ()
    starts_on: date | None = None
    sure: bool = False


@get("/therapists/new", opt=needs("therapists.write"))
async def new(page: NamedDependency[Page]) -> Html:
    """The form."""
    first = blank(NewTherapist, starts_on=page.today, modalities=())
    return page.show("therapists/new.html", **await _around(page), values=first, doubles=[])


@post("/therapists", opt=needs("therapists.write"))
async def add(page: NamedDependency[Page]) -> Html | Redirect:
    """On to the new therapist's page, which says what is asked and what is missing."""
    form = await page.form(NewTherapist)
    _check_place(page, form)
    if form.value is None or form.errors:
        return page.again("therapists/new.html", form, **await _around(page), doubles=[])
    doubles = [] if form.value.sure else await _doubles(page, form.value)
    if doubles:
        form.refuse("sure", "Somebody on file looks like the same person. Look, or say that this is another one.")
    try:
        id_ = await _add(page, form.value)  # tried with doubles, too: all that is wrong is said at once, nothing stays
    except Refused as refusal:
        form.refused(refusal)
    if form.errors:
        return page.again("therapists/new.html", form, **await _around(page), doubles=doubles)
    name = f"{form.value.first_name} {form.value.last_name}"
    return page.go(f"/therapists/{id_}", f"{name} is on file. Below is what is asked, and what is missing.")


def _check_place(page: Page, form: Form[NewTherapist]) -> None:
    """A clinic comes with a modality and a first day; who is limited to clinics names one of theirs."""
    given = form.read
    clinic_id = given.get("clinic_id")
    if clinic_id:
        page.see_clinic(clinic_id)
    elif page.clinic_ids and "clinic_id" in given:
        form.refuse("clinic_id", "Choose a clinic; you see the people of your clinics only.")
    if clinic_id and not given.get("modalities", True):
        form.refuse("modalities", "Choose at least one modality for the clinic, for what is asked depends on it.")
    if clinic_id and not given.get("starts_on", True):
        form.refuse("starts_on", "Give the first day at the clinic.")


async def _doubles(page: Page, given: NewTherapist) -> list[Double]:
    return await likely_doubles(
        page.session,
        page.organization_id,
        folded_name=fold_name(given.first_name, given.last_name),
        folded_email=fold_email(given.email) or None,
        birth_date=given.birth_date,
        clinic_ids=page.clinic_ids,
    )


async def _add(page: Page, given: NewTherapist) -> UUID:
    """The person and the first assignment, in one breath."""
    person = people.NewTherapist(
        given.first_name,
        given.last_name,
        given.email or None,
        given.phone,
        given.npi or None,
        given.birth_date,
        given.notes,
    )
    async with consequences.once(page.session, act=page.act):
        id_ = await people.add(page.session, act=page.act, therapist=person)
        if given.clinic_id and given.starts_on:
            works = assignments.NewAssignment(id_, given.clinic_id, given.modalities, given.starts_on)
            await assignments.add(page.session, act=page.act, assignment=works)
    return id_


async def _around(page: Page) -> dict[str, Any]:
    found = await clinics_by_id(page)
    return {
        "clinics": [(str(each.id), each.name) for each in found.values() if each.closed_on is None],
        "modalities": [(each.code, each.title) for each in load().modalities.values()],
    }


ROUTES = [show_list, new, add]
