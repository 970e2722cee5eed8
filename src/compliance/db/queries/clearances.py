"""Who may not practice on a day, and who will not soon: range scans over the stored clearance periods that say no.

Almost everybody has a period ahead that says no (the day after the license ends), so a scan from today on would read
everybody. The periods are asked for by the class of their length (db/reach.py): each is then a range of the index of
those that say no, which holds all that counting needs, and a page costs what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from compliance.db.queries.twofold import too_many, twofold
from compliance.db.reach import Conditions, beginning, holding
from compliance.db.records import AssignmentRow, ClearancePeriodRow, ClinicRow, TherapistRow
from compliance.domain.covers import Status
from compliance.domain.periods import FOREVER

MANY = 5_000  # counts stop here, for an exact count of hundreds of thousands would cost more than the page
MANY_SOON = 1_000
PLACES = 2  # so many places and modalities a person are read for a count, before it says that there are more
ASKED = 64
"""So many statements are kept as they were built: building one takes longer than answering it."""


@dataclass(frozen=True, slots=True)
class At:
    """A day at some clinics (None: all of the organization); clinics in different zones may have different todays."""

    day: date
    clinic_ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """One therapist who is not (or soon no longer) cleared for something somewhere, and what decides."""

    therapist_id: UUID
    first_name: str
    last_name: str
    clinic_id: UUID
    clinic: str
    modality: str
    status: Status
    requirement: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class Count:
    """A count that stops at MANY (or MANY_SOON), or before, where many have many places; `more` says that it did."""

    number: int
    more: bool = False


async def against(
    session: AsyncSession, organization_id: UUID, at: Sequence[At], *, within_days: int = 0, limit: int = 50
) -> list[Against]:
    """Who is not cleared on the day (within_days 0), or is now and will not be within so many days."""
    rows = (await session.execute(_listing(organization_id, tuple(at), within_days, limit))).all()
    return [Against(**{**row._mapping, "status": Status(row.status)}) for row in rows]


@lru_cache(maxsize=ASKED)
def _listing(organization_id: UUID, at: tuple[At, ...], within_days: int, limit: int) -> Any:
    row = ClearancePeriodRow
    columns = (row.therapist_id, row.clinic_id, row.modality, row.status, row.requirement, row.starts_on)
    first = (row.starts_on, row.therapist_id) if within_days else (row.starts_on.desc(), row.therapist_id.desc())
    parts = [each.order_by(*first).limit(limit).subquery() for each in _noes(organization_id, at, within_days, columns)]
    hits = union_all(*(select(each) for each in parts)).subquery()
    order = (hits.c.starts_on, hits.c.therapist_id)
    return (
        select(
            hits.c.therapist_id,
            TherapistRow.first_name,
            TherapistRow.last_name,
            hits.c.clinic_id,
            ClinicRow.name.label("clinic"),
            hits.c.modality,
            hits.c.status,
            hits.c.requirement,
            hits.c.starts_on,
        )
        .join(
            TherapistRow, and_(TherapistRow.organization_id == organization_id, TherapistRow.id == hits.c.therapist_id)
        )
        .join(ClinicRow, and_(ClinicRow.organization_id == organization_id, ClinicRow.id == hits.c.clinic_id))
        .order_by(*(order if within_days else (each.desc() for each in order)))
        .limit(limit)
    )


async def count_against(
    session: AsyncSession, organization_id: UUID, at: Sequence[At], *, within_days: int = 0
) -> Count:
    """How many therapists that is."""
    many = MANY_SOON if within_days else MANY
    found, read = (await session.execute(_counting(organization_id, tuple(at), within_days, many))).one()
    return Count(min(found, many), found > many or read >= PLACES * many)


@lru_cache(maxsize=ASKED)
def _counting(organization_id: UUID, at: tuple[At, ...], within_days: int, many: int) -> Select[Any]:
    """People, and the periods read to count them: no more than stop it, or PostgreSQL would first sort them all."""
    hits = select(_hits(organization_id, at, within_days).subquery()).limit(PLACES * many).cte("hits")
    people = select(hits.c.therapist_id).distinct().limit(many + 1).subquery()
    return select(*(select(func.count()).select_from(each).scalar_subquery() for each in (people, hits)))


async def count_working(session: AsyncSession, organization_id: UUID, at: Sequence[At]) -> Count:
    """How many therapists work somewhere on the day."""
    found = await _capped(session, _working(organization_id, tuple(at)), MANY)
    if found.more:
        return found
    return Count(found.number - too_many(await twofold(session, organization_id, _works(at))))


@lru_cache(maxsize=ASKED)
def _working(organization_id: UUID, at: tuple[At, ...]) -> Select[Any]:
    row = AssignmentRow
    mine = (row.organization_id == organization_id, row.voided_seq.is_(None), _works(at))
    return _at_most(select(row.therapist_id).where(*mine).distinct(), MANY)


def _works(at: Sequence[At]) -> ColumnElement[bool]:
    row = AssignmentRow
    each = [
        and_(row.starts_on <= here.day, row.ends_on >= here.day, *_clinics(row.clinic_id, here.clinic_ids))
        for here in at
    ]
    return or_(*each)


async def by_clinic(
    session: AsyncSession, organization_id: UUID, at: Sequence[At], *, within_days: int = 0
) -> dict[UUID, int]:
    """How many therapists are not cleared on the day (or soon), by clinic; clinics with none are left out."""
    found = await session.execute(_by_clinic(organization_id, tuple(at), within_days))
    return {row[0]: row[1] for row in found}


@lru_cache(maxsize=ASKED)
def _by_clinic(organization_id: UUID, at: tuple[At, ...], within_days: int) -> Any:
    hits = _hits(organization_id, at, within_days).subquery()
    return select(hits.c.clinic_id, func.count(hits.c.therapist_id.distinct())).group_by(hits.c.clinic_id)


async def count_for_want_of(
    session: AsyncSession, organization_id: UUID, at: Sequence[At], requirements: Collection[str], clinic_ids: Set[UUID]
) -> int:
    """How many therapists are not cleared at these clinics on the day because of one of these requirements alone."""
    row = ClearancePeriodRow
    hits = union_all(*_ranges(organization_id, at, (row.therapist_id, row.clinic_id, row.requirement), _now)).subquery()
    these = hits.c.clinic_id.in_(clinic_ids) & hits.c.requirement.in_(requirements)
    other = func.sum(case((these, 0), else_=1))
    alone = select(hits.c.therapist_id).group_by(hits.c.therapist_id).having(other == 0).limit(MANY)
    return await session.scalar(select(func.count()).select_from(alone.subquery())) or 0


def not_cleared(organization_id: UUID, at: Sequence[At]) -> Select[Any]:
    """The ids of therapists who are not cleared on the day, for other questions to filter by."""
    hits = _hits(organization_id, at, 0).subquery()
    return select(hits.c.therapist_id)


def _at_most(query: Select[Any], many: int) -> Select[Any]:
    return select(func.count()).select_from(query.limit(many + 1).subquery())


async def _capped(session: AsyncSession, counting: Select[Any], many: int) -> Count:
    found = await session.scalar(counting) or 0
    return Count(min(found, many), found > many)


def _hits(organization_id: UUID, at: Sequence[At], within_days: int) -> Any:
    """Who and where: what the index itself knows of the periods that say no."""
    row = ClearancePeriodRow
    if not within_days:
        return union_all(*_ranges(organization_id, at, (row.therapist_id, row.clinic_id), _now))
    what = (row.therapist_id, row.clinic_id, row.modality)
    soon = union_all(*_ranges(organization_id, at, what, lambda day: beginning(row, day, _last(day, within_days))))
    now = union_all(*_ranges(organization_id, at, what, lambda day: _ending(day, _last(day, within_days))))
    ahead, already = soon.subquery(), now.subquery()
    same = and_(*(ahead.c[each.key] == already.c[each.key] for each in what))
    new = select(ahead.c.therapist_id, ahead.c.clinic_id).outerjoin(already, same)
    return new.where(already.c.therapist_id.is_(None))


def _now(day: date) -> list[Conditions]:
    return holding(ClearancePeriodRow, day)


def _ending(day: date, last: date) -> list[Conditions]:
    """What says no today and ends in time for another no to begin: few, for a no seldom changes its reason."""
    return [(*each, ClearancePeriodRow.ends_on < last) for each in _now(day)]


def _last(day: date, within_days: int) -> date:
    return day + min(timedelta(days=within_days), FOREVER - day)


def _noes(organization_id: UUID, at: Sequence[At], within_days: int, columns: Sequence[Any]) -> list[Select[Any]]:
    """The periods that say no on the days asked about, or soon after: a few ranges for each day."""
    return _ranges(organization_id, at, columns, lambda day: _soon(day, within_days) if within_days else _now(day))


def _ranges(
    organization_id: UUID, at: Sequence[At], columns: Sequence[Any], ranges: Callable[[date], list[Conditions]]
) -> list[Select[Any]]:
    row, found = ClearancePeriodRow, list[Select[Any]]()
    for here in at:
        no = (row.organization_id == organization_id, row.cleared.is_(False), *_clinics(row.clinic_id, here.clinic_ids))
        found.extend(select(*columns).where(*no, *each) for each in ranges(here.day))
    return found


def _soon(day: date, within_days: int) -> list[Conditions]:
    return [(*each, ~_already(day)) for each in beginning(ClearancePeriodRow, day, _last(day, within_days))]


def _already(day: date) -> ColumnElement[bool]:
    """Whether the same therapist is not cleared for the same even now: one look at the primary key."""
    row, now = ClearancePeriodRow, aliased(ClearancePeriodRow)
    same = (
        now.organization_id == row.organization_id,
        now.therapist_id == row.therapist_id,
        now.clinic_id == row.clinic_id,
        now.modality == row.modality,
    )
    # Not `is_(False)`: SQLite would take that for the index of all who are not cleared, and go through it for each.
    return exists().where(*same, now.starts_on <= day, now.ends_on >= day, ~now.cleared)


def _clinics(column: Any, clinic_ids: tuple[UUID, ...] | None) -> tuple[ColumnElement[bool], ...]:
    return () if clinic_ids is None else (column.in_(clinic_ids),)
