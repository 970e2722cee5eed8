"""Links with a power of their own: to set a password, to sign in once. Only the hash of a link's token is kept.

Opening a link (GET) changes nothing, for mail scanners open every link; pressing its button uses it up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.tokens import new_token, token_hash
from compliance.db.queries.accounts import Capability, capability
from compliance.db.records import CapabilityRow

SIGN_IN: Final = "sign-in"
SET_PASSWORD: Final = "set-password"  # noqa: S105 - the name of a link
INVITED: Final = timedelta(days=7)
FORGOTTEN: Final = timedelta(minutes=10)


async def make_link(
    session: AsyncSession,
    *,
    kind: str,
    person_id: UUID,
    organization_id: UUID | None,
    lasts: timedelta,
    now: datetime,
    browser: str = "",
) -> str:
    """A new link's token; links of this kind that the person had are worth nothing from here on.

    With the secret of a browser it is good in that browser alone: what is kept is the hash of both.
    """
    await revoke_links(session, person_id=person_id, now=now, kind=kind)
    token = new_token()
    row = {
        "token_hash": token_hash(bound(token, browser)),
        "kind": kind,
        "organization_id": organization_id,
        "person_id": person_id,
        "created_at": now,
        "expires_at": now + lasts,
    }
    await session.execute(insert(CapabilityRow), [row])
    return token


def bound(token: str, browser: str) -> str:
    """The token as it is looked up in the browser that asked for it."""
    return f"{token}.{browser}" if browser else token


async def link_of(session: AsyncSession, *, kind: str, token: str, now: datetime) -> Capability | None:
    """What a link may do, without using it."""
    return await capability(session, token_hash=token_hash(token), kind=kind, now=now)


async def use_link(session: AsyncSession, *, kind: str, token: str, now: datetime) -> Capability | None:
    """Uses a link up: of two who press at once, one gets it; none for one that is used, revoked or over."""
    return await use_hash(session, kind=kind, digest=token_hash(token), now=now)


async def use_hash(session: AsyncSession, *, kind: str, digest: str, now: datetime) -> Capability | None:
    """The same for whoever knows the link by its hash."""
    found = await capability(session, token_hash=digest, kind=kind, now=now)
    if found is None:
        return None
    mine = (CapabilityRow.token_hash == found.token_hash, CapabilityRow.used_at.is_(None))
    used = update(CapabilityRow).where(*mine).values(used_at=now).returning(CapabilityRow.token_hash)
    won = await session.execute(used, execution_options={"synchronize_session": False})
    return found if won.one_or_none() else None


async def revoke_links(
    session: AsyncSession,
    *,
    person_id: UUID,
    now: datetime,
    kind: str | None = None,
    organization_id: UUID | None = None,
) -> None:
    """Takes a person's unused links back: all, or those of one kind or organization."""
    row = CapabilityRow
    chosen: list[ColumnElement[bool]] = [row.person_id == person_id, row.used_at.is_(None), row.revoked_at.is_(None)]
    if kind is not None:
        chosen.append(row.kind == kind)
    if organization_id is not None:
        chosen.append(row.organization_id == organization_id)
    await session.execute(
        update(row).where(*chosen).values(revoked_at=now), execution_options={"synchronize_session": False}
    )
