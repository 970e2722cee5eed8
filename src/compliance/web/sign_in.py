"""Signing in: by password, by a one-time link, and the way back when the password is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from compliance import clock
from compliance.crypto import passwords
from compliance.crypto.ids import new_id
from compliance.db.queries.accounts import Capability, Person, memberships_of, person_by_email, person_by_id
from compliance.db.records import INSTALLATION
from compliance.db.scope import Scope, narrow
from compliance.rendering import render
from compliance.services import accounts, links, links_elsewhere, mailing, sign_in
from compliance.services.trail import Act
from compliance.web import accepting, letting_in
from compliance.web.access import PUBLIC
from compliance.web.checking import WRONG, checked, even
from compliance.web.errors import safe_next
from compliance.web.flash import Flash
from compliance.web.forms import Form, asked, blank
from compliance.web.fresh_sign_in import asking_browser
from compliance.web.letting_in import Shown
from compliance.web.page import Html, Page
from compliance.web.summary import Problems

WRONG_CODE: Final = "This is not the code, or it was mistyped five times: then have a new link mailed to you."


@dataclass(frozen=True)
class SignIn:
    """Address and password; `next` is where somebody wanted to go."""

    email: str = asked("your e-mail address")
    password: str = asked("your password", longest=2000)
    next: str = asked("the next page", default="", longest=2000)


@get("/sign-in", opt=PUBLIC)
async def sign_in_page(page: NamedDependency[Page]) -> Html | Redirect:
    """The form."""
    wanted = safe_next(page.request.query_params.get("next", "/"))
    if page.somebody:
        return page.go(wanted)
    return page.show("account/sign_in.html", values=blank(SignIn, next=wanted), provider=page.settings.provider)


@post("/sign-in", opt=PUBLIC)
async def sign_in_by_password(page: NamedDependency[Page]) -> Html | Redirect:
    """A new session, or the same words whatever was wrong."""
    form = await page.form(SignIn)
    if form.value is None:
        return page.again("account/sign_in.html", form, provider=page.settings.provider)
    person = await checked(page, form.value.email, form.value.password)
    if person is None:
        form.errors = _refusal(page)
        return page.again("account/sign_in.html", form, provider=page.settings.provider)
    return await letting_in.admit(page, page.session, Shown(person, ("password",), safe_next(form.value.next)))


_TOLD: Final[dict[str, Problems]] = {}


def _refusal(page: Page) -> Problems:
    """What a wrong sign-in is told, with its place on the page: found once, since a storm asks for it each time."""
    if WRONG not in _TOLD:
        around = {"values": blank(SignIn), "provider": None, "errors": {"password": WRONG}}
        _TOLD[WRONG] = Problems({"password": WRONG}, render("account/sign_in.html", **page.frame() | around))
    return _TOLD[WRONG]


# -- one-time links ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pressed:
    """The button of a link; a code is asked for where another browser asked for the link."""

    code: str = asked("the code", default="", longest=20)


@get("/sign-in/{token:str}", opt=PUBLIC)
async def sign_in_link(page: NamedDependency[Page], token: FromPath[str]) -> Html:
    """A button: opening the link alone signs nobody in."""
    link = await links.link_of(page.session, kind=links.SIGN_IN, token=await _shown(page, token), now=page.now)
    if link is None and await links_elsewhere.asks_for_code(page.session, token=token, now=page.now):
        return page.show("account/sign_in_code.html", values=blank(Pressed))
    if link is None or link.person_id is None:
        return page.show("account/spent_link.html", status=404)
    person = page.found(await person_by_id(page.session, link.person_id))
    return page.show("account/sign_in_link.html", person=person)


@post("/sign-in/{token:str}", opt=PUBLIC)
async def sign_in_by_link(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """Uses the link up. It is one factor: who has a second is asked for it."""
    form = await page.form(Pressed)
    async with page.database.read() as session:
        by_code = await _needs_code(page, session, token)
    if by_code:
        link = await _by_code(page, token, form)
        if link is None:
            return page.again("account/sign_in_code.html", form.refuse("code", WRONG_CODE))
    else:
        link = await links.use_link(page.session, kind=links.SIGN_IN, token=await _shown(page, token), now=page.now)
    person = await person_by_id(page.session, link.person_id) if link and link.person_id else None
    if link is None or person is None:
        raise NotFoundException
    shown = Shown(person, ("link",), organization_id=link.organization_id)
    theirs = await memberships_of(page.session, person.id, now=page.now)
    if any(each.demonstration and each.organization_id == link.organization_id for each in theirs):
        return await letting_in.let_in(page, page.session, shown, strong=False)  # it is shared by all who look around
    return await letting_in.admit(page, page.session, shown)


async def _needs_code(page: Page, session: Any, token: str) -> bool:
    """Whether another browser asked for this link."""
    here = links.bound(token, asking_browser(page))
    if await links.link_of(session, kind=links.SIGN_IN, token=here, now=page.now):
        return False
    return await links_elsewhere.asks_for_code(session, token=token, now=page.now)


async def _by_code(page: Page, token: str, form: Form[Pressed]) -> Capability | None:
    """The link, used up; none for a wrong code. A try is counted before it is looked at."""
    if form.value is None or not form.value.code:
        return None
    async with page.database.write.begin() as session:
        admitted = await links_elsewhere.admit_try(session, token=token, now=page.now)
    if not admitted:
        return None
    return await links_elsewhere.use_link(page.session, token=token, code=form.value.code, now=page.now)


async def _shown(page: Page, token: str) -> str:
    """The token, with the browser's own part where the link was asked for in this browser."""
    theirs = links.bound(token, asking_browser(page))
    return theirs if await links.link_of(page.session, kind=links.SIGN_IN, token=theirs, now=page.now) else token


