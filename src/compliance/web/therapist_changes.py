"""What changes about a therapist: name, address and the rest; leaving; the legal hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries.therapists import Therapist, therapist
from compliance.rendering import plural
from compliance.services import therapists
from compliance.services.refusals import Refused
from compliance.services.therapists import Change
from compliance.web.access import needs
from compliance.web.forms import asked, blank
from compliance.web.page import Html, Page


@dataclass(frozen=True)
class Facts:
    """The person as they should stand on file. A name with a first day is a new one; without, a misspelling."""

    first_name: str = asked("the first name", longest=100)
    last_name: str = asked("the last name", longest=100)
    name_starts_on: date | None = None
    email: str = asked("the e-mail address", default="", longest=254)
    phone: str = asked("the phone number", default="", longest=40)
    birth_date: date | None = None
    npi: str = asked("the NPI", default="", longest=10)
    notes: str = asked("notes", default="", longest=4000, lines=True)
    reason: str = asked("the reason", default="", longest=500, lines=True)


@get("/therapists/{therapist_id:uuid}/change", opt=needs("therapists.write"))
async def change_form(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The form with what is on file."""
    who = await _who(page, therapist_id)
    names = ("first_name", "last_name", "email", "phone", "birth_date", "npi", "notes")
    first = blank(Facts, **{name: getattr(who, name) or "" for name in names})
    return page.show("therapists/change.html", who=who, values=first)


@post("/therapists/{therapist_id:uuid}/change", opt=needs("therapists.write"))
async def change(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Redirect:
    """What is the same stays as it is and leaves no entry."""
    who = await _who(page, therapist_id)
    form = await page.form(Facts)
    if form.value is None:
        return page.again("therapists/change.html", form, who=who)
    try:
        await therapists.change(page.session, act=page.act, change=_change(who, form.value))
    except Refused as refusal:
        return page.again("therapists/change.html", form.refused(refusal), who=who)
    return page.go(f"/therapists/{therapist_id}", "Changed.")


def _change(who: Therapist, given: Facts) -> Change:
    return Change(
        who.id,
        first_name=given.first_name,
        last_name=given.last_name,
        email=given.email,
        phone=given.phone,
        npi=given.npi,
        birth_date=given.birth_date,
        notes=given.notes,
        name_starts_on=given.name_starts_on,
        reason=given.reason,
    )


async def _who(page: Page, therapist_id: UUID) -> Therapist:
    await page.see_therapist(therapist_id)
    return page.found(await therapist(page.session, page.organization_id, therapist_id))


# -- leaving -------------------------------------------------------------------------------------------------------


ELSEWHERE: Final = "They also work at a clinic that is not yours. End the work at your own clinic instead."


@dataclass(frozen=True)
class Leaving:
    """The last day at all clinics."""

    last_day: date = asked("the last day")
    reason: str = asked("the reason", default="", longest=500, lines=True)


@get("/therapists/{therapist_id:uuid}/depart", opt=needs("therapists.write"))
async def depart_form(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The form."""
    who = await _who(page, therapist_id)
    return page.show("therapists/depart.html", who=who, values=blank(Leaving, last_day=page.today))


@post("/therapists/{therapist_id:uuid}/depart", opt=needs("therapists.write"))
async def depart(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Redirect:
    """Ends what runs longer; reminders stop, the file stays."""
    who = await _who(page, therapist_id)
    form = await page.form(Leaving)
    if form.value and page.clinic_ids and _works_elsewhere(page, who, form.value.last_day):
        form.refuse("last_day", ELSEWHERE)
    if form.value is None or form.errors:
        return page.again("therapists/depart.html", form, who=who)
    last_day, reason = form.value.last_day, form.value.reason
    try:
        ended = await therapists.depart(
            page.session, act=page.act, therapist_id=therapist_id, last_day=last_day, reason=reason
        )
    except Refused as refusal:
        return page.again("therapists/depart.html", form.refused(refusal), who=who)
    return page.go(f"/therapists/{therapist_id}", f"{plural(ended, 'assignment')} ended. The file stays.")


def _works_elsewhere(page: Page, who: Therapist, last_day: date) -> bool:
    """Whether an assignment would end at a clinic that the viewer is not limited to."""
    return any(each.clinic_id not in page.clinic_ids and each.ends_on > last_day for each in who.assignments)


# -- legal hold ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hold:
    """Why the file is kept, or need not be any longer."""

    reason: str = asked("the reason", longest=500, lines=True)


@get("/therapists/{therapist_id:uuid}/legal-hold", opt=needs("therapists.write"))
async def hold_form(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The form."""
    return page.show("therapists/hold.html", who=await _who(page, therapist_id), values=blank(Hold))


@post("/therapists/{therapist_id:uuid}/legal-hold", opt=needs("therapists.write"))
async def hold(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Redirect:
    """Puts the file on hold, or ends the hold."""
    who = await _who(page, therapist_id)
    form = await page.form(Hold)
    if form.value is None:
        return page.again("therapists/hold.html", form, who=who)
    given, why = not who.legal_hold, form.value.reason
    await therapists.set_legal_hold(page.session, act=page.act, therapist_id=therapist_id, hold=given, reason=why)
    return page.go(f"/therapists/{therapist_id}", "This file is kept." if given else "The legal hold has ended.")


ROUTES = [change_form, change, depart_form, depart, hold_form, hold]
