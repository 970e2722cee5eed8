"""Signing in at a provider elsewhere, and linking one's account there with the one here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels import openid
from compliance.channels.openid import Asked, Provider, ProviderRefused, Said
from compliance.crypto.tokens import same
from compliance.db.queries.accounts import person_by_id
from compliance.db.queries.second_factors import identity
from compliance.services import account_mail, identities
from compliance.services.refusals import Refused
from compliance.web import accepting, confirming, letting_in, under_way
from compliance.web.access import PUBLIC, SIGNED_IN, needs
from compliance.web.errors import safe_next
from compliance.web.flash import Flash
from compliance.web.forms import Nothing
from compliance.web.letting_in import Shown
from compliance.web.own_factors import act_of, left_without
from compliance.web.page import Page
from compliance.web.security import from_our_page
from compliance.web.under_way import UnderWay

LINK: Final = "/account/provider/link"
BACK: Final = "/sign-in/provider/callback"
REUSED: Final = (
    "This sign-in was finished already, was begun in another browser, or took longer than ten minutes. Begin anew."
)
SENTENCES: Final = {
    "unreachable": "{name} cannot be reached right now. Sign in with your password, or try again later.",
    "wrong-issuer": "{name} answers as another provider than the one that is meant here. Whoever runs this service "
    "finds the reason in its log.",
    "refused": "{name} did not sign you in. Try once more, or sign in with your password.",
}
STRANGER: Final = (
    "Nobody here is linked with this account at {name}. Sign in as before, then link it under “Your account”."
)

log = structlog.get_logger("compliance.web")


def _provider(page: Page) -> Provider:
    return page.found(page.settings.provider)


@get("/sign-in/provider", opt=PUBLIC)
async def begin(page: NamedDependency[Page]) -> Redirect:
    """To the provider. Nothing is written: what was asked is sealed in the browser."""
    return await _leave(page, safe_next(page.request.query_params.get("next", "/")))


@get(LINK, opt=needs(SIGNED_IN))
async def begin_link(page: NamedDependency[Page]) -> Redirect:
    """The same for somebody who is signed in and wants to be known by their account there."""
    return confirming.first(page, LINK) or await _leave(page, "/account", str(page.viewer.person_id))


@get("/set-password/{token:str}/provider", opt=PUBLIC)
async def begin_invited(page: NamedDependency[Page], token: FromPath[str]) -> Redirect:
    """The same for somebody who was invited, from our own page alone: a link elsewhere must not tie whoever follows it
    to an invitation of its maker's. (A form could not lead to the provider: the policy keeps forms here.)"""
    ours = from_our_page(page.request.headers, page.settings)
    if not ours or await accepting.invited_by(page, page.session, token) is None:
        return page.go(accepting.path_of(token))
    return await _leave(page, "/", invitation=token)


async def _leave(page: Page, wanted: str, person: str = "", invitation: str = "") -> Redirect:
    provider, asked = _provider(page), _new(page)
    said = {"person": person, "invitation": invitation}
    try:
        address = await openid.address(provider, asked)
    except ProviderRefused as refusal:
        return _refused(page, refusal, _where(said))
    under_way.begin(
        page, "provider", state=asked.state, nonce=asked.nonce, verifier=asked.verifier, next=wanted, person=person,
        invitation=invitation,
    )  # fmt: skip
    return page.go(address)


def _where(said: Mapping[str, str]) -> str:
    """Where somebody left from, and is told what came of it."""
    if said.get("invitation"):
        return accepting.path_of(said["invitation"])
    return "/account" if said["person"] else "/sign-in"


def _new(page: Page) -> Asked:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Asked(page.mail.link(BACK), state, nonce, verifier)


def _refused(page: Page, refusal: ProviderRefused, where: str) -> Redirect:
    log.warning("provider refused", reason=refusal.reason, problem=str(refusal))
    return page.go(where, Flash(SENTENCES[refusal.reason].format(name=_provider(page).name), "missing"))