# -- a forgotten password ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forgot:
    """The address to mail to."""

    email: str = asked("your e-mail address")


@get("/forgot-password", opt=PUBLIC)
async def forgot_password_page(page: NamedDependency[Page]) -> Html:
    """The form."""
    return page.show("account/forgot_password.html", values=blank(Forgot), sent=False)


@post("/forgot-password", opt=PUBLIC)
async def forgot_password(page: NamedDependency[Page]) -> Html:
    """The same answer in the same time, whether or not anybody has this address."""
    form = await page.form(Forgot)
    if form.value is None:
        return page.again("account/forgot_password.html", form, sent=False)
    began = clock.monotonic()
    database = page.database
    limits = sign_in.mail_limits(form.value.email, page.address)
    async with database.write.begin() as session:
        admitted = await sign_in.count_attempt(session, limits=limits, now=page.now)
    if admitted:
        async with database.write.begin() as session:
            await _mail_link(page, session, form.value.email)
    await even(began)
    leaves = page.settings.smtp_url is not None
    return page.show("account/forgot_password.html", values=form.typed, sent=True, mail_leaves=leaves)


async def _mail_link(page: Page, session: Any, email: str) -> None:
    person = await person_by_email(session, email)
    theirs = await memberships_of(session, person.id, now=page.now) if person else []
    if person is None or not theirs:
        return
    real = min(theirs, key=lambda each: each.demonstration)  # a demonstration's mail stays where others read it
    await narrow(session, Scope(real.organization_id, person.id))
    act = Act(real.organization_id, f"user:{person.id}", page.now)
    token = await links.make_link(
        session,
        kind=links.SET_PASSWORD,
        person_id=person.id,
        organization_id=act.organization_id,
        lasts=links.FORGOTTEN,
        now=page.now,
    )
    await mailing.send_link(
        session,
        act=act,
        mail=page.mail,
        kind="set-password",
        address=person.email,
        name=person.name,
        link=page.mail.link(f"/set-password/{token}"),
        expires_at=page.now + links.FORGOTTEN,
    )


@dataclass(frozen=True)
class NewPassword:
    """A new password, twice."""

    password: str = asked("a password", longest=2000)
    again: str = asked("the same password once more", longest=2000)


@get("/set-password/{token:str}", opt=PUBLIC)
async def set_password_page(page: NamedDependency[Page], token: FromPath[str]) -> Html:
    """The form; opening it uses nothing up."""
    person = await _person_of(page, token)
    if person is None:
        return page.show("account/spent_link.html", status=404)
    ways = await _other_ways(page, page.session, token)
    return page.show("account/set_password.html", person=person, values=blank(NewPassword), **ways)


@post("/set-password/{token:str}", opt=PUBLIC)
async def set_password(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """Uses the link up. Every session and every other link of the person ends."""
    form = await page.form(NewPassword)
    async with page.database.read() as session:
        person = await _person_of(page, token, session)
        theirs = await memberships_of(session, person.id, now=page.now) if person else []
        ways = await _other_ways(page, session, token)
    if person is None:
        raise NotFoundException
    if form.value:
        names = (person.name, *(each.organization_name for each in theirs))
        form.errors |= accounts.password_problem(form.value.password, form.value.again, email=person.email, names=names)
    if form.value is None or form.errors:
        return page.again("account/set_password.html", form, person=person, **ways)
    hashed = await passwords.hash_password(form.value.password)
    if await links.use_link(page.session, kind=links.SET_PASSWORD, token=token, now=page.now) is None:
        raise NotFoundException
    act = Act(INSTALLATION, f"link:{new_id(page.now)}", page.now)
    await accounts.set_password(page.session, act=act, person_id=person.id, password_hash=hashed)
    limits = sign_in.sign_in_limits(person.email, page.address)
    await sign_in.forgive_attempt(page.session, limits=limits)  # whoever was kept out by a guesser is let in again
    return page.go("/sign-in", Flash("Your password is set. Sign in with it."))


async def _other_ways(page: Page, session: Any, token: str) -> dict[str, Any]:
    """Who was invited may begin without a password; who forgot one gets another."""
    return {"guest": await accepting.invited_by(page, session, token), "provider": page.settings.provider}


async def _person_of(page: Page, token: str, session: Any = None) -> Person | None:
    reader = session or page.session
    link = await links.link_of(reader, kind=links.SET_PASSWORD, token=token, now=page.now)
    return await person_by_id(reader, link.person_id) if link and link.person_id else None


ROUTES: Final[list[Any]] = [
    sign_in_page,
    sign_in_by_password,
    sign_in_link,
    sign_in_by_link,
    forgot_password_page,
    forgot_password,
    set_password_page,
    set_password,
]
