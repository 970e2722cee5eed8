"""The planner's scan: the one question over all organizations, on the partial index of `terms.next_rung_on`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Text, cast, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import ClinicRow, OrganizationRow, TermRow, TherapistRow, TrailHeadRow
from compliance.domain.release import HOUR, calendar_of


class Due(NamedTuple):
    """A term whose ladder has something to say on or before a day."""

    next_rung_on: date
    term_id: UUID
    organization_id: UUID
    credential_id: UUID


async def clocks(session: AsyncSession) -> set[tuple[str, time]]:
    """Every time zone in use with every hour of release, so that the scan knows how far the calendar has come
    somewhere."""
    used = select(ClinicRow.time_zone).union(select(OrganizationRow.time_zone))
    zones = list(await session.scalars(used))
    text = cast(OrganizationRow.settings, Text)
    own = await session.scalars(select(OrganizationRow.settings).where(text.like('%"reminders"%')))
    hours = {HOUR, *(calendar_of(each).hour for each in own)}
    return {(zone, hour) for zone in zones for hour in hours}


async def due(
    session: AsyncSession, day: date, *, organization_id: UUID | None, after: tuple[date, UUID] | None, limit: int
) -> list[Due]:
    """Terms with a rung on or before the day, over all organizations, from a place in that order on."""
    of = (TermRow.next_rung_on.is_not(None), TermRow.voided_seq.is_(None), TermRow.next_rung_on <= day)
    query = select(TermRow.next_rung_on, TermRow.id, TermRow.organization_id, TermRow.credential_id).where(*of)
    if organization_id is not None:
        query = query.where(TermRow.organization_id == organization_id)
    if after is not None:
        query = query.where(tuple_(TermRow.next_rung_on, TermRow.id) > after)
    found = await session.execute(query.order_by(TermRow.next_rung_on, TermRow.id).limit(limit))
    return [Due(day, *ids) for day, *ids in found if day is not None]


class DueLook(NamedTuple):
    """A file that has to be looked at on or before a day; `holder_id` is a therapist, or a clinic."""

    next_look_on: date
    holder_id: UUID
    organization_id: UUID


async def due_looks(
    session: AsyncSession, day: date, *, organization_id: UUID | None, after: tuple[date, UUID] | None, limit: int
) -> list[DueLook]:
    """The same for files as a whole, on the partial index of `therapists.next_look_on`."""
    row = TherapistRow
    query = select(row.next_look_on, row.id, row.organization_id)
    query = query.where(row.next_look_on.is_not(None), row.next_look_on <= day)
    if organization_id is not None:
        query = query.where(row.organization_id == organization_id)
    if after is not None:
        query = query.where(tuple_(row.next_look_on, row.id) > after)
    found = await session.execute(query.order_by(row.next_look_on, row.id).limit(limit))
    return [DueLook(day, *ids) for day, *ids in found if day is not None]


async def due_clinics(session: AsyncSession, day: date, *, organization_id: UUID | None, limit: int) -> list[DueLook]:
    """The same for what clinics themselves hold, the longest due first."""
    row = ClinicRow
    query = select(row.next_look_on, row.id, row.organization_id)
    query = query.where(row.next_look_on.is_not(None), row.next_look_on <= day, row.voided_seq.is_(None))
    if organization_id is not None:
        query = query.where(row.organization_id == organization_id)
    found = await session.execute(query.order_by(row.next_look_on, row.id).limit(limit))
    return [DueLook(day, *ids) for day, *ids in found if day is not None]


async def lock_chains(session: AsyncSession, organization_ids: Collection[UUID]) -> None:
    """Waits its turn in each organization, always in the same order: two planners, or a planner and a renewal."""
    heads = select(TrailHeadRow.organization_id).where(TrailHeadRow.organization_id.in_(organization_ids))
    await session.execute(heads.order_by(TrailHeadRow.organization_id).with_for_update())
