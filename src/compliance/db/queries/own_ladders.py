"""Ladders that differ from the catalog's: of one credential, of a type, or of everything in an organization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.owned import Owned, among
from compliance.db.records import LadderRow
from compliance.domain.credential_types import Ladder


@dataclass(frozen=True, slots=True)
class OwnLadder:
    """A ladder that somebody set, and for what: one credential, a type, or (both empty) every type."""

    id: UUID
    credential_id: UUID | None
    type: str
    ladder: Ladder
    reason: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class OwnLadders:
    """Those of several organizations, to be asked for each credential."""

    of_credentials: Mapping[UUID, OwnLadder] = field(default_factory=dict)
    of_types: Mapping[tuple[UUID, str], OwnLadder] = field(default_factory=dict)

    def of(self, organization_id: UUID, credential_id: UUID, type: str) -> OwnLadder | None:
        """The nearest: the credential's own, its type's, that of every type; None where the catalog's holds."""
        types = self.of_types
        return (
            self.of_credentials.get(credential_id)
            or types.get((organization_id, type))
            or types.get((organization_id, ""))
        )


NONE = OwnLadders()


async def own_ladders(session: AsyncSession, owned: Owned) -> OwnLadders:
    """What holds for these credentials, each named with its organization."""
    of_types = await _read(
        session, LadderRow.organization_id.in_(set(owned.values())), LadderRow.credential_id.is_(None)
    )
    of_credentials = [
        row for some in among(LadderRow, LadderRow.credential_id, owned) for row in await _read(session, some)
    ]
    return OwnLadders(
        {each.credential_id: each for _, each in of_credentials if each.credential_id},
        {(organization_id, each.type): each for organization_id, each in of_types},
    )


async def ladders_of(session: AsyncSession, organization_id: UUID) -> OwnLadders:
    """Every ladder that an organization has set."""
    found = await _read(session, LadderRow.organization_id == organization_id)
    return OwnLadders(
        {each.credential_id: each for _, each in found if each.credential_id},
        {(organization_id, each.type): each for _, each in found if not each.credential_id},
    )


async def _read(session: AsyncSession, *which: object) -> list[tuple[UUID, OwnLadder]]:
    row = LadderRow
    columns = (row.organization_id, row.id, row.credential_id, row.type, row.ladder, row.reason, row.set_by, row.set_at)
    query = select(*columns).where(*which, row.voided_seq.is_(None)).order_by(row.recorded_seq)  # type: ignore[arg-type]
    return [
        (found[0], OwnLadder(found[1], found[2], found[3], ladder_of(found[4]), *found[5:]))
        for found in await session.execute(query)
    ]


def ladder_of(kept: Mapping[str, list[int]]) -> Ladder:
    """As the database keeps it."""
    return Ladder(*(tuple(kept.get(who, ())) for who in ("therapist", "manager", "owner")))
