"""What is a person's own: which organization they are in, their name, address and password, and the way out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from compliance.crypto import passwords
from compliance.db.queries.accounts import memberships_of, person_by_id
from compliance.db.queries.second_factors import factors_of, identities_of
from compliance.db.queries.sessions import sessions_of
from compliance.db.records import INSTALLATION
from compliance.services import account_mail, accounts, sign_in, sign_in_address
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from compliance.web import letting_in
from compliance.web.access import SIGNED_IN, needs
from compliance.web.demands import BEFORE
from compliance.web.errors import safe_next
from compliance.web.flash import Flash
from compliance.web.forms import Form, Nothing, asked, blank
from compliance.web.page import Html, Page
from compliance.web.sessions import ended_cookie, session_cookie

MINE: Final = needs(SIGNED_IN)


@dataclass(frozen=True)
class Choice:
    """One of the viewer's organizations; `next` is where somebody wanted to go."""

    organization_id: UUID = asked("an organization")
    next: str = asked("the next page", default="/", longest=2000)


@get("/organizations", opt=MINE | BEFORE)
async def organizations(page: NamedDependency[Page]) -> Html:
    """Where this person may go."""
    theirs = await memberships_of(page.session, page.viewer.person_id, now=page.now)
    wanted = safe_next(page.request.query_params.get("next", "/"))
    return page.show("account/organizations.html", memberships=theirs, next=wanted)


@post("/organizations", opt=MINE | BEFORE)
async def choose_organization(page: NamedDependency[Page]) -> Redirect:
    """Into one of them, with a new token: what a session may do never changes under the same one."""
    form = await page.form(Choice)
    theirs = await memberships_of(page.session, page.viewer.person_id, now=page.now)
    chosen = [each for each in theirs if form.value and each.organization_id == form.value.organization_id]
    if form.value is None or not chosen:
        raise NotFoundException
    token = await sign_in.open_session(
        page.session,
        person_id=page.viewer.person_id,
        organization_id=chosen[0].organization_id,
        now=page.now,
        replaces=page.viewer.session_hash,
        proof=page.viewer.proof,
    )
    page.set_cookie(session_cookie(page.settings, token))
    return page.go(safe_next(form.value.next))


@post("/sign-out", opt=MINE | BEFORE)
async def sign_out(page: NamedDependency[Page]) -> Redirect:
    """Ends the session here and in the database."""
    await page.form(Nothing)
    viewer = page.viewer
    await sign_in.close_session(
        page.session, person_id=viewer.person_id, session_hash=viewer.session_hash, now=page.now
    )
    page.set_cookie(ended_cookie(page.settings))
    answer = page.go("/sign-in", Flash("You are signed out."))
    answer.headers["clear-site-data"] = '"storage"'  # what was typed and not sent, in every tab
    return answer


# -- my account ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Name:
    """How the pages call somebody."""

    name: str = asked("your name", longest=120)


@dataclass(frozen=True)
class Address:
    """Another address to sign in with; the password shows that it is not just an open browser."""

    email: str = asked("the new address", longest=254)
    confirm: str = asked("your password", longest=2000)


@dataclass(frozen=True)
class Password:
    """Another password."""

    current: str = asked("your password of now", longest=2000)
    password: str = asked("a new password", longest=2000)
    again: str = asked("the new password once more", longest=2000)


TEMPLATE: Final = "account/account.html"


@get("/account", opt=MINE)
async def account(page: NamedDependency[Page]) -> Html:
    """Name, address, password."""
    return page.show(TEMPLATE, **await _shown(page), values=blank(Name, name=page.viewer.name), part="")


@post("/account/name", opt=MINE)
async def change_name(page: NamedDependency[Page]) -> Html | Redirect:
    """Another name."""
    form = await page.form(Name)
    if form.value is None:
        return await _again(page, form, "name")
    await accounts.change_name(page.session, act=_act(page), person_id=page.viewer.person_id, name=form.value.name)
    return page.go("/account", "Your name is changed.")


