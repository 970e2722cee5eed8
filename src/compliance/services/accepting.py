"""Accepting an invitation without a password: with a passkey, or as somebody whom a provider of sign-ins knows.

The link proves the mail's address, and what is shown with it becomes the first way in. Whoever has a way in already is
given none by a link: it would be another's key to their door.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels.openid import Said
from compliance.crypto.passkeys import NewPasskey
from compliance.db.queries.second_factors import has_way_in, identity
from compliance.db.records import INSTALLATION
from compliance.services import identities, links, passkeys, trail
from compliance.services.refusals import Problem, Unknown, refuse
from compliance.services.trail import Act, Entry

OVER = "This invitation was used already, or its time is over. Ask whoever invited you for another."
ANOTHERS = "This account signs somebody in here already. Use another, or ask to be invited at that sign-in's address."
ENTERS = "You can sign in already; this link changes nothing."


async def with_passkey(session: AsyncSession, *, act: Act, token: str, made: NewPasskey, name: str) -> UUID:
    """The passkey becomes their way in, and the link is used up; who it is. Raises Unknown, Refused."""
    person_id = await _invited(session, act, token)
    await _record(session, act, person_id, {"by": "passkey"})
    await passkeys.add(session, act=act, person_id=person_id, made=made, name=name)
    return person_id


async def with_identity(session: AsyncSession, *, act: Act, token: str, said: Said) -> UUID:
    """Issuer and subject become their way in, and the link is used up; who it is. The provider's address is written
    down and proves nothing. Raises Unknown, and Refused where it is another's account here."""
    if await identity(session, said.issuer, said.subject) is not None:
        raise refuse("provider", ANOTHERS)
    person_id = await _invited(session, act, token)
    facts = {"by": "provider", "issuer": said.issuer, "address": said.address, "address_verified": said.verified}
    await _record(session, act, person_id, facts)
    await identities.link(session, act=act, person_id=person_id, said=said)
    return person_id


async def _invited(session: AsyncSession, act: Act, token: str) -> UUID:
    """Who the link is for; it is used up, with all other links of theirs."""
    link = await links.link_of(session, kind=links.SET_PASSWORD, token=token, now=act.now)
    if link is not None and link.person_id is not None and await has_way_in(session, link.person_id):
        raise refuse("token", ENTERS)
    link = await links.use_link(session, kind=links.SET_PASSWORD, token=token, now=act.now)
    if link is None or link.person_id is None:
        raise Unknown(Problem("token", OVER))
    await links.revoke_links(session, person_id=link.person_id, now=act.now)
    return link.person_id


async def _record(session: AsyncSession, act: Act, person_id: UUID, new: dict[str, Any]) -> None:
    entry = Entry("invitation.accepted", f"person:{person_id}", new=new)
    await trail.record(session, act=replace(act, organization_id=INSTALLATION), entry=entry)
