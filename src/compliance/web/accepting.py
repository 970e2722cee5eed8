"""An invitation accepted without a password: with a passkey, or with an account at the provider.

What was shown is bound to the link by what the browser is in the middle of (`under_way.py`): the link's token leaves
sealed and comes back sealed, and counts once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels.openid import Said
from compliance.crypto import passkeys as crypto
from compliance.crypto.ids import new_id
from compliance.crypto.passkeys import PasskeyRefused
from compliance.db.queries.accounts import Membership, Person, fold_email, memberships_of, person_by_id
from compliance.db.queries.second_factors import has_way_in
from compliance.db.records import INSTALLATION
from compliance.services import accepting, account_mail, links, second_factors
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from compliance.web import letting_in, under_way
from compliance.web.access import PUBLIC
from compliance.web.flash import Flash
from compliance.web.forms import Nothing, asked, blank
from compliance.web.letting_in import Shown, browser_words
from compliance.web.page import Html, Page
from compliance.web.passkeys import NOT_MADE, party
from compliance.web.under_way import UnderWay

KEY: Final = "/set-password/{token:str}/passkey"
COMPARED: Final = "/sign-in/provider/invitation"
LATE: Final = "This took too long, or was begun in another browser. Try once more."

log = structlog.get_logger("compliance.web")


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who was invited and has no way in yet, and where to."""

    person: Person
    places: tuple[Membership, ...]
    organization_id: UUID | None


def path_of(token: str) -> str:
    """The page of an invitation."""
    return f"/set-password/{token}"


async def invited_by(page: Page, session: AsyncSession, token: str) -> Guest | None:
    """Whom this link invites; none where it is over, or is somebody's who can sign in already."""
    link = await links.link_of(session, kind=links.SET_PASSWORD, token=token, now=page.now)
    person = await person_by_id(session, link.person_id) if link and link.person_id else None
    if link is None or person is None or await has_way_in(session, person.id):
        return None
    return Guest(person, tuple(await memberships_of(session, person.id, now=page.now)), link.organization_id)


def _act(page: Page) -> Act:
    return Act(INSTALLATION, f"link:{new_id(page.now)}", page.now)


# -- with a passkey ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """What the browser made, and what its owner calls it."""

    name: str = asked("a name for it", longest=60)
    credential: str = asked("a passkey", default="", longest=20_000)


