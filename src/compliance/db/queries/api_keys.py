"""Keys of machines: who asks with one, and the list of an organization's keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import ApiKeyRow, OrganizationRow


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner's list shows it. `clinic_ids` empty: all clinics."""

    id: UUID
    prefix: str
    name: str
    scopes: tuple[str, ...]
    clinic_ids: frozenset[UUID]
    ends_on: date | None
    made_by: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def holds(self, today: date) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.ends_on is None or self.ends_on >= today)


@dataclass(frozen=True, slots=True)
class Caller:
    """A machine that asks: with which key, for which organization."""

    key: ApiKey
    organization_id: UUID
    time_zone: str

    def today(self, now: datetime) -> date:
        """The day in the organization's zone."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


_ROW = ApiKeyRow
_KEY: tuple[Any, ...] = (
    _ROW.id, _ROW.prefix, _ROW.name, _ROW.scopes, _ROW.clinic_ids, _ROW.ends_on, _ROW.made_by, _ROW.created_at,
    _ROW.last_used_at, _ROW.revoked_at,
)  # fmt: skip


async def keys_of(session: AsyncSession, organization_id: UUID) -> list[ApiKey]:
    """All keys of an organization, newest first, with those that no longer hold."""
    query = select(*_KEY).where(_ROW.organization_id == organization_id).order_by(_ROW.created_at.desc(), _ROW.id)
    return [_key(*row) for row in await session.execute(query)]


async def caller_of(session: AsyncSession, *, prefix: str, key_hash: str, now: datetime) -> Caller | None:
    """Who asks with this key; none for one that is unknown, revoked or over."""
    query = (
        select(_ROW.organization_id, OrganizationRow.time_zone, *_KEY)
        .join(OrganizationRow, OrganizationRow.id == _ROW.organization_id)
        .where(_ROW.prefix == prefix, _ROW.key_hash == key_hash)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    organization_id, zone, *key = found
    caller = Caller(_key(*key), organization_id, zone)
    return caller if caller.key.holds(caller.today(now)) else None


def _key(*row: Any) -> ApiKey:
    id_, prefix, name, scopes, clinic_ids, *rest = row
    return ApiKey(id_, prefix, name, scopes, frozenset(map(UUID, clinic_ids)), *rest)
