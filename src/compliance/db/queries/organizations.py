"""Organizations as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import OrganizationRow


@dataclass(frozen=True, slots=True)
class Organization:
    """The tenant: its name, zone, postal address, and since when its reminders go out (None: not yet)."""

    id: UUID
    name: str
    time_zone: str
    postal_address: str
    demonstration: bool
    reminders_started_at: datetime | None
    settings: Mapping[str, object]
    created_at: datetime
    demands_second_factor: bool | None = None

    def today(self, now: datetime) -> date:
        """The day in the organization's zone."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


_ROW = OrganizationRow
_COLUMNS = (
    _ROW.id, _ROW.name, _ROW.time_zone, _ROW.postal_address, _ROW.demonstration, _ROW.reminders_started_at,
    _ROW.settings, _ROW.created_at, _ROW.demands_second_factor,
)  # fmt: skip


async def organization(session: AsyncSession, organization_id: UUID) -> Organization | None:
    """The organization of this id."""
    found = (await session.execute(select(*_COLUMNS).where(_ROW.id == organization_id))).one_or_none()
    return Organization(*found) if found else None


async def organizations(session: AsyncSession) -> list[Organization]:
    """All of them by name: for jobs and the operator's commands, never for pages."""
    return [Organization(*row) for row in await session.execute(select(*_COLUMNS).order_by(_ROW.folded_name))]