@get(KEY, opt=PUBLIC)
async def passkey_page(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """The form; the browser's own dialog opens at its button, and nothing is used up before it was answered."""
    guest = await invited_by(page, page.session, token)
    if guest is None:
        return page.show("account/spent_link.html", status=404)
    named = browser_words(page.request.headers.get("user-agent", ""))
    return page.show("account/accept_passkey.html", values=blank(Made, name=named), **_asking(page, guest, token))


def _asking(page: Page, guest: Guest, token: str) -> dict[str, Any]:
    where, person = party(page), guest.person
    if where is None:
        by_name = f"http://localhost:{page.settings.port}{path_of(token)}/passkey"
        return {"guest": guest, "options": None, "by_name": by_name, "back": path_of(token)}
    challenge = secrets.token_urlsafe(32)
    under_way.begin(page, "passkey-new", person=str(person.id), challenge=challenge, invitation=token)
    options = crypto.to_make(where, challenge.encode(), person.id.bytes, person.email, person.name, [])
    return {"guest": guest, "options": options, "by_name": "", "back": path_of(token)}


@post(KEY, opt=PUBLIC)
async def accept_with_passkey(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """The passkey becomes the way in; it is two factors, so the session is strong. Recovery codes are shown once."""
    form = await page.form(Made)
    async with page.database.read() as session:
        guest = await invited_by(page, session, token)
    if guest is None:
        raise NotFoundException
    problem = ""
    if form.value is not None:
        try:
            made = _proven(page, guest, token, form.value.credential)
            if made is not None and await under_way.spend(page.session, page, "passkey-new", made[0]):
                return await _begun(page, guest, token, made[1], form.value.name)
            problem = LATE
        except PasskeyRefused as refusal:
            log.warning("passkey not made", problem=str(refusal))
            problem = NOT_MADE
        except Refused as refusal:
            problem = str(refusal)
        form.refuse("name", problem)
    return page.again("account/accept_passkey.html", form, **_asking(page, guest, token))


def _proven(page: Page, guest: Guest, token: str, answer: str) -> tuple[UnderWay, crypto.NewPasskey] | None:
    """What this browser was asked for this invitation, and the passkey it made; none where nothing was asked."""
    what, where = under_way.found(page, "passkey-new"), party(page)
    bound = {"person": str(guest.person.id), "invitation": token}
    if what is None or where is None or any(what.said.get(name) != value for name, value in bound.items()):
        return None
    return what, crypto.made(where, what.said["challenge"].encode(), answer)


async def _begun(page: Page, guest: Guest, token: str, made: crypto.NewPasskey, name: str) -> Html:
    session, act = page.session, _act(page)
    person_id = await accepting.with_passkey(session, act=act, token=token, made=made, name=name)
    codes = await second_factors.make_codes(session, act=act, person_id=person_id)
    change: account_mail.Change = "passkey-added"
    await account_mail.tell(session, act=act, mail=page.mail, person_id=person_id, change=change, about=name)
    shown = Shown(guest.person, ("passkey",), organization_id=guest.organization_id)
    await letting_in.let_in(page, session, shown, strong=True)
    return page.show("account/recovery_codes.html", codes=codes, said=f"The passkey {name} signs you in from now on.")


# -- with an account at the provider -------------------------------------------------------------------------------


async def come_back(page: Page, token: str, said: Said) -> Redirect:
    """From the provider: in at once where it knows the invited address, else to a page that says what is different."""
    async with page.database.read() as session:
        guest = await invited_by(page, session, token)
    if guest is None:
        return page.go(path_of(token))
    if said.verified and fold_email(said.address) == fold_email(guest.person.email):
        async with page.database.write.begin() as session:
            return await _enter(page, session, guest, token, said)
    under_way.begin(
        page, "invitation", token=token, issuer=said.issuer, subject=said.subject, address=said.address,
        strong="yes" if said.strong else "", verified="yes" if said.verified else "",
    )  # fmt: skip
    return page.go(COMPARED)


async def _enter(page: Page, session: AsyncSession, guest: Guest, token: str, said: Said) -> Redirect:
    act, provider = _act(page), page.found(page.settings.provider)
    try:
        await accepting.with_identity(session, act=act, token=token, said=said)
    except Refused as refusal:  # before anything is written
        return page.go(path_of(token), Flash(str(refusal), "missing"))
    change: account_mail.Change = "identity-linked"
    mine = guest.person.id
    await account_mail.tell(session, act=act, mail=page.mail, person_id=mine, change=change, about=provider.name)
    shown = Shown(guest.person, ("provider",), organization_id=guest.organization_id)
    return await letting_in.admit(page, session, shown, strong=said.strong)


@get(COMPARED, opt=PUBLIC)
async def compare(page: NamedDependency[Page]) -> Html | Redirect:
    """Who was invited, and whom the provider has signed in: a person decides whether that is meant."""
    provider, what = page.found(page.settings.provider), under_way.found(page, "invitation")
    guest = await invited_by(page, page.session, what.said["token"]) if what else None
    if what is None or guest is None:
        return page.go("/sign-in", Flash(LATE, "expiring"))
    there, verified = what.said["address"], bool(what.said["verified"])
    other = fold_email(there) != fold_email(guest.person.email)
    told: dict[str, Any] = {"there": there, "verified": verified, "other": other}
    back = path_of(what.said["token"])
    return page.show("account/accept_provider.html", guest=guest, provider=provider, back=back, **told)


@post(COMPARED, opt=PUBLIC)
async def accept_compared(page: NamedDependency[Page]) -> Redirect:
    """It is meant: the account there becomes the way in."""
    await page.form(Nothing)
    what = under_way.found(page, "invitation")
    guest = await invited_by(page, page.session, what.said["token"]) if what else None
    if what is None or guest is None or not await under_way.spend(page.session, page, "invitation", what):
        return page.go("/sign-in", Flash(LATE, "expiring"))
    given = what.said
    said = Said(given["issuer"], given["subject"], given["address"], bool(given["strong"]), bool(given["verified"]))
    return await _enter(page, page.session, guest, given["token"], said)


ROUTES: Final[list[Any]] = [passkey_page, accept_with_passkey, compare, accept_compared]