@post("/account/email", opt=MINE)
async def change_email(page: NamedDependency[Page]) -> Html | Redirect:
    """Another address to sign in with: it is mailed a link, and the old one holds until that is used."""
    form = await page.form(Address)
    if form.value is None or not await _knows_password(page, form, "confirm", form.value.confirm):
        return await _again(page, form, "email")
    mine, email = page.viewer.person_id, form.value.email
    organization_id = await _writes_in(page)
    if organization_id is None:
        form.refuse("email", "You belong to no organization, and mail is written in the name of one.")
        return await _again(page, form, "email")
    act = replace(_act(page), organization_id=organization_id)
    try:
        await sign_in_address.ask(page.session, act=act, mail=page.mail, person_id=mine, email=email)
    except Refused as refusal:
        return await _again(page, form.refused(refusal), "email")
    return page.go("/account", f"A link is on its way to {email.strip()}. Until you confirm it, nothing changes.")


async def _writes_in(page: Page) -> UUID | None:
    """In whose name the mail is written: a demonstration's stays where others read it, so it comes last."""
    theirs = await memberships_of(page.session, page.viewer.person_id, now=page.now)
    return min(theirs, key=lambda each: each.demonstration).organization_id if theirs else None


@post("/account/email/take-back", opt=MINE)
async def take_back_email(page: NamedDependency[Page]) -> Redirect:
    """The link that was mailed is worth nothing any more."""
    await page.form(Nothing)
    await sign_in_address.take_back(page.session, act=_act(page), person_id=page.viewer.person_id)
    return page.go("/account", "Your address stays as it is.")


@post("/account/password", opt=MINE)
async def change_password(page: NamedDependency[Page]) -> Html | Redirect:
    """Another password: all sessions end, this browser gets a new one."""
    form = await page.form(Password)
    if form.value:
        given = form.value
        mine, names = page.viewer, (page.viewer.name, page.viewer.organization_name)
        form.errors |= accounts.password_problem(given.password, given.again, email=mine.email, names=names)
    if form.value is None or form.errors or not await _knows_password(page, form, "current", form.value.current):
        return await _again(page, form, "password")
    hashed = await passwords.hash_password(form.value.password)
    person_id = page.viewer.person_id
    await accounts.set_password(page.session, act=_act(page), person_id=person_id, password_hash=hashed)
    await account_mail.tell(page.session, act=_act(page), mail=page.mail, person_id=person_id, change="password-set")
    await letting_in.renew(page, page.session, proven_at=page.now)
    return page.go("/account", "Your password is changed; other browsers are signed out.")


async def _knows_password(page: Page, form: Form[Any], field: str, password: str) -> bool:
    """Whether this is the viewer's password, under the same limits as signing in."""
    database = page.database
    limits = sign_in.sign_in_limits(page.viewer.email, page.address)
    async with database.write.begin() as session:
        admitted = await sign_in.count_attempt(session, limits=limits, now=page.now)
    async with database.read() as session:
        person = await person_by_id(session, page.viewer.person_id)
    if not (admitted and person and await passwords.verify(person.password_hash, password)):
        form.refuse(field, "This is not your password, or there were too many attempts. Try again soon.")
        return False
    async with database.write.begin() as session:
        await sign_in.forgive_attempt(session, limits=limits)
    return True


async def _again(page: Page, form: Form[Any], part: str) -> Html:
    return page.again(TEMPLATE, form, **await _shown(page), part=part)


async def _shown(page: Page) -> dict[str, Any]:
    async with page.database.read() as session:
        person = page.found(await person_by_id(session, page.viewer.person_id))
        theirs = await memberships_of(session, person.id, now=page.now)
        waits = await sign_in_address.waiting(session, person.id, now=page.now)
        factors = await factors_of(session, person.id)
        open_sessions = await sessions_of(session, person.id, now=page.now)
        known_as = await identities_of(session, person.id)
    leaves = page.settings.smtp_url is not None
    elsewhere = {"provider": page.settings.provider, "identities": known_as}
    ways = elsewhere | {"factors": factors, "open_sessions": open_sessions, "this_session": page.viewer.session_hash}
    return {"person": person, "memberships": theirs, "waiting": waits, "mail_leaves": leaves} | ways


def _act(page: Page) -> Act:
    return Act(INSTALLATION, f"user:{page.viewer.person_id}", page.now)


ROUTES: Final[list[Any]] = [
    organizations,
    choose_organization,
    sign_out,
    account,
    change_name,
    change_email,
    take_back_email,
    change_password,
]
