"""The end of an organization's trail, locked once in a transaction and known until that ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import TrailHeadRow

_HELD: Final = "compliance.trail_end"


@dataclass(slots=True)
class End:
    """The last entry's place, hash and instant; whoever writes entries moves it on."""

    seq: int
    hash: bytes
    at: datetime


async def locked(session: AsyncSession, organization_id: UUID) -> End | None:
    """The chain's end, which nobody else moves until this transaction ends; None before there is a chain."""
    held = _held(session)
    if organization_id in held:
        return held[organization_id]
    columns = (TrailHeadRow.seq, TrailHeadRow.hash, TrailHeadRow.at)
    query = select(*columns).where(TrailHeadRow.organization_id == organization_id).with_for_update()
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    return _held(session).setdefault(organization_id, End(*found))


def _held(session: AsyncSession) -> dict[UUID, End]:
    """What this transaction holds; a new one, or one within it, begins with nothing."""
    transaction = session.sync_session.get_nested_transaction() or session.sync_session.get_transaction()
    held: tuple[object, dict[UUID, End]] = session.info.get(_HELD, (None, {}))
    if transaction is None or held[0] is not transaction:
        held = session.info[_HELD] = (transaction, {})
    return held[1]
