"""Who people are at a provider of sign-ins: linked and unlinked by themselves, never by an address."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels.openid import Said
from compliance.db.queries import second_factors as reading
from compliance.db.records import INSTALLATION, IdentityRow
from compliance.services import trail
from compliance.services.refusals import Problem, Unknown, refuse
from compliance.services.trail import Act, Entry


async def link(session: AsyncSession, *, act: Act, person_id: UUID, said: Said) -> None:
    """This account elsewhere signs the person in from now on. Raises Refused where it is linked already."""
    known = await reading.identity(session, said.issuer, said.subject)
    if known is not None:
        mine = known.person_id == person_id
        raise refuse("provider", "It is linked already." if mine else "It is linked with somebody else here.")
    await _record(session, act, "identity.linked", person_id, said.issuer, said.address)
    row = {
        "issuer": said.issuer,
        "subject": said.subject,
        "person_id": person_id,
        "address": said.address,
        "created_at": act.now,
    }
    await session.execute(insert(IdentityRow), [row])


async def unlink(session: AsyncSession, *, act: Act, person_id: UUID, issuer: str) -> None:
    """The person's accounts at this provider sign nobody in any more. Raises Unknown."""
    theirs = [each for each in await reading.identities_of(session, person_id) if each.issuer == issuer]
    if not theirs:
        raise Unknown(Problem("issuer", "Nothing is linked there."))
    await _record(session, act, "identity.unlinked", person_id, issuer, theirs[0].address)
    mine = (IdentityRow.person_id == person_id, IdentityRow.issuer == issuer)
    await session.execute(delete(IdentityRow).where(*mine))


async def note_use(session: AsyncSession, *, said: Said, now: datetime) -> None:
    """When it was used last, and what the provider calls it now."""
    mine = (IdentityRow.issuer == said.issuer, IdentityRow.subject == said.subject)
    await session.execute(update(IdentityRow).where(*mine).values(last_used_at=now, address=said.address))


async def _record(session: AsyncSession, act: Act, action: str, person_id: UUID, issuer: str, address: str) -> None:
    entry = Entry(action, f"person:{person_id}", new={"issuer": issuer, "address": address})
    await trail.record(session, act=replace(act, organization_id=INSTALLATION), entry=entry)
