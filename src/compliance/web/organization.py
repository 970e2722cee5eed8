"""An organization: beginning one of one's own, and what it is called, where it is, in which zone its days count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.response import Redirect

from compliance.crypto import passwords
from compliance.db.queries import organizations as reading
from compliance.db.queries.accounts import person_by_email
from compliance.db.queries.second_factors import has_way_in
from compliance.db.records import INSTALLATION
from compliance.db.scope import Scope, narrow
from compliance.services import accounts, organizations, sign_in
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from compliance.web import letting_in
from compliance.web.access import SIGNED_IN, needs
from compliance.web.flash import Flash
from compliance.web.forms import Form, asked, blank
from compliance.web.law import ZONES, zone_name
from compliance.web.page import Html, Page
from compliance.web.sessions import session_cookie

NEW: Final = "organization/new.html"
TAKEN: Final = "Somebody signs in with this address already. Sign in with it, and begin the organization from there."


@dataclass(frozen=True)
class Beginning:
    """A new organization. The last four are asked of those whose sign-in is not their own: in a demonstration."""

    name: str = asked("the organization's name", longest=120)
    time_zone: str = asked("the time zone")
    postal_address: str = asked("the postal address", default="", lines=True, longest=400)
    your_name: str = asked("your name", default="", longest=120)
    email: str = asked("your e-mail address", default="", longest=254)
    password: str = asked("a password", default="", longest=2000)
    again: str = asked("the same password once more", default="", longest=2000)


def zones(*more: str) -> list[tuple[str, str]]:
    """Time zones to choose from; `more` is the one on record, which may be another."""
    return [(each, zone_name(each)) for each in dict.fromkeys([*ZONES, *more])]


@get("/organizations/new", opt=needs(SIGNED_IN))
async def new_organization(page: NamedDependency[Page]) -> Html:
    """The form."""
    as_oneself = await _signs_in_as_oneself(page)
    values = blank(Beginning, time_zone=organizations.DEFAULT_ZONE)
    return page.show(NEW, values=values, zones=zones(), as_oneself=as_oneself)


async def _signs_in_as_oneself(page: Page) -> bool:
    """Whether the sign-in is this person's own: not a demonstration's, and with a way in."""
    _refuse_therapists(page)
    async with page.database.read() as session:
        enters = await has_way_in(session, page.viewer.person_id)
    mine = page.viewer.membership
    return enters and not (mine and mine.demonstration)


def _refuse_therapists(page: Page) -> None:
    if page.viewer.role == "therapist":
        raise PermissionDeniedException("Your role does not include this.")


@post("/organizations/new", opt=needs(SIGNED_IN))
async def begin(page: NamedDependency[Page]) -> Html | Redirect:
    """Makes the organization with its first owner, who is in it at once."""
    as_oneself = await _signs_in_as_oneself(page)
    form = await page.form(Beginning)
    if form.value and not as_oneself:
        await _check_person(page, form, form.value)
    if form.value is None or form.errors:
        return page.again(NEW, form, zones=zones(form.typed["time_zone"]), as_oneself=as_oneself)
    hashed = "" if as_oneself else await passwords.hash_password(form.value.password)
    try:
        organization_id, person_id = await _begin(page, form.value, hashed)
    except Refused as refusal:
        return page.again(NEW, form.refused(refusal), zones=zones(form.typed["time_zone"]), as_oneself=as_oneself)
    token = await sign_in.open_session(
        page.session,
        person_id=person_id,
        organization_id=organization_id,
        now=page.now,
        replaces=page.viewer.session_hash,
        proof=page.viewer.proof if as_oneself else letting_in.proof(page, ("password",), strong=False),
    )
    page.set_cookie(session_cookie(page.settings, token))
    return page.go("/", f"{form.value.name} is yours. Name a clinic to begin.")


async def _check_person(page: Page, form: Form[Beginning], given: Beginning) -> None:
    """What is wrong with the new sign-in, looked at before any transaction begins."""
    if not given.your_name:
        form.refuse("your_name", "Give your name.")
    problem = accounts.email_problem(given.email)
    if problem:
        form.refuse("email", problem)
    names = (given.name, given.your_name)
    form.errors |= accounts.password_problem(given.password, given.again, email=given.email, names=names)
    async with page.database.read() as session:
        if not problem and await person_by_email(session, given.email):
            form.refuse("email", TAKEN)


async def _begin(page: Page, given: Beginning, password_hash: str) -> tuple[UUID, UUID]:
    """The organization and its owner: the viewer, or, with a password, a new person."""
    session, actor = page.session, f"user:{page.viewer.person_id}"
    organization_id = await organizations.add(
        session,
        act=Act(INSTALLATION, actor, page.now),
        name=given.name,
        time_zone=given.time_zone,
        postal_address=given.postal_address,
    )
    await narrow(session, Scope(organization_id, page.viewer.person_id))
    act = Act(organization_id, actor, page.now)
    email, name = (given.email, given.your_name) if password_hash else (page.viewer.email, page.viewer.name)
    invited = await accounts.invite(session, act=act, email=email, role="owner", name=name)
    if password_hash:
        await accounts.set_password(session, act=act, person_id=invited.person_id, password_hash=password_hash)
    return organization_id, invited.person_id


# -- settings ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """What is on record of the organization."""

    name: str = asked("the organization's name", longest=120)
    time_zone: str = asked("the time zone")
    postal_address: str = asked("the postal address", default="", lines=True, longest=400)
    reason: str = asked("the reason", default="")


@get("/organization", opt=needs("clinics.read"))
async def settings_page(page: NamedDependency[Page]) -> Html:
    """What it is called and where it is; the way to everything that belongs to it."""
    ours = page.found(await reading.organization(page.session, page.organization_id))
    names = ("name", "time_zone", "postal_address")
    values = blank(Settings, **{each: getattr(ours, each) for each in names})
    return page.show("organization/settings.html", ours=ours, values=values, zones=zones(ours.time_zone))


@post("/organization", opt=needs("organization.write"))
async def change_settings(page: NamedDependency[Page]) -> Html | Redirect:
    """Changes what differs."""
    form = await page.form(Settings)
    try:
        if form.value:
            await organizations.change(page.session, act=page.act, **vars(form.value))
            return page.go("/organization", Flash("The organization is changed."))
    except Refused as refusal:
        form.refused(refusal)
    async with page.database.read() as session:
        ours = page.found(await reading.organization(session, page.organization_id))
    return page.again("organization/settings.html", form, ours=ours, zones=zones(ours.time_zone))


@dataclass(frozen=True)
class Demand:
    """Whether staff must have a second factor."""

    demanded: bool = asked("whether it is asked", default=False)


@post("/organization/second-factor", opt=needs("organization.write"))
async def demand_second_factor(page: NamedDependency[Page]) -> Redirect:
    """From the next page on who has none is led to set one up before anything else."""
    form = await page.form(Demand)
    wanted = bool(form.value and form.value.demanded)
    if wanted != page.membership.demands_second_factor:
        await organizations.change(page.session, act=page.act, demands_second_factor=wanted)
    said = "A second factor is asked of everybody but therapists." if wanted else "No second factor is asked."
    return page.go("/organization", Flash(said))


ROUTES: Final[list[Any]] = [new_organization, begin, settings_page, change_settings, demand_second_factor]
