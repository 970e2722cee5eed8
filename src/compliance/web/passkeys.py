"""Passkeys: made and taken off under one's account, and signing in with one, which needs nothing else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto import passkeys as crypto
from compliance.crypto.passkeys import Party, PasskeyRefused
from compliance.db.queries.accounts import Person, person_by_id
from compliance.db.queries.second_factors import passkey_by_credential, passkeys_of
from compliance.services import passkeys, sign_in
from compliance.services.refusals import Refused
from compliance.web import confirming, letting_in, under_way
from compliance.web.access import PUBLIC, SIGNED_IN, needs
from compliance.web.demands import BEFORE
from compliance.web.errors import safe_next
from compliance.web.flash import Flash
from compliance.web.forms import Nothing, asked, blank
from compliance.web.letting_in import Shown
from compliance.web.own_factors import OVERVIEW, act_of, after_removal, left_without, made_strong, tell
from compliance.web.page import Html, Page

MINE: Final = needs(SIGNED_IN)
NEW: Final = "/account/passkeys/new"
SIGN_IN: Final = "/sign-in/passkey"
REFUSED: Final = "This passkey does not open anything here. Try once more, or sign in with your password."
NOT_MADE: Final = "The passkey could not be kept. Try once more."

log = structlog.get_logger("compliance.web")


def party(page: Page) -> Party | None:
    """Whose passkeys are made here: the name in the address. Browsers make none for an address of numbers."""
    host = page.request.headers.get("host", "").lower()
    name = host.rsplit(":", 1)[0]
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        tls = page.settings.https and host == page.settings.public_host
        return Party(name, f"{'https' if tls else 'http'}://{host}")
    return None


# -- one's own -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """What the browser made, and what its owner calls it."""

    name: str = asked("a name for it", longest=60)
    credential: str = asked("a passkey", default="", longest=20_000)


@get(NEW, opt=MINE | BEFORE)
async def new_passkey(page: NamedDependency[Page]) -> Html | Redirect:
    """The form; the browser's own dialog opens at its button."""
    back = confirming.first(page, NEW)
    return back or page.show("account/passkey.html", values=blank(Made), **await _asking(page, page.session))


async def _asking(page: Page, session: AsyncSession) -> dict[str, Any]:
    where = party(page)
    if where is None:
        return {"options": None, "by_name": f"http://localhost:{page.settings.port}{NEW}"}
    challenge, viewer = secrets.token_urlsafe(32), page.viewer
    under_way.begin(page, "passkey-new", person=str(viewer.person_id), challenge=challenge)
    known = [each.credential_id for each in await passkeys_of(session, viewer.person_id)]
    whose = (viewer.person_id.bytes, viewer.email, viewer.name)
    return {"options": crypto.to_make(where, challenge.encode(), *whose, known), "by_name": ""}


@post(NEW, opt=MINE | BEFORE)
async def add_passkey(page: NamedDependency[Page]) -> Html | Redirect:
    """Keeps it; other browsers are signed out, this one is strong."""
    form = await page.form(Made)
    back, what, where = confirming.first(page, NEW), under_way.found(page, "passkey-new"), party(page)
    mine = page.viewer.person_id
    if back or what is None or where is None or what.said["person"] != str(mine):
        return back or page.go(NEW, Flash("This took too long. Try once more.", "expiring"))
    problem = ""
    if form.value is not None:
        try:
            made = crypto.made(where, what.said["challenge"].encode(), form.value.credential)
            if await under_way.spend(page.session, page, "passkey-new", what):
                name = form.value.name
                await passkeys.add(page.session, act=act_of(page), person_id=mine, made=made, name=name)
                await tell(page, "passkey-added", name)
                return await made_strong(page, "passkey", f"The passkey {name} signs you in from now on.")
        except PasskeyRefused as refusal:
            log.warning("passkey not made", problem=str(refusal))
            problem = NOT_MADE
        except Refused as refusal:
            problem = str(refusal)
    async with page.database.read() as session:
        asking = await _asking(page, session)
    return page.again("account/passkey.html", form.refuse("name", problem or NOT_MADE), **asking)


