"""Who may do what here: inviting, roles, clinics, last days, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries import references
from compliance.db.queries.accounts import memberships_of
from compliance.db.queries.clinics import clinics
from compliance.db.queries.members import Member, members_of
from compliance.db.queries.therapists import therapist
from compliance.db.records import INSTALLATION
from compliance.services import account_mail, accounts, links, mailing, second_factors
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from compliance.settings import is_loopback
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import Form, Nothing, asked, blank
from compliance.web.page import Html, Page

ROLES: Final = (
    ("manager", "Manager", "People, credentials, verifications and reports, of all clinics or of some."),
    ("reviewer", "Reviewer", "Records what boards said and decides on it, of all clinics or of some."),
    ("auditor", "Auditor", "Reads everything until a day."),
    ("owner", "Owner", "All of it, people and policies too."),
    ("therapist", "Therapist", "Reads their own file, and nothing else. Reminders need no sign-in."),
)
FORM: Final = "organization/person.html"


@get("/people", opt=needs("people.read"))
async def people(page: NamedDependency[Page]) -> Html:
    """Everybody with a role, then those who left."""
    members = await members_of(page.session, page.organization_id)
    names = {each.id: each.name for each in await clinics(page.session, page.organization_id)}
    return page.show("organization/people.html", members=members, clinic_names=names)


@dataclass(frozen=True)
class Role:
    """What somebody may do, where and until when."""

    role: str = asked("a role")
    clinic_ids: tuple[UUID, ...] = ()
    ends_on: date | None = asked("the last day", default=None)
    therapist: str = asked("whose file", default="", longest=254)


@dataclass(frozen=True)
class Invitation(Role):
    """Somebody new with a role."""

    email: str = asked("the e-mail address", default="", longest=254)
    name: str = asked("the name", default="", longest=120)


@get("/people/invite", opt=needs("people.write"))
async def invite_form(page: NamedDependency[Page]) -> Html:
    """The form."""
    return page.show(FORM, values=blank(Invitation, role="manager"), member=None, **await _choices(page))


async def _choices(page: Page) -> dict[str, Any]:
    found = await clinics(page.session, page.organization_id)
    return {"roles": ROLES, "places": [(each.id, each.name) for each in found if each.closed_on is None]}


@post("/people/invite", opt=needs("people.write"))
async def invite(page: NamedDependency[Page]) -> Html | Redirect:
    """Gives the role and mails the link with which they choose a password."""
    form = await page.form(Invitation)
    choices = await _choices(page)
    file = await _file(page, form, form.value.email) if form.value else None
    if form.value is None or _check(form):
        return page.again(FORM, form, member=None, **choices)
    given = form.value
    try:
        who: dict[str, Any] = {"email": given.email, "name": given.name, "proven": page.settings.smtp_url is not None}
        invited = await accounts.invite(page.session, act=page.act, **who, **_role(given, file))
    except Refused as refusal:
        return page.again(FORM, form.refused(refusal), member=None, **choices)
    if invited.token is None:
        return page.go("/people", f"{given.email} signs in with the password they have.")
    await _mail(page, given.email, given.name, invited.token)
    return await _sent(page, invited.person_id, given.email, invited.token)


def _check(form: Form[Any]) -> bool:
    """Whether something is wrong that the service would take."""
    given: Any = form.value
    if given.role == "auditor" and given.ends_on is None:
        form.refuse("ends_on", "Give the auditor's last day.")
    if given.ends_on and given.role == "owner":
        form.refuse("ends_on", "An owner has no last day; leave it empty.")
    return bool(form.errors)


async def _file(page: Page, form: Form[Any], email: str) -> UUID | None:
    """The file that a therapist's sign-in belongs to: the one that is named, else the one with their address."""
    given: Any = form.value
    if given.role != "therapist":
        return None
    wanted = given.therapist.strip() or email.strip()
    found = await references.therapists(page.session, wanted, page.organization_id) if wanted else []
    if len(found) == 1:
        return found[0].id
    which = ", ".join(f"{each.name} ({each.about})" for each in found[:5])
    several = f"Several are called {wanted!r}: {which}. Give the address on file."
    nobody = f"Nobody on file is called {wanted!r}. Give a whole name or the address on file."
    form.refuse("therapist", several if found else nobody)
    return None


def _role(given: Role, therapist_id: UUID | None) -> dict[str, Any]:
    return {
        "role": given.role,
        "clinic_ids": given.clinic_ids,
        "ends_on": given.ends_on,
        "therapist_id": therapist_id,
    }


async def _mail(page: Page, email: str, name: str, token: str) -> None:
    await mailing.send_link(
        page.session,
        act=page.act,
        mail=page.mail,
        kind="set-password",
        address=email,
        name=name or email,
        link=page.mail.link(f"/set-password/{token}"),
        expires_at=page.now + links.INVITED,
    )


