"""How an organization reminds: the ladders in force, hours and days on which mail leaves, and who stands in."""

from __future__ import annotations

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
from compliance.db.queries.members import members_of
from compliance.db.queries.own_ladders import OwnLadder, OwnLadders, ladders_of
from compliance.db.queries.standing_in import Delegation, delegations
from compliance.domain.credential_types import Ladder
from compliance.domain.release import Calendar
from compliance.services import reminders
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.forms import Form, asked, blank
from compliance.web.page import Html, Page
from compliance.web.reminder_ladders import CLEAR, Reason
from compliance.web.reminder_words import WHO, clock, steps

HOURS: Final = "reminders/hours.html"
DELEGATE: Final = "reminders/delegate.html"


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


@dataclass(frozen=True)
class Alike:
    """Types that climb one ladder from one source, as (code, title)."""

    ladder: Ladder
    set_: OwnLadder | None
    types: list[tuple[str, str]]


def _types(page: Page, own: OwnLadders) -> list[Alike]:
    """The ladders in force, what somebody set first, each with the types that climb it."""
    every = own.of_types.get((page.organization_id, ""))
    found: dict[tuple[Ladder, UUID | None], Alike] = {}
    for each in load().types.values():
        if each.expires:
            set_ = own.of_types.get((page.organization_id, each.code)) or every
            ladder = set_.ladder if set_ else each.ladder
            alike = found.setdefault((ladder, set_.id if set_ else None), Alike(ladder, set_, []))
            alike.types.append((each.code, each.title))
    return sorted(found.values(), key=lambda each: (each.set_ is None, each.types))


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


ROUTES: Final[list[Any]] = [settings, hours_form, set_hours, delegate_form, name_delegate, end_form, end]