@post("/account/passkeys/{passkey_id:uuid}/remove", opt=MINE)
async def remove_passkey(page: NamedDependency[Page], passkey_id: FromPath[UUID]) -> Redirect:
    """Takes it off."""
    mine = page.viewer.person_id
    if passkey_id not in {each.id for each in await passkeys_of(page.session, mine)}:
        raise NotFoundException
    await page.form(Nothing)
    back = confirming.first(page, OVERVIEW)
    if back:
        return back
    name = await passkeys.remove(page.session, act=act_of(page), person_id=mine, passkey_id=passkey_id)
    await tell(page, "passkey-removed", name)
    await after_removal(page)
    return page.go(OVERVIEW, Flash(f"The passkey {name} is taken off.{await left_without(page)}", "missing"))


# -- signing in ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Used:
    """The browser's answer; `next` is where somebody wanted to go."""

    credential: str = asked("a passkey", longest=20_000)
    next: str = asked("the next page", default="/", longest=2000)


@get(SIGN_IN, opt=PUBLIC)
async def passkey_page(page: NamedDependency[Page]) -> Html:
    """The button at which the browser's own dialog opens."""
    return page.show("account/sign_in_passkey.html", **_using(page, page.request.query_params.get("next", "/")))


def _using(page: Page, wanted: str) -> dict[str, Any]:
    where, wanted = party(page), safe_next(wanted)
    if where is None:
        return {"options": None, "by_name": f"http://localhost:{page.settings.port}{SIGN_IN}", "next": wanted}
    challenge = secrets.token_urlsafe(32)
    under_way.begin(page, "passkey", challenge=challenge)
    return {"options": crypto.to_use(where, challenge.encode()), "by_name": "", "next": wanted}


@post(SIGN_IN, opt=PUBLIC)
async def sign_in_by_passkey(page: NamedDependency[Page]) -> Html | Redirect:
    """A session: the device has asked for a fingerprint or a PIN, which makes it two factors."""
    form = await page.form(Used)
    wanted = form.value.next if form.value else "/"
    person = await _whose(page, form.value.credential) if form.value else None
    if person is None:
        return page.again("account/sign_in_passkey.html", form.refuse("credential", REFUSED), **_using(page, wanted))
    shown = Shown(person, ("passkey",), safe_next(wanted))
    return await letting_in.let_in(page, page.session, shown, strong=True)


async def _whose(page: Page, answer: str) -> Person | None:
    """Whose passkey has answered our challenge, for the first time; counted like any attempt of this network."""
    limits = {f"network:{sign_in.network(page.address)}": sign_in.NETWORK}
    async with page.database.write.begin() as session:
        if not await sign_in.count_attempt(session, limits=limits, now=page.now):
            return None
    async with page.database.write.begin() as session:
        try:
            person = await _proven(page, session, answer)
        except PasskeyRefused as refusal:
            log.warning("passkey refused", problem=str(refusal), network=sign_in.network(page.address))
            return None
        await sign_in.forgive_attempt(session, limits=limits)
    return person


async def _proven(page: Page, session: AsyncSession, answer: str) -> Person | None:
    what, where = under_way.found(page, "passkey"), party(page)
    id_, whose = crypto.credential_of(answer)
    kept = await passkey_by_credential(session, id_)
    if what is None or where is None or kept is None or whose not in (None, kept.person_id.bytes):
        raise PasskeyRefused("no such passkey, or nothing was asked of this browser")
    count = crypto.used(where, what.said["challenge"].encode(), answer, kept.public_key, kept.sign_count)
    if not await under_way.spend(session, page, "passkey", what):
        raise PasskeyRefused("the answer was used before")
    await passkeys.note_use(session, passkey_id=kept.id, sign_count=count, now=page.now)
    return await person_by_id(session, kept.person_id)


ROUTES: Final[list[Any]] = [new_passkey, add_passkey, remove_passkey, passkey_page, sign_in_by_passkey]
