"""The forms of ladders: for one credential, for a type, for everything that ends; and dropping one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries.own_ladders import OwnLadder, ladders_of
from compliance.domain.credential_types import Ladder
from compliance.services import reminders
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.forms import Form, asked, blank
from compliance.web.holders import held_credential
from compliance.web.labels import type_title
from compliance.web.page import Html, Page
from compliance.web.reminder_words import WHO, as_typed, steps

LADDER: Final = "reminders/ladder.html"
CLEAR: Final = "reminders/clear.html"
EVERY: Final = "every"
"""The address of the ladder of every type: no type has this code."""


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


ROUTES: Final[list[Any]] = [
    ladder_of_credential, set_of_credential, ladder_of_type, set_of_type, clear_form, clear,
]  # fmt: skip
