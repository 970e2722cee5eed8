"""People and what they may do where: inviting, roles, leaving, addresses, passwords. Sessions are in `sign_in.py`.

A person is one sign-in for the whole installation; a membership is their role in one organization. An owner rules over
memberships of their organization and never over the person: not over a password, nor over other organizations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto import passwords
from compliance.crypto.ids import new_id
from compliance.db.queries.accounts import address_is_proven, fold_email, person_by_email, person_by_id
from compliance.db.queries.second_factors import has_way_in
from compliance.db.records import INSTALLATION, ClinicRow, MembershipRow, OrganizationRow, PersonRow
from compliance.services import links, reminders, trail
from compliance.services.refusals import Checks, Problem, Unknown, refuse
from compliance.services.sign_in import revoke_sessions
from compliance.services.trail import Act, Entry

ROLES: Final = ("owner", "manager", "reviewer", "auditor", "therapist")
UNPROVEN: Final = (
    "Somebody signs in with this address, but has not shown that they read its mail. Ask them to choose a new password "
    "by “Forgot your password?” on the sign-in page; then invite them."
)
_EMAIL: Final = re.compile(r"[^@\s<>,;:\"()\[\]\\\x00-\x1f]{1,64}@[^@\s<>,;:\"()\[\]\\\x00-\x1f]{1,190}")


@dataclass(frozen=True, slots=True)
class Invited:
    """A new member. `token` gives them their first way in; none for somebody who has one already."""

    person_id: UUID
    token: str | None


async def invite(
    session: AsyncSession,
    *,
    act: Act,
    email: str,
    role: str,
    name: str = "",
    clinic_ids: Iterable[UUID] = (),
    therapist_id: UUID | None = None,
    ends_on: date | None = None,
    proven: bool = False,
) -> Invited:
    """Gives a person a role in the organization; a former member comes back. The caller mails or prints the link.
    `proven`: a password that is there already counts only if whoever set it could read this address's mail; else
    somebody may have typed the address in advance, to be let in with it.

    Raises Refused for a wrong address, an unknown role or clinic, or somebody who has a role here already.
    """
    limited = tuple(clinic_ids)
    checks = Checks()
    checks.refuse("email", email_problem(email))
    checks.refuse("role", role_problem(role, limited, therapist_id))
    checks.refuse("clinic_ids", await _clinics_problem(session, act.organization_id, limited))
    checks.done()
    person_id, enters = await _person_for(session, act=act, email=email, name=name)
    if proven and enters and not await address_is_proven(session, person_id):
        raise refuse("email", UNPROVEN)
    row = await _membership(session, act.organization_id, person_id)
    if row is not None and row.ended_at is None:
        raise refuse("email", f"{email.strip()} is {_a(row.role)} here already; change the role instead.")
    facts = {"role": role, "clinic_ids": _texts(limited), "therapist_id": therapist_id, "ends_on": ends_on}
    await _record(session, act, "membership.added", person_id, new=facts)
    await _put_membership(session, act, person_id, facts, exists=row is not None)
    if enters:
        return Invited(person_id, None)
    return Invited(person_id, await _invitation(session, act, person_id))


async def invite_again(session: AsyncSession, *, act: Act, person_id: UUID) -> str:
    """A new link for a member who has no way in yet. Raises Unknown and Refused."""
    await _current(session, act, person_id)
    if await has_way_in(session, person_id):
        raise refuse("person_id", "They can sign in already; a forgotten password is mailed from the sign-in page.")
    await _record(session, act, "invitation.renewed", person_id)
    return await _invitation(session, act, person_id)


async def _invitation(session: AsyncSession, act: Act, person_id: UUID) -> str:
    return await links.make_link(
        session,
        kind=links.SET_PASSWORD,
        person_id=person_id,
        organization_id=act.organization_id,
        lasts=links.INVITED,
        now=act.now,
    )


async def _person_for(session: AsyncSession, *, act: Act, email: str, name: str) -> tuple[UUID, bool]:
    """The person of this address, made if there is none; whether they can sign in already."""
    known = await person_by_email(session, email)
    if known is not None:
        return known.id, await has_way_in(session, known.id)
    person_id = new_id(act.now)
    facts: dict[str, Any] = {"email": email.strip(), "name": name.strip()}
    await _record(session, replace(act, organization_id=INSTALLATION), "person.added", person_id, new=facts)
    row = facts | {"id": person_id, "folded_email": fold_email(email), "created_at": act.now}
    await session.execute(insert(PersonRow), [row])
    return person_id, False


async def change_role(
    session: AsyncSession,
    *,
    act: Act,
    person_id: UUID,
    role: str,
    clinic_ids: Iterable[UUID] = (),
    ends_on: date | None = None,
    therapist_id: UUID | None = None,
) -> None:
    """Another role, other clinics, another last day; their sessions here end. Raises Unknown, Refused."""
    limited = tuple(clinic_ids)
    row = await _current(session, act, person_id)
    checks = Checks()
    checks.refuse("role", role_problem(role, limited, therapist_id))
    checks.refuse("role", await _last_owner_problem(session, row, role, ends_on))
    checks.refuse("clinic_ids", await _clinics_problem(session, act.organization_id, limited))
    checks.done()
    new = {"role": role, "clinic_ids": _texts(limited), "ends_on": ends_on, "therapist_id": therapist_id}
    old = {key: getattr(row, key) for key in new}
    await _record(session, act, "membership.changed", person_id, old=old, new=new)
    await _put_membership(session, act, person_id, new, exists=True)
    await reminders.change_readers(session, act=act, person_id=person_id, reason="their role was changed")
    await revoke_sessions(session, now=act.now, person_id=person_id, organization_id=act.organization_id)


async def end_membership(session: AsyncSession, *, act: Act, person_id: UUID, reason: str = "") -> None:
    """Somebody leaves: their sessions here end at once. The last owner cannot. Raises Unknown, Refused."""
    row = await _current(session, act, person_id)
    problem = await _last_owner_problem(session, row, "", None)
    if problem:
        raise refuse("person_id", problem)
    await _record(session, act, "membership.ended", person_id, old={"role": row.role}, why=reason)
    await session.execute(_mine(act, person_id).values(ended_at=act.now))
    await reminders.change_readers(session, act=act, person_id=person_id, reason="no longer here")
    await revoke_sessions(session, now=act.now, person_id=person_id, organization_id=act.organization_id)
    await links.revoke_links(session, person_id=person_id, now=act.now, organization_id=act.organization_id)


async def change_email(session: AsyncSession, *, act: Act, person_id: UUID, email: str) -> None:
    """A person changes the address they sign in with; links to the old one are worth nothing. Raises Refused."""
    checks = Checks()
    checks.refuse("email", email_problem(email))
    checks.done()
    person = await person_by_id(session, person_id)
    taken = await person_by_email(session, email)
    if person is None or (taken is not None and taken.id != person_id):
        raise refuse("email", "This address cannot be used here; give another one.")
    await _change_person(session, act, person_id, "email", person.email, email.strip(), folded_email=fold_email(email))
    await reminders.reopen_staff(session, act=act, person_id=person_id)
    await links.revoke_links(session, person_id=person_id, now=act.now)


async def change_name(session: AsyncSession, *, act: Act, person_id: UUID, name: str) -> None:
    """How a person is called in the pages. Raises Refused for an empty name."""
    person = await person_by_id(session, person_id)
    if person is None or not name.strip():
        raise refuse("name", "Give a name.")
    await _change_person(session, act, person_id, "name", person.name, name.strip())


async def _change_person(
    session: AsyncSession, act: Act, person_id: UUID, key: str, old: str, new: str, **also: str
) -> None:
    chain = replace(act, organization_id=INSTALLATION)
    await _record(session, chain, "person.changed", person_id, old={key: old}, new={key: new})
    await session.execute(update(PersonRow).where(PersonRow.id == person_id).values({key: new, **also}))


async def set_password(session: AsyncSession, *, act: Act, person_id: UUID, password_hash: str) -> None:
    """Keeps the hash of a new password (`crypto.passwords.hash_password`); all sessions and links of the person end."""
    chain = replace(act, organization_id=INSTALLATION)
    await _record(session, chain, "password.set", person_id)
    await session.execute(update(PersonRow).where(PersonRow.id == person_id).values(password_hash=password_hash))
    await revoke_sessions(session, now=act.now, person_id=person_id)
    await links.revoke_links(session, person_id=person_id, now=act.now)


def password_problem(password: str, again: str, *, email: str = "", names: Iterable[str] = ()) -> dict[str, str]:
    """What is wrong with a new password, by field. `names`: the person's, their organizations'."""
    try:
        passwords.check_password(password, (email.partition("@")[0], *names))
    except passwords.PasswordRefused as refused:
        return {"password": str(refused)}
    if password.casefold() in (email.casefold(), email.partition("@")[0].casefold()):
        return {"password": "This is your address; choose what only you know."}
    return {} if password == again else {"again": "The two are not the same; type the password once more."}


def email_problem(email: str) -> str | None:
    """Why this is no address that mail can be sent to."""
    if not _EMAIL.fullmatch(email.strip()):
        return f"{email.strip()!r} is no e-mail address; give one like dana@example.org."
    return None


def role_problem(role: str, clinic_ids: tuple[UUID, ...], therapist_id: UUID | None) -> str | None:
    """Why somebody cannot have this role."""
    if role not in ROLES:
        return f"{role!r} is no role; known are {', '.join(ROLES)}."
    if clinic_ids and role not in ("manager", "reviewer"):
        return f"Only managers and reviewers are limited to clinics; {_a(role)} is not."
    if (role == "therapist") != (therapist_id is not None):
        return "A therapist's sign-in belongs to one therapist's file, and only theirs does."
    return None


async def _clinics_problem(session: AsyncSession, organization_id: UUID, clinic_ids: tuple[UUID, ...]) -> str | None:
    if not clinic_ids:
        return None
    mine = (ClinicRow.organization_id == organization_id, ClinicRow.id.in_(clinic_ids))
    known = set(await session.scalars(select(ClinicRow.id).where(*mine)))
    return "One of these clinics is not known here." if set(clinic_ids) - known else None


async def _last_owner_problem(session: AsyncSession, row: MembershipRow, role: str, ends_on: date | None) -> str | None:
    """Without an owner there could never be one again: the organization is locked while they are counted."""
    if row.role != "owner" or (role == "owner" and ends_on is None):
        return None
    organization = select(OrganizationRow.id).where(OrganizationRow.id == row.organization_id)
    await session.execute(organization.with_for_update())
    others = select(MembershipRow.id).where(
        MembershipRow.organization_id == row.organization_id,
        MembershipRow.role == "owner",
        MembershipRow.ended_at.is_(None),
        MembershipRow.ends_on.is_(None),
        MembershipRow.person_id != row.person_id,
    )
    if await session.scalar(others.limit(1)) is None:
        return "This is the last owner; make somebody else an owner first."
    return None


async def _current(session: AsyncSession, act: Act, person_id: UUID) -> MembershipRow:
    row = await _membership(session, act.organization_id, person_id)
    if row is None or row.ended_at is not None:
        raise Unknown(Problem("person_id", "Nobody here has this id."))
    return row


async def _membership(session: AsyncSession, organization_id: UUID, person_id: UUID) -> MembershipRow | None:
    mine = (MembershipRow.organization_id == organization_id, MembershipRow.person_id == person_id)
    query = select(MembershipRow).where(*mine).execution_options(populate_existing=True)
    row: MembershipRow | None = await session.scalar(query)
    return row


async def _put_membership(
    session: AsyncSession, act: Act, person_id: UUID, facts: dict[str, Any], *, exists: bool
) -> None:
    if exists:
        await session.execute(_mine(act, person_id).values(**facts, ended_at=None))
        return
    key = {"organization_id": act.organization_id, "id": new_id(act.now), "person_id": person_id}
    await session.execute(insert(MembershipRow), [key | facts | {"created_at": act.now}])


def _mine(act: Act, person_id: UUID) -> Any:
    mine = (MembershipRow.organization_id == act.organization_id, MembershipRow.person_id == person_id)
    return update(MembershipRow).where(*mine).execution_options(synchronize_session=False)


async def _record(session: AsyncSession, act: Act, action: str, person_id: UUID, **said: Any) -> None:
    await trail.record(session, act=act, entry=Entry(action, f"person:{person_id}", **said))


def _texts(ids: Iterable[UUID]) -> tuple[str, ...]:
    return tuple(sorted(map(str, ids)))


def _a(role: str) -> str:
    return f"{'an' if role[:1] in 'aeiou' else 'a'} {role}"