@get(BACK, opt=PUBLIC)
async def come_back(page: NamedDependency[Page]) -> Redirect:
    """From the provider, with a code that counts once and in the browser that left alone."""
    provider, what, given = _provider(page), under_way.found(page, "provider"), page.request.query_params
    if what is None or not same(str(given.get("state", "")), what.said["state"]):
        return page.go("/sign-in", Flash(REUSED, "expiring"))
    async with page.database.write.begin() as session:
        if not await under_way.spend(session, page, "provider", what):
            return page.go("/sign-in", Flash(REUSED, "expiring"))
    try:
        said = await _said(page, provider, what)
    except ProviderRefused as refusal:
        return _refused(page, refusal, _where(what.said))
    if what.said.get("invitation"):
        return await accepting.come_back(page, what.said["invitation"], said)
    async with page.database.write.begin() as session:
        if what.said["person"]:
            return await _link(page, session, what, said)
        return await _enter(page, session, what, said)


async def _said(page: Page, provider: Provider, what: UnderWay) -> Said:
    given = page.request.query_params
    if given.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        raise ProviderRefused("wrong-issuer", f"the browser comes back from {given['iss']!r}")
    if "error" in given or not given.get("code"):
        raise ProviderRefused("refused", f"the provider says {given.get('error', 'nothing')!r}"[:200])
    asked = Asked(page.mail.link(BACK), what.said["state"], what.said["nonce"], what.said["verifier"])
    return await openid.signed_in(provider, asked, given["code"], page.now)


async def _enter(page: Page, session: AsyncSession, what: UnderWay, said: Said) -> Redirect:
    """Issuer and subject decide; an address never does."""
    known = await identity(session, said.issuer, said.subject)
    person = await person_by_id(session, known.person_id) if known else None
    if person is None:
        return page.go("/sign-in", Flash(STRANGER.format(name=_provider(page).name), "missing"))
    await identities.note_use(session, said=said, now=page.now)
    return await letting_in.admit(page, session, Shown(person, ("provider",), what.said["next"]), strong=said.strong)


async def _link(page: Page, session: AsyncSession, what: UnderWay, said: Said) -> Redirect:
    viewer, name = page.somebody, _provider(page).name
    if viewer is None or viewer.person_id != UUID(what.said["person"]):
        return page.go("/sign-in", Flash(REUSED, "expiring"))
    act = act_of(page)
    try:
        await identities.link(session, act=act, person_id=viewer.person_id, said=said)
    except Refused as refusal:
        return page.go("/account", Flash(str(refusal), "missing"))
    change: account_mail.Change = "identity-linked"
    await account_mail.tell(session, act=act, mail=page.mail, person_id=viewer.person_id, change=change, about=name)
    await letting_in.alone(page, session)
    return page.go("/account", Flash(f"You may sign in with {name} from now on."))


@dataclass(frozen=True)
class Unlink(Nothing):
    """A button without fields."""


@post("/account/provider/unlink", opt=needs(SIGNED_IN))
async def unlink(page: NamedDependency[Page]) -> Redirect:
    """The account there signs nobody in here any more."""
    await page.form(Unlink)
    back = confirming.first(page, "/account")
    if back:
        return back
    mine, provider = page.viewer.person_id, _provider(page)
    await identities.unlink(page.session, act=act_of(page), person_id=mine, issuer=provider.issuer)
    change: account_mail.Change = "identity-unlinked"
    act = act_of(page)
    await account_mail.tell(page.session, act=act, mail=page.mail, person_id=mine, change=change, about=provider.name)
    await letting_in.alone(page, page.session)
    return page.go(
        "/account", Flash(f"{provider.name} no longer signs you in here.{await left_without(page)}", "missing")
    )


ROUTES: Final[list[Any]] = [begin, begin_link, begin_invited, come_back, unlink]
