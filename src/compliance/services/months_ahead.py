"""Counts the coming months of organizations that are too large for a page to count, and keeps the numbers.

Derived like the copy of coverage: nothing of it stands in the trail, and it can be thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.clearances import At, count_working
from compliance.db.queries.months_ahead import MonthAhead, count_on, ends
from compliance.db.records import MonthAheadRow, OrganizationRow
from compliance.domain.ahead import firsts

FEW: Final = 500
"""So many people at most are counted by the page itself."""
LASTS: Final = timedelta(hours=1)


async def due(session: AsyncSession, *, now: datetime) -> dict[UUID, date]:
    """The organizations whose numbers are missing, an hour old or of another day, each with its today."""
    row, kept = OrganizationRow, MonthAheadRow
    query = select(row.id, row.time_zone, kept.first_on, kept.counted_at).outerjoin(
        kept, kept.organization_id == row.id
    )
    days: dict[UUID, date] = {}
    counted: dict[UUID, tuple[date, datetime]] = {}
    for id_, zone, first_on, counted_at in (await session.execute(query.order_by(kept.first_on.desc()))).all():
        days[id_] = now.astimezone(ZoneInfo(zone)).date()
        if counted_at is not None:
            counted[id_] = (first_on, counted_at)  # of several rows the first day stays
    stale = {id_: day for id_, day in days.items() if _is_stale(counted.get(id_), day, now)}
    return {id_: day for id_, day in stale.items() if await _is_large(session, id_, day)}


def _is_stale(counted: tuple[date, datetime] | None, today: date, now: datetime) -> bool:
    return counted is None or counted[0] != today or now - counted[1] >= LASTS


async def _is_large(session: AsyncSession, organization_id: UUID, day: date) -> bool:
    found = await count_working(session, organization_id, (At(day),))
    return found.more or found.number > FEW


async def count(session: AsyncSession, *, organization_id: UUID, today: date) -> list[MonthAhead]:
    """Today and the firsts of the next twelve months. Reads everybody: seconds, where hundreds of thousands work."""
    days = firsts(today)
    ending = by_stretch(await ends(session, organization_id, (At(today),), days[-1]), days)
    counted = [await count_on(session, organization_id, day) for day in days]
    return [MonthAhead(day, *both, ending[day]) for day, both in zip(days, counted, strict=True)]


def by_stretch(ending: Mapping[date, int], days: Sequence[date]) -> dict[date, int]:
    """How many end from each of some days on until the next of them."""
    found = dict.fromkeys(days, 0)
    for day, number in ending.items():
        found[max(each for each in days if each <= day)] += number
    return found


async def keep(session: AsyncSession, *, organization_id: UUID, months: Sequence[MonthAhead], now: datetime) -> None:
    """In place of what was counted before."""
    await session.execute(delete(MonthAheadRow).where(MonthAheadRow.organization_id == organization_id))
    rows = [
        {
            "organization_id": organization_id,
            "first_on": each.first_on,
            "working": each.working,
            "cleared": each.cleared,
            "ending": each.ending,
            "counted_at": now,
        }
        for each in months
    ]
    await session.execute(insert(MonthAheadRow), rows)
