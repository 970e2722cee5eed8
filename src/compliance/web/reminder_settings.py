"""How an organization reminds: its ladders, the hours and days on which mail leaves, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries import ladders
from compliance.db.queries.accounts import members_of
from compliance.db.queries.own_ladders import OwnLadder, OwnLadders, ladders_of
from compliance.db.queries.standing_in import Delegation, delegations
from compliance.domain.credential_types import Ladder
from compliance.domain.release import Calendar
from compliance.services import reminders
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.forms import Form, asked, blank
from compliance.web.holders import held_credential
from compliance.web.labels import type_title
from compliance.web.page import Html, Page
from compliance.web.reminder_words import WHO, as_typed, clock, steps

LADDER: Final = "reminders/ladder.html"
HOURS: Final = "reminders/hours.html"
DELEGATE: Final = "reminders/delegate.html"
CLEAR: Final = "reminders/clear.html"
EVERY: Final = "every"
"""The address of the ladder of every type: no type has this code."""


@get("/reminders/settings", opt=needs("reminders.read"))
async def settings(page: NamedDependency[Page]) -> Html:
    """Everything that is set, with where it comes from."""
    ours = await _organization(page)
    own = await ladders_of(page.session, page.organization_id)
    return page.show(
        "reminders/settings.html",
        types=_types(page, own),
        every=own.of_types.get((page.organization_id, "")),
        of_credentials=len(own.of_credentials),
        calendar=ours.calendar,
        away=await delegations(page.session, page.organization_id, page.today),
        steps=steps,
        clock=clock,
        who=WHO,
    )


async def _organization(page: Page) -> ladders.Organization:
    return (await ladders.organizations(page.session, [page.organization_id]))[page.organization_id]


def _types(page: Page, own: OwnLadders) -> list[tuple[str, str, Ladder, OwnLadder | None]]:
    """Each type that ends, with the ladder in force for it and what was set."""
    every = own.of_types.get((page.organization_id, ""))
    found = []
    for each in load().types.values():
        if each.expires:
            set_ = own.of_types.get((page.organization_id, each.code)) or every
            found.append((each.code, each.title, set_.ladder if set_ else each.ladder, set_))
    return found


# -- ladders -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Steps:
    """A ladder as one writes it: days before the end, below zero after it; and why."""

    therapist: str = asked("the therapist's steps", default="")
    manager: str = asked("the managers' steps", default="")
    owner: str = asked("the owner's steps", default="")
    reason: str = asked("the reason", default="")


@dataclass(frozen=True)
class About:
    """What a ladder is for."""

    title: str
    action: str
    back: str
    ladder: Ladder
    set_: OwnLadder | None
    type: str = ""
    credential_id: UUID | None = None


async def _of_type(page: Page, code: str) -> About:
    types, own = load().types, await ladders_of(page.session, page.organization_id)
    here = f"/reminders/ladders/{code}"
    if code == EVERY:
        set_ = own.of_types.get((page.organization_id, ""))
        usual = set_.ladder if set_ else next(each.ladder for each in types.values() if each.expires)
        return About("everything that ends", here, "/reminders/settings", usual, set_)
    type_ = page.found(types.get(code))
    set_ = own.of_types.get((page.organization_id, code))
    wider = set_ or own.of_types.get((page.organization_id, ""))
    usual = wider.ladder if wider else type_.ladder
    return About(type_title(code), here, "/reminders/settings", usual, set_, code)


async def _of_credential(page: Page, credential_id: UUID) -> About:
    held, holder = await held_credential(page, credential_id)
    own = await ladders_of(page.session, page.organization_id)
    found = own.of(page.organization_id, held.id, held.type)
    usual = found.ladder if found else load().types[held.type].ladder
    set_ = own.of_credentials.get(held.id)
    title = f"{type_title(held.type, held.jurisdiction)} of {holder.name}"
    back = f"/reminders/why/{held.id}"
    return About(title, f"/reminders/ladders/credentials/{held.id}", back, usual, set_, held.type, held.id)


def _form(page: Page, about: About) -> Html:
    return page.show(LADDER, about=about, steps=steps, who=WHO, values=blank(Steps, **as_typed(about.ladder)))


async def _set(page: Page, about: About) -> Html | Redirect:
    form = await page.form(Steps)
    ladder = _ladder(form)
    if form.value is None or ladder is None:
        return page.again(LADDER, form, about=about, steps=steps, who=WHO)
    what: Mapping[str, Any] = {"credential_id": about.credential_id} if about.credential_id else {"type": about.type}
    try:
        await reminders.set_ladder(page.session, act=page.act, ladder=ladder, reason=form.value.reason, **what)
    except Refused as refusal:
        return page.again(LADDER, form.refused(refusal), about=about, steps=steps, who=WHO)
    return page.go(about.back, f"The ladder of {about.title} is set.")


def _ladder(form: Form[Steps]) -> Ladder | None:
    """The three lines of the form as days; None where one of them is not to be read."""
    if form.value is None:
        return None
    found: dict[str, tuple[int, ...]] = {}
    for who, _ in WHO:
        try:
            found[who] = reminders.days_of(getattr(form.value, who))
        except ValueError as error:
            form.refuse(who, str(error))
    return Ladder(**found) if len(found) == len(WHO) else None


@get("/reminders/ladders/{code:str}", opt=needs("reminders.write"))
async def ladder_of_type(page: NamedDependency[Page], code: FromPath[str]) -> Html:
    """The form for a type, or for every type."""
    return _form(page, await _of_type(page, code))


@post("/reminders/ladders/{code:str}", opt=needs("reminders.write"))
async def set_of_type(page: NamedDependency[Page], code: FromPath[str]) -> Html | Redirect:
    """Sets it."""
    return await _set(page, await _of_type(page, code))


@get("/reminders/ladders/credentials/{credential_id:uuid}", opt=needs("reminders.write"))
async def ladder_of_credential(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html:
    """The form for one credential."""
    return _form(page, await _of_credential(page, credential_id))


@post("/reminders/ladders/credentials/{credential_id:uuid}", opt=needs("reminders.write"))
async def set_of_credential(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html | Redirect:
    """Sets it."""
    return await _set(page, await _of_credential(page, credential_id))


@dataclass(frozen=True)
class Reason:
    """Why."""

    reason: str = asked("the reason", default="")


async def _set_ladder(page: Page, ladder_id: UUID) -> OwnLadder:
    own = await ladders_of(page.session, page.organization_id)
    every = (*own.of_credentials.values(), *own.of_types.values())
    return page.found(next((each for each in every if each.id == ladder_id), None))


def _clearing(found: OwnLadder) -> dict[str, Any]:
    what = type_title(found.type) if found.type else "everything that ends"
    back = f"/reminders/why/{found.credential_id}" if found.credential_id else "/reminders/settings"
    title = "Drop the credential’s own ladder" if found.credential_id else f"Drop the ladder of {what}"
    return {"title": title, "action": f"/reminders/set-ladders/{found.id}/clear", "back": back,
            "sentence": "From then on the next wider ladder holds again.", "button": "Drop"}  # fmt: skip


@get("/reminders/set-ladders/{ladder_id:uuid}/clear", opt=needs("reminders.write"))
async def clear_form(page: NamedDependency[Page], ladder_id: FromPath[UUID]) -> Html:
    """The form."""
    found = await _set_ladder(page, ladder_id)
    return page.show(CLEAR, values=blank(Reason), **_clearing(found))


@post("/reminders/set-ladders/{ladder_id:uuid}/clear", opt=needs("reminders.write"))
async def clear(page: NamedDependency[Page], ladder_id: FromPath[UUID]) -> Html | Redirect:
    """Lets the next wider ladder hold again."""
    around = _clearing(await _set_ladder(page, ladder_id))
    form = await page.form(Reason)
    try:
        reason = form.value.reason if form.value else ""
        await reminders.clear_ladder(page.session, act=page.act, ladder_id=ladder_id, reason=reason)
    except Refused as refusal:
        return page.again(CLEAR, form.refused(refusal), **around)
    return page.go(str(around["back"]), "The ladder is dropped.")


# -- hours and days ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hours:
    """When mail leaves. Times as `09:00`; two equal ones mean that no hour is quiet."""

    hour: str = asked("the hour")
    weekends: bool = False
    quiet_from: str = asked("the beginning of the quiet hours", default="")
    quiet_to: str = asked("the end of the quiet hours", default="")


@get("/reminders/hours", opt=needs("reminders.write"))
async def hours_form(page: NamedDependency[Page]) -> Html:
    """The form."""
    kept = (await _organization(page)).calendar
    return page.show(HOURS, values=blank(Hours, **kept.as_json()))


@post("/reminders/hours", opt=needs("reminders.write"))
async def set_hours(page: NamedDependency[Page]) -> Html | Redirect:
    """Sets hours and days."""
    form = await page.form(Hours)
    calendar = _calendar(form)
    if calendar is None:
        return page.again(HOURS, form)
    try:
        await reminders.set_calendar(page.session, act=page.act, calendar=calendar)
    except Refused as refusal:
        return page.again(HOURS, form.refused(refusal))
    return page.go("/reminders/settings", f"Reminders leave from {clock(calendar.hour)} on.")


def _calendar(form: Form[Hours]) -> Calendar | None:
    if form.value is None:
        return None
    found: dict[str, time] = {}
    for name in ("hour", "quiet_from", "quiet_to"):
        try:
            found[name] = time.fromisoformat(getattr(form.value, name) or "00:00").replace(second=0, microsecond=0)
        except ValueError:
            form.refuse(name, "Give a time of day such as 09:00.")
    return None if form.errors else Calendar(weekends=form.value.weekends, **found)


# -- who stands in -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StandIn:
    """Who is away, who reads for them, from when to when."""

    person_id: UUID | None = asked("who is away", default=None)
    delegate_id: UUID | None = asked("who stands in", default=None)
    starts_on: date | None = asked("the first day", default=None)
    ends_on: date | None = asked("the last day", default=None)
    reason: str = asked("the reason", default="")


async def _staff(page: Page) -> list[tuple[UUID, str]]:
    members = await members_of(page.session, page.organization_id)
    here = [each for each in members if each.role in ("manager", "owner") and each.left_at is None]
    return [(each.person_id, each.name or each.email) for each in here]


@get("/reminders/delegates/new", opt=needs("reminders.write"))
async def delegate_form(page: NamedDependency[Page]) -> Html:
    """The form."""
    return page.show(DELEGATE, values=blank(StandIn, starts_on=page.today), staff=await _staff(page))


@post("/reminders/delegates/new", opt=needs("reminders.write"))
async def name_delegate(page: NamedDependency[Page]) -> Html | Redirect:
    """Names who stands in."""
    form, staff = await page.form(StandIn), await _staff(page)
    given = form.value
    if given is None or not (given.person_id and given.delegate_id and given.starts_on and given.ends_on):
        for name in ("person_id", "delegate_id", "starts_on", "ends_on"):
            if given is not None and getattr(given, name) is None:
                form.refuse(name, "This is needed.")
        return page.again(DELEGATE, form, staff=staff)
    try:
        await reminders.delegate(
            page.session, act=page.act, person_id=given.person_id, delegate_id=given.delegate_id,
            starts_on=given.starts_on, ends_on=given.ends_on, reason=given.reason,
        )  # fmt: skip
    except Refused as refusal:
        return page.again(DELEGATE, form.refused(refusal), staff=staff)
    return page.go("/reminders/settings", "Their reminders go to whoever stands in.")


async def _ending(page: Page, delegation_id: UUID) -> dict[str, Any]:
    every = await delegations(page.session, page.organization_id, page.today)
    found: Delegation = page.found(next((each for each in every if each.id == delegation_id), None))
    return {"title": f"{found.delegate} no longer stands in for {found.person}", "button": "End it",
            "action": f"/reminders/delegates/{found.id}/end", "back": "/reminders/settings",
            "sentence": f"From then on {found.person} gets their own reminders again."}  # fmt: skip


@get("/reminders/delegates/{delegation_id:uuid}/end", opt=needs("reminders.write"))
async def end_form(page: NamedDependency[Page], delegation_id: FromPath[UUID]) -> Html:
    """The form."""
    return page.show(CLEAR, values=blank(Reason), **await _ending(page, delegation_id))


@post("/reminders/delegates/{delegation_id:uuid}/end", opt=needs("reminders.write"))
async def end(page: NamedDependency[Page], delegation_id: FromPath[UUID]) -> Html | Redirect:
    """Nobody stands in any more."""
    around = await _ending(page, delegation_id)
    form = await page.form(Reason)
    try:
        reason = form.value.reason if form.value else ""
        await reminders.end_delegation(page.session, act=page.act, delegation_id=delegation_id, reason=reason)
    except Refused as refusal:
        return page.again(CLEAR, form.refused(refusal), **around)
    return page.go("/reminders/settings", "Their reminders are theirs again.")


ROUTES: Final[list[Any]] = [
    settings, ladder_of_credential, set_of_credential, ladder_of_type, set_of_type, clear_form, clear, hours_form,
    set_hours, delegate_form, name_delegate, end_form, end,
]  # fmt: skip
