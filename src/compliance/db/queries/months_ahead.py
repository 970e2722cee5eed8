"""The coming months of a whole organization: how many can still practice, and how many terms end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from compliance.db.queries.clearances import At
from compliance.db.reach import holding
from compliance.db.records import AssignmentRow, ClearancePeriodRow, CredentialRow, MonthAheadRow, TermRow


@dataclass(frozen=True, slots=True)
class MonthAhead:
    """A day, who works then, how many of them are cleared if nobody renews, and the terms that end until the next."""

    first_on: date
    working: int
    cleared: int
    ending: int


async def stored(session: AsyncSession, organization_id: UUID) -> tuple[tuple[MonthAhead, ...], datetime | None]:
    """What was counted last, and when."""
    row = MonthAheadRow
    columns = (row.first_on, row.working, row.cleared, row.ending, row.counted_at)
    query = select(*columns).where(row.organization_id == organization_id).order_by(row.first_on)
    found = (await session.execute(query)).all()
    return tuple(MonthAhead(*each[:4]) for each in found), found[0].counted_at if found else None


async def count_on(session: AsyncSession, organization_id: UUID, day: date) -> tuple[int, int]:
    """How many work somewhere on a day, and how many of them are cleared for all that they do. Counts everybody."""
    work, verdict = AssignmentRow, ClearancePeriodRow
    then = (
        work.organization_id == organization_id,
        work.voided_seq.is_(None),
        work.starts_on <= day,
        work.ends_on >= day,
    )
    working = await session.scalar(select(func.count(work.therapist_id.distinct())).where(*then)) or 0
    mine = (verdict.organization_id == organization_id, verdict.cleared.is_(False))
    noes = union(*(select(verdict.therapist_id).where(*mine, *each) for each in holding(verdict, day))).subquery()
    against = await session.scalar(select(func.count()).select_from(noes)) or 0
    return working, max(working - against, 0)


async def ends(session: AsyncSession, organization_id: UUID, at: Sequence[At], until: date) -> dict[date, int]:
    """How many terms of people who work on the day end on each day from then until another, unless renewed already."""
    row, held, later = TermRow, CredentialRow, aliased(TermRow)
    renewed = exists().where(
        later.organization_id == row.organization_id,
        later.credential_id == row.credential_id,
        later.voided_seq.is_(None),
        later.ends_on > row.ends_on,
    )
    query = (
        select(row.ends_on, func.count())
        .join(held, and_(held.organization_id == row.organization_id, held.id == row.credential_id))
        .where(row.organization_id == organization_id, row.voided_seq.is_(None), held.voided_seq.is_(None))
        .where(row.ends_on >= min(each.day for each in at), row.ends_on < until, ~renewed, _works(held, at))
        .group_by(row.ends_on)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


def _works(held: Any, at: Sequence[At]) -> ColumnElement[bool]:
    work = AssignmentRow
    there = [and_(work.starts_on <= each.day, work.ends_on >= each.day, *_at_clinics(each)) for each in at]
    mine = (work.organization_id == held.organization_id, work.therapist_id == held.therapist_id)
    return exists().where(*mine, work.voided_seq.is_(None), or_(*there))


def _at_clinics(here: At) -> tuple[ColumnElement[bool], ...]:
    return () if here.clinic_ids is None else (AssignmentRow.clinic_id.in_(here.clinic_ids),)
