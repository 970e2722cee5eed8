"""The same deed for many therapists of the list: chosen with marks, planned, shown, done, and told of.

Who was chosen travels in the page, at most `MOST` ids; nothing is written before the plan was shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries import tasks as reading
from compliance.db.queries.chosen import Chosen, held_by
from compliance.domain.credentials import Result, StandingCode
from compliance.domain.months import in_words
from compliance.services import bulk, reminders
from compliance.services.bulk import KIND, MOST, Plan, SameLook, SamePlace
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.chosen import again, seen, wanted
from compliance.web.forms import Form, asked, blank
from compliance.web.page import Html, Page
from compliance.web.sights import clinics_by_id
from compliance.web.verifications import STANDINGS

DEEDS: Final = {
    "looks": ("Record the same look", "verifications.write"),
    "assignments": ("Assign to a clinic", "assignments.write"),
    "reminders": ("Remind now", "credentials.write"),
    "export": ("Export", "exports.run"),
}
"""What can be done for many: its words, and what it needs."""
IDS: Final = MOST * 37
RESULTS: Final = (
    ("confirmed", "Confirmed", "For each of them: name, number and dates are those on file."),
    ("could-not-check", "Could not check", "The site was down, or no look was possible."),
)


# -- whom ----------------------------------------------------------------------------------------------------------


@get("/therapists/together", opt=needs("therapists.read"))
async def begin(page: NamedDependency[Page]) -> Html:
    """The form of the deed, with those who were marked in the list, or all that its filters find."""
    given = page.request.query_params
    deed = given.get("deed", "")
    deed = deed if deed in DEEDS else "export"
    if not page.may(DEEDS[deed][1]):
        raise PermissionDeniedException("Your role does not include this.", extra={"needs": DEEDS[deed][1]})
    people, more = await wanted(page)
    shape = SHAPES[deed]
    first = blank(shape, ids=" ".join(str(each.id) for each in people), **_first(page, deed))
    return await _form(page, deed, people, values=first, more=more)


def _first(page: Page, deed: str) -> dict[str, Any]:
    """What a form begins with."""
    if deed == "looks":
        return {"verified_on": page.today, "verified_by": page.viewer.name}
    if deed == "assignments":
        return {"starts_on": page.today, "modalities": ()}
    return {"within": 60} if deed == "reminders" else {}


async def _form(
    page: Page,
    deed: str,
    people: Sequence[Chosen],
    *,
    values: dict[str, Any],
    more: bool = False,
    plan: Plan | None = None,
    form: Form[Any] | None = None,
) -> Html:
    """The page of a deed: its fields, and what would be done as soon as that is known."""
    around: dict[str, Any] = {
        "deed": deed,
        "title": DEEDS[deed][0],
        "people": people,
        "more": more,
        "most": MOST,
        "plan": plan,
    }
    around |= await _choices(page, deed, people)
    if form is not None and plan is None:
        return page.again("bulk/deed.html", form, **around)
    return page.show("bulk/deed.html", values=values, **around)


async def _choices(page: Page, deed: str, people: Sequence[Chosen]) -> dict[str, Any]:
    if deed == "looks":
        return {"kinds": await _kinds(page, people), "results": RESULTS, "standings": STANDINGS}
    if deed == "assignments":
        here = await clinics_by_id(page)
        return {
            "clinics": [(str(each.id), each.name) for each in here.values() if each.closed_on is None],
            "modalities": [(each.code, each.title) for each in load().modalities.values()],
        }
    return {}


async def _kinds(page: Page, people: Sequence[Chosen]) -> list[tuple[str, str]]:
    """What these people hold, most often held first: ("massage-license@us-fl", "Florida massage license (12)")."""
    held = await held_by(page.session, page.organization_id, [each.id for each in people])
    often = Counter((each.type, each.jurisdiction) for each in held)
    return [
        (f"{type_}@{place or ''}", f"{reminders.label(type_, place)} ({count})")
        for (type_, place), count in often.most_common()
    ]


# -- what ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Looks:
    """One look at a source that showed all of them."""

    ids: str = asked("whom it is about", longest=IDS)
    kind: str = asked("what was looked up")
    result: str = asked("what the source shows")
    verified_on: date = asked("the day of the look")
    verified_by: str = asked("who looked", longest=120)
    source: str = asked("where it was looked up", longest=200)
    standing: str = ""
    note: str = asked("a note", default="", longest=2000, lines=True)
    step: str = "look"


@post("/therapists/together/looks", opt=needs("verifications.write"))
async def looks(page: NamedDependency[Page]) -> Html | Redirect:
    """Shows what would be recorded; on the second step records it."""
    form = await page.form(Looks)
    people = await again(page, form)
    look = _look(page, form)
    if look is None:
        return await _form(page, "looks", people, values=form.typed, form=form)
    if form.value is None or form.value.step != "write":
        plan = await bulk.plan_looks(page.session, page.organization_id, people, look)
        return await _form(page, "looks", people, values=form.typed, plan=plan)
    try:
        plan = await bulk.record_looks(page.session, act=page.act, people=people, look=look)
    except Refused as refusal:
        return await _form(page, "looks", people, values=form.typed, form=form.refused(refusal))
    said = f"Look at the {reminders.label(look.type, look.jurisdiction)} recorded"
    return await _told(page, f"{said}: {in_words(look.verified_on)}, {look.source.strip()}", plan)


def _look(page: Page, form: Form[Looks]) -> SameLook | None:
    """The look, where nothing is wrong with it."""
    given = form.value
    if given is None:
        return None
    type_, _, place = given.kind.partition("@")
    if type_ not in load().types:
        form.refuse("kind", "Choose one of the list.")
    if given.result not in {value for value, *_ in RESULTS}:
        form.refuse("result", "Choose one of the two.")
    if given.standing and given.standing not in {value for value, _ in STANDINGS}:
        form.refuse("standing", "Choose one of the list.")
    if given.verified_on > page.today:
        form.refuse("verified_on", f"{in_words(given.verified_on)} is still to come. Give today or an earlier day.")
    if form.errors:
        return None
    standing = StandingCode(given.standing) if given.standing else None
    said = (given.verified_on, given.verified_by, given.source, standing, given.note)
    return SameLook(type_, place or None, Result(given.result), *said)


@dataclass(frozen=True)
class Places:
    """A clinic for all of them."""

    ids: str = asked("whom it is about", longest=IDS)
    clinic_id: UUID = asked("the clinic")
    starts_on: date = asked("the first day")
    modalities: tuple[str, ...] = ()
    step: str = "look"


@post("/therapists/together/assignments", opt=needs("assignments.write"))
async def places(page: NamedDependency[Page]) -> Html | Redirect:
    """Shows who would be assigned; on the second step assigns them."""
    form = await page.form(Places)
    people = await again(page, form)
    given = form.value
    if given and not set(given.modalities) & set(load().modalities):
        form.refuse("modalities", "Choose at least one modality, for what is asked depends on it.")
    if given is None or form.errors:
        return await _form(page, "assignments", people, values=form.typed, form=form)
    here = page.found((await clinics_by_id(page)).get(given.clinic_id))
    place = SamePlace(here.id, here.name, given.modalities, given.starts_on)
    if given.step != "write":
        plan = await bulk.plan_places(page.session, page.organization_id, people, place)
        return await _form(page, "assignments", people, values=form.typed, plan=plan)
    try:
        plan = await bulk.assign_all(page.session, act=page.act, people=people, place=place)
    except Refused as refusal:
        return await _form(page, "assignments", people, values=form.typed, form=form.refused(refusal))
    return await _told(page, f"Assigned to {here.name} from {in_words(place.starts_on)}", plan)


@dataclass(frozen=True)
class Nudges:
    """Whose credentials end within so many days, or ended lately."""

    ids: str = asked("whom it is about", longest=IDS)
    within: int = asked("how many days ahead")
    step: str = "look"


@post("/therapists/together/reminders", opt=needs("credentials.write"))
async def nudges(page: NamedDependency[Page]) -> Html | Redirect:
    """Shows who would get mail; on the second step queues it."""
    form = await page.form(Nudges)
    people = await again(page, form)
    given = form.value
    if given and not 0 <= given.within <= 365:
        form.refuse("within", "Give a number of days from 0 to 365.")
    if given is None or form.errors:
        return await _form(page, "reminders", people, values=form.typed, form=form)
    about: dict[str, Any] = {"people": people, "within": given.within}
    if given.step != "write":
        plan = await reminders.plan_reminders(page.session, page.organization_id, now=page.now, **about)
        return await _form(page, "reminders", people, values=form.typed, plan=plan)
    try:
        plan = await reminders.remind_now(page.session, act=page.act, mail=page.mail, **about)
    except Refused as refusal:
        return await _form(page, "reminders", people, values=form.typed, form=form.refused(refusal))
    return await _told(page, f"Reminded of what ends within {given.within} days", plan)


@dataclass(frozen=True)
class Export:
    """Whose rows."""

    ids: str = asked("whom it is about", longest=IDS)


SHAPES: Final[dict[str, type[Any]]] = {"looks": Looks, "assignments": Places, "reminders": Nudges, "export": Export}


# -- what was done -------------------------------------------------------------------------------------------------


async def _told(page: Page, title: str, plan: Plan) -> Redirect:
    """On to the page that says what was done and what was not; it can be come back to."""
    id_ = await bulk.keep(page.session, act=page.act, title=title, plan=plan)
    return page.go(f"/therapists/together/{id_}")


@get("/therapists/together/{task_id:uuid}", opt=needs("therapists.read"))
async def result(page: NamedDependency[Page], task_id: FromPath[UUID]) -> Html:
    """For whom it was done, and who was left out and why; those of whom the viewer may know."""
    found = page.found(await reading.task(page.session, page.organization_id, task_id))
    mine = found.kind == KIND and (found.started_by == page.act.actor or not page.clinic_ids)
    kept = page.found(found if mine else None)
    does, left_out = (list(kept.result[each]) for each in ("does", "left_out"))  # type: ignore[call-overload]
    names = {str(each.id): each.name for each in await seen(page, [UUID(id_) for id_, _words in does + left_out])}
    around: dict[str, Any] = {"does": does, "left_out": left_out, "names": names}
    return page.show("bulk/result.html", task=kept, zone=page.membership.time_zone, **around)


ROUTES: Final[list[Any]] = [begin, looks, places, nudges, result]
