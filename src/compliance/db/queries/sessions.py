"""Where a person is signed in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.accounts import IDLE
from compliance.db.records import SessionRow


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which somebody is signed in, as they see it among their own."""

    token_hash: str
    created_at: datetime
    last_seen_at: datetime
    ways: tuple[str, ...]
    browser: str
    network: str

    @property
    def name(self) -> str:
        """What the page calls it by; the hash itself is shown to nobody."""
        return hashlib.sha256(f"named/{self.token_hash}".encode()).hexdigest()[:24]


async def sessions_of(session: AsyncSession, person_id: UUID, *, now: datetime) -> list[OpenSession]:
    """Where a person is signed in, the browser that was seen last first."""
    row = SessionRow
    open_ = (row.revoked_at.is_(None), row.expires_at > now, row.last_seen_at > now - IDLE)
    columns = (row.token_hash, row.created_at, row.last_seen_at, row.ways, row.browser, row.network)
    query = select(*columns).where(row.person_id == person_id, *open_).order_by(row.last_seen_at.desc(), row.token_hash)
    found = await session.execute(query)
    return [
        OpenSession(hash_, made, seen, ways or (), what or "", place or "")
        for hash_, made, seen, ways, what, place in found
    ]
