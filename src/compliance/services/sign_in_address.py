"""Another address to sign in with: asked for, mailed to the new address, confirmed there. Until then the old holds.

The link alone changes nothing: its page asks for the password, too. Else somebody could ask for a stranger's address
and wait until the stranger presses the button of a mail that they did not expect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.crypto.tokens import token_hash
from compliance.db.queries.accounts import Capability, Person, fold_email, person_by_email, person_by_id
from compliance.db.queries.ladders import organizations
from compliance.db.records import INSTALLATION, CapabilityRow
from compliance.services import accounts, links, mailing, trail
from compliance.services.mailing import Draft, MailSettings
from compliance.services.refusals import Checks, Problem, Unknown, refuse
from compliance.services.trail import Act, Entry

CONFIRM: Final = "confirm-address"
ASKED: Final = "address-asked"
LASTS: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An address that waits to be confirmed."""

    email: str
    until: datetime


async def ask(session: AsyncSession, *, act: Act, mail: MailSettings, person_id: UUID, email: str) -> None:
    """Mails a link to the new address, and to the old one that this was asked. An earlier question is taken back.

    `act` is of the organization in whose name the mail is written. Raises Refused for an address that is none, one's
    own, or somebody else's.
    """
    person = await _checked(session, person_id, email)
    chain = replace(act, organization_id=INSTALLATION)
    old, new = {"email": person.email}, {"email": email.strip()}
    await trail.record(session, act=chain, entry=Entry("address.asked", f"person:{person_id}", old=old, new=new))
    token = await links.make_link(
        session, kind=CONFIRM, person_id=person_id, organization_id=act.organization_id, lasts=LASTS, now=act.now
    )
    mine = update(CapabilityRow).where(CapabilityRow.token_hash == token_hash(token))
    await session.execute(mine.values(address=email.strip()), execution_options={"synchronize_session": False})
    drafts = await _drafts(session, act, mail, person, email.strip(), token)
    await mailing.put(session, drafts, act=act, mail=mail)


async def _checked(session: AsyncSession, person_id: UUID, email: str) -> Person:
    checks = Checks()
    checks.refuse("email", accounts.email_problem(email))
    checks.done()
    person = await person_by_id(session, person_id)
    if person is None:
        raise Unknown(Problem("person_id", "Nobody here has this id."))
    if fold_email(email) == fold_email(person.email) and email.strip() == person.email:
        raise refuse("email", "You sign in with this address already; give another one.")
    taken = await person_by_email(session, email)
    if taken is not None and taken.id != person_id:
        raise refuse("email", "This address cannot be used here; give another one.")
    return person


async def _drafts(
    session: AsyncSession, act: Act, mail: MailSettings, person: Person, email: str, token: str
) -> list[Draft]:
    """To the new address with the link, to the old one without."""
    organization = (await organizations(session, [act.organization_id]))[act.organization_id]
    facts = mailing.sender_facts(organization, None, organization.time_zone) | {
        "name": person.name,
        "old_address": person.email,
        "new_address": email,
        "public_url": mail.link(""),
    }
    asked = new_id(act.effective)
    link = {"link": mail.link(f"/confirm-address/{token}")}
    return [
        Draft(
            organization_id=act.organization_id,
            kind=kind,
            keys=(f"{act.organization_id}/{kind}/{asked}",),
            address=address,
            name=person.name or address,
            facts=facts | also,
            give_up_at=act.now + LASTS if also else None,
        )
        for kind, address, also in ((CONFIRM, email, link), (ASKED, person.email, {}))
    ]


async def waiting(session: AsyncSession, person_id: UUID, *, now: datetime) -> Waiting | None:
    """The address that this person was mailed a link to and has not confirmed."""
    row = CapabilityRow
    open_ = (row.used_at.is_(None), row.revoked_at.is_(None), row.expires_at > now)
    query = select(row.address, row.expires_at).where(row.person_id == person_id, row.kind == CONFIRM, *open_)
    found = (await session.execute(query.limit(1))).one_or_none()
    return Waiting(found[0] or "", found[1]) if found else None


async def take_back(session: AsyncSession, *, act: Act, person_id: UUID) -> None:
    """The address stays as it is; the mailed link is worth nothing. `act` is one of the installation."""
    await trail.record(session, act=act, entry=Entry("address.taken_back", f"person:{person_id}"))
    await links.revoke_links(session, person_id=person_id, now=act.now, kind=CONFIRM)


async def confirm(session: AsyncSession, *, act: Act, token: str) -> Capability:
    """Uses the link up: its person signs in with the new address from here on. The caller has checked the password.

    Raises Unknown for a link that is used, revoked or over, Refused where somebody else took the address meanwhile.
    """
    link = await links.use_link(session, kind=CONFIRM, token=token, now=act.now)
    if link is None or link.person_id is None or link.address is None:
        raise Unknown(Problem("token", "This link is no longer good."))
    await accounts.change_email(session, act=act, person_id=link.person_id, email=link.address)
    return link