async def _sent(page: Page, person_id: UUID, email: str, token: str) -> Html | Redirect:
    """Where no mail leaves this machine the link is shown once; never that of somebody who is known elsewhere."""
    host = page.settings.public_host.rsplit(":", 1)[0]
    elsewhere = len(await memberships_of(page.session, person_id, now=page.now)) > 1
    if page.settings.smtp_url or not is_loopback(host) or elsewhere:
        return page.go("/people", f"{email} is invited. The link is good for seven days.")
    link = page.mail.link(f"/set-password/{token}")
    return page.show("organization/invited.html", email=email, link=link)


# -- one person ----------------------------------------------------------------------------------------------------


@get("/people/{person_id:uuid}", opt=needs("people.write"))
async def person_form(page: NamedDependency[Page], person_id: FromPath[UUID]) -> Html:
    """Their role, and the way to take it away."""
    member = await _member(page, person_id)
    now = {"role": member.role, "clinic_ids": tuple(map(str, member.clinic_ids)), "ends_on": member.ends_on}
    values = blank(Role, **now, therapist=await _whose(page, member))
    return page.show(FORM, values=values, member=member, **await _choices(page))


async def _whose(page: Page, member: Member) -> str:
    """The address or the name by which their own file is found again."""
    id_ = member.therapist_id
    who = await therapist(page.session, page.organization_id, id_) if id_ else None
    return (who.email or who.name) if who else ""


async def _member(page: Page, person_id: UUID) -> Member:
    found = await members_of(page.session, page.organization_id)
    return page.found(next((each for each in found if each.person_id == person_id and not each.left_at), None))


@post("/people/{person_id:uuid}", opt=needs("people.write"))
async def change_person(page: NamedDependency[Page], person_id: FromPath[UUID]) -> Html | Redirect:
    """Another role; their sessions here end, so that it holds at once."""
    member, choices = await _member(page, person_id), await _choices(page)
    form = await page.form(Role)
    file = await _file(page, form, member.email) if form.value else None
    if form.value is None or _check(form):
        return page.again(FORM, form, member=member, **choices)
    try:
        await accounts.change_role(page.session, act=page.act, person_id=person_id, **_role(form.value, file))
    except Refused as refusal:
        return page.again(FORM, form.refused(refusal), member=member, **choices)
    return page.go("/people", f"{member.name or member.email} has another role. It holds from the next sign-in.")


@dataclass(frozen=True)
class Leaving:
    """Why somebody leaves."""

    reason: str = asked("the reason", default="")


@post("/people/{person_id:uuid}/end", opt=needs("people.write"))
async def end_person(page: NamedDependency[Page], person_id: FromPath[UUID]) -> Html | Redirect:
    """Their sessions and links here end at once."""
    member, choices = await _member(page, person_id), await _choices(page)
    form = await page.form(Leaving)
    try:
        why = form.value.reason if form.value else ""
        await accounts.end_membership(page.session, act=page.act, person_id=person_id, reason=why)
    except Refused as refusal:
        form.typed = blank(Role, role=member.role, clinic_ids=tuple(map(str, member.clinic_ids)))
        return page.again(FORM, form.refused(refusal), member=member, **choices)
    return page.go("/people", Flash(f"{member.name or member.email} can no longer sign in here.", "missing"))


@post("/people/{person_id:uuid}/invite-again", opt=needs("people.write"))
async def invite_again(page: NamedDependency[Page], person_id: FromPath[UUID]) -> Html | Redirect:
    """A new link for somebody who has not chosen a password yet."""
    member = await _member(page, person_id)
    await page.form(Leaving)
    token = await accounts.invite_again(page.session, act=page.act, person_id=person_id)
    await _mail(page, member.email, member.name, token)
    return await _sent(page, person_id, member.email, token)


@post("/people/{person_id:uuid}/reset-second-factor", opt=needs("people.write"))
async def reset_second_factor(page: NamedDependency[Page], person_id: FromPath[UUID]) -> Html | Redirect:
    """For somebody who lost it: everything beside their password is gone, and they are told by mail."""
    member, choices = await _member(page, person_id), await _choices(page)
    form = await page.form(Nothing)
    try:
        await second_factors.reset(page.session, act=page.act, person_id=person_id)
    except Refused as refusal:
        form.typed = blank(Role, role=member.role, clinic_ids=tuple(map(str, member.clinic_ids)))
        return page.again(FORM, form.refuse("second_factor", str(refusal)), member=member, **choices)
    act = Act(INSTALLATION, page.act.actor, page.now)
    change: account_mail.Change = "second-factor-reset"
    await account_mail.tell(page.session, act=act, mail=page.mail, person_id=person_id, change=change)
    return page.go("/people", Flash(f"{member.name or member.email} signs in with the password alone now.", "missing"))


ROUTES: Final[list[Any]] = [
    people,
    invite_form,
    invite,
    person_form,
    change_person,
    end_person,
    invite_again,
    reset_second_factor,
]
