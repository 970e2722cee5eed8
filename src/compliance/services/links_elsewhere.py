"""A sign-in link in another browser than the one that asked for it: it opens there with the code that the first one
shows, five tries at most.

A link in a mail is opened by scanners and read by whoever holds the phone; the code is in the other browser alone. It
follows from the hash of link and browser, so nothing more is kept than that somebody may be asked for it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.tokens import same, token_hash
from compliance.db.queries.accounts import Capability
from compliance.db.records import CapabilityRow
from compliance.services import links, sign_in
from compliance.services.sign_in import Limit

ELSEWHERE: Final = "sign-in-elsewhere"
TRIES: Final = 5
DIGITS: Final = 6
SEPARATORS: Final = str.maketrans("", "", " -\u2009\u00a0")


async def make_link(
    session: AsyncSession, *, person_id: UUID, organization_id: UUID | None, now: datetime, browser: str
) -> tuple[str, str]:
    """A sign-in link for this browser, and the code for any other."""
    about = {"person_id": person_id, "organization_id": organization_id}
    token = await links.make_link(
        session, kind=links.SIGN_IN, lasts=links.FORGOTTEN, now=now, browser=browser,
        person_id=person_id, organization_id=organization_id,
    )  # fmt: skip
    await links.revoke_links(session, person_id=person_id, now=now, kind=ELSEWHERE)
    row = {"token_hash": token_hash(token), "kind": ELSEWHERE, "created_at": now, "expires_at": now + links.FORGOTTEN}
    await session.execute(insert(CapabilityRow), [row | about])
    return token, _code(token_hash(links.bound(token, browser)))


async def asks_for_code(session: AsyncSession, *, token: str, now: datetime) -> bool:
    """Whether this is such a link, still good, in whatever browser."""
    return await _bound_hash(session, token, now) is not None


async def admit_try(session: AsyncSession, *, token: str, now: datetime) -> bool:
    """Counts a try; the sixth is not looked at, nor any after it. Wants a transaction of its own."""
    return await sign_in.count_attempt(session, limits={f"code:{token_hash(token)}": _FIVE}, now=now)


async def use_link(session: AsyncSession, *, token: str, code: str, now: datetime) -> Capability | None:
    """Uses the link up, in both browsers; none for another code."""
    bound = await _bound_hash(session, token, now)
    if bound is None or not same(_code(bound), code.translate(SEPARATORS)):
        return None
    return await links.use_hash(session, kind=links.SIGN_IN, digest=bound, now=now)


async def _bound_hash(session: AsyncSession, token: str, now: datetime) -> str | None:
    """The hash of link and browser: of the person's one good sign-in link, made in the same instant."""
    found = await links.link_of(session, kind=ELSEWHERE, token=token, now=now)
    if found is None:
        return None
    row = CapabilityRow
    mine = (row.person_id == found.person_id, row.kind == links.SIGN_IN, row.expires_at == found.expires_at)
    good = (row.used_at.is_(None), row.revoked_at.is_(None))
    return await session.scalar(select(row.token_hash).where(*mine, *good))


def _code(digest: str) -> str:
    """Six digits that nobody can tell from the link alone."""
    number = int(hashlib.sha256(f"code.{digest}".encode()).hexdigest(), 16)
    return str(number % 10**DIGITS).zfill(DIGITS)


class _Hard(Limit):
    """After the free tries none is looked at any more."""

    def wait(self, failures: int) -> timedelta:
        return timedelta(0) if failures < self.free else self.longest


_FIVE: Final = _Hard(TRIES, timedelta(days=1), timedelta(days=1))
