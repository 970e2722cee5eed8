"""The list of therapists: filters and keyset paging.

Nothing here counts people or skips rows: each condition is a range of an index, or a look at one for each row shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, case, exists, func, literal, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.clearances import At, not_cleared
from compliance.db.queries.prefixes import sought
from compliance.db.reach import beginning, holding
from compliance.db.records import AssignmentRow, ClearancePeriodRow, TherapistRow
from compliance.domain.periods import BEGINNING, FOREVER

SOON = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which therapists a list shows, and in which order. Empty: no condition.

    verdict: no, soon, yes. people: current (works here, will, or is new), former, merged. sort: name, -name, added,
    until (a no first, then what ends soonest: looks at everybody, so for lists short enough to count), -until.
    """

    text: str = ""
    clinic_id: UUID | None = None
    modality: str = ""
    verdict: str = ""
    people: str = "current"
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class Listed:
    """One therapist of a list; `fingerprint` says from what the stored verdict was made."""

    id: UUID
    first_name: str
    last_name: str
    merged_into_id: UUID | None
    fingerprint: str

    @property
    def name(self) -> str:
        """First name first."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list."""

    rows: tuple[Listed, ...]
    has_previous: bool
    has_next: bool


async def therapists(
    session: AsyncSession,
    organization_id: UUID,
    wanted: Wanted,
    at: Sequence[At],
    *,
    clinic_ids: frozenset[UUID] = frozenset(),
    after: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> Slice:
    """One page: the rows behind `after`, or those in front of `before`. `clinic_ids`: what the viewer is limited to."""
    beside, backwards = after or before, before is not None
    query = _listing(organization_id, replace(wanted, text=""), tuple(at), clinic_ids, backwards, limit)
    if wanted.text.strip():
        query = query.where(await sought(session, organization_id, wanted.text))
    if beside:
        key = _key(organization_id, wanted, min(each.day for each in at))
        query = query.where(await _past(session, organization_id, wanted, key, beside, backwards=backwards))
    found = [Listed(*row) for row in (await session.execute(query)).all()]
    more, rows = len(found) > limit, found[:limit]
    if before:
        return Slice(tuple(reversed(rows)), has_previous=more, has_next=True)
    return Slice(tuple(rows), has_previous=after is not None, has_next=more)


@lru_cache(maxsize=64)
def _listing(
    organization_id: UUID, wanted: Wanted, at: tuple[At, ...], clinic_ids: frozenset[UUID], backwards: bool, limit: int
) -> Any:
    """Kept as it was built, for that takes longer than the answer; what is searched for is not in it."""
    query: Any = select(*_COLUMNS).where(*_conditions(organization_id, wanted, at, clinic_ids))
    key = _key(organization_id, wanted, min(each.day for each in at))
    return query.order_by(*_order(key, wanted, backwards=backwards)).limit(limit + 1)


_COLUMNS = (
    TherapistRow.id,
    TherapistRow.first_name,
    TherapistRow.last_name,
    TherapistRow.merged_into_id,
    TherapistRow.coverage_fingerprint,
)


DOWN = frozenset({"-name", "-until", "added"})


def _key(organization_id: UUID, wanted: Wanted, day: date) -> tuple[Any, ...]:
    """What the list is sorted by; the id parts those that are alike, and grows with time."""
    if wanted.sort == "added":
        return (TherapistRow.id,)
    name = TherapistRow.folded_name
    return (_until(organization_id, day) if wanted.sort.endswith("until") else name, TherapistRow.id)


def _until(organization_id: UUID, day: date) -> Any:
    """The last day of a yes; before all of them a no, behind them who works nowhere."""
    row = ClearancePeriodRow
    mine = (row.organization_id == organization_id, row.therapist_id == TherapistRow.id)
    end = case((row.cleared, row.ends_on), else_=literal(BEGINNING, Date))
    query = select(func.min(end)).where(*mine, row.starts_on <= day, row.ends_on >= day)
    return func.coalesce(query.correlate(TherapistRow).scalar_subquery(), literal(FOREVER, Date))


def _order(key: Sequence[Any], wanted: Wanted, *, backwards: bool) -> tuple[Any, ...]:
    down = (wanted.sort in DOWN) is not backwards
    return tuple(each.desc() if down else each.asc() for each in key)


async def _past(
    session: AsyncSession, organization_id: UUID, wanted: Wanted, key: Sequence[Any], beside: UUID, *, backwards: bool
) -> ColumnElement[bool]:
    """Behind (or in front of) one row in the list's order; a row that is gone leads nowhere."""
    mine = (TherapistRow.organization_id == organization_id, TherapistRow.id == beside)
    found = (await session.execute(select(*key).where(*mine))).one_or_none()
    if found is None:
        return TherapistRow.id == beside
    here = tuple_(*key)
    there = tuple_(*(literal(value, each.type) for value, each in zip(found, key, strict=True)))
    return here < there if (wanted.sort in DOWN) is not backwards else here > there


def _conditions(
    organization_id: UUID, wanted: Wanted, at: Sequence[At], clinic_ids: frozenset[UUID]
) -> list[ColumnElement[bool]]:
    day = min(each.day for each in at)
    found = [TherapistRow.organization_id == organization_id, *_people(organization_id, wanted.people, day)]
    if clinic_ids:
        found.append(_works(organization_id, AssignmentRow.clinic_id.in_(clinic_ids)))
    if wanted.clinic_id:
        there = _assigned(organization_id).where(AssignmentRow.clinic_id == wanted.clinic_id)
        found.append(TherapistRow.id.in_(there if wanted.people != "current" else there.where(_lasts(day))))
    if wanted.modality:
        found.append(_practices(organization_id, wanted, day))
    if wanted.verdict:
        found.append(_judged(organization_id, wanted, at))
    return found


def _people(organization_id: UUID, people: str, day: date) -> list[ColumnElement[bool]]:
    if people == "merged":
        return [TherapistRow.merged_into_id > UUID(int=0)]  # not null, as a range of the index
    kept = TherapistRow.merged_into_id.is_(None)
    last = _last_day(organization_id)
    if people == "former":
        return [kept, TherapistRow.id.in_(_assigned(organization_id).where(AssignmentRow.ends_on < day)), last < day]
    return [kept, func.coalesce(last, literal(FOREVER, Date)) >= day] if people == "current" else [kept]


def _last_day(organization_id: UUID) -> Any:
    """Until when a row's therapist works somewhere; null for who never did. A value, and not `exists`: PostgreSQL would
    first read the assignments of everybody, for it does not see that a page ends after fifty rows.
    """
    row = AssignmentRow
    mine = (row.organization_id == organization_id, row.therapist_id == TherapistRow.id, row.voided_seq.is_(None))
    return select(func.max(row.ends_on)).where(*mine).correlate(TherapistRow).scalar_subquery()


def _assigned(organization_id: UUID) -> Select[Any]:
    mine = (AssignmentRow.organization_id == organization_id, AssignmentRow.voided_seq.is_(None))
    return select(AssignmentRow.therapist_id).where(*mine)


def _works(organization_id: UUID, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """One look at the assignments of a row's therapist."""
    row = AssignmentRow
    mine = (row.organization_id == organization_id, row.therapist_id == TherapistRow.id, row.voided_seq.is_(None))
    return exists().where(*mine, *conditions)


def _lasts(day: date) -> ColumnElement[bool]:
    return AssignmentRow.ends_on >= day


def _practices(organization_id: UUID, wanted: Wanted, day: date) -> ColumnElement[bool]:
    row = ClearancePeriodRow
    mine = (row.organization_id == organization_id, row.therapist_id == TherapistRow.id)
    here = () if wanted.clinic_id is None else (row.clinic_id == wanted.clinic_id,)
    return exists().where(*mine, *here, row.modality == wanted.modality, row.ends_on >= day)


def _judged(organization_id: UUID, wanted: Wanted, at: Sequence[At]) -> ColumnElement[bool]:
    """In the verdict that is asked for, at the clinic and with the modality that are asked for."""
    against = _against(organization_id, wanted, at)
    if wanted.verdict == "no":
        return TherapistRow.id.in_(against)
    if wanted.verdict == "soon":
        soon = _no_periods(organization_id, wanted, at, soon=True)
        return and_(TherapistRow.id.in_(soon), TherapistRow.id.not_in(against))
    row, days = ClearancePeriodRow, [each.day for each in at]
    mine = (row.organization_id == organization_id, row.therapist_id == TherapistRow.id, row.cleared.is_(True))
    cleared = exists().where(*mine, row.starts_on <= max(days), row.ends_on >= min(days), *_place(wanted))
    return and_(cleared, TherapistRow.id.not_in(against))


def _against(organization_id: UUID, wanted: Wanted, at: Sequence[At]) -> Select[Any]:
    """Who is not cleared: the dashboard's question, unless a clinic or a modality narrows it."""
    if wanted.clinic_id is None and not wanted.modality:
        return not_cleared(organization_id, at)
    return _no_periods(organization_id, wanted, at, soon=False)


def _no_periods(organization_id: UUID, wanted: Wanted, at: Sequence[At], *, soon: bool) -> Select[Any]:
    """Who is not cleared on the day, or begins not to be soon: a few ranges of an index (see clearances.py)."""
    row = ClearancePeriodRow
    parts: list[Select[Any]] = []
    for here in at:
        clinics = () if here.clinic_ids is None else (row.clinic_id.in_(here.clinic_ids),)
        mine = (row.organization_id == organization_id, row.cleared.is_(False), *clinics, *_place(wanted))
        last = here.day + min(timedelta(days=SOON), FOREVER - here.day)
        ranges = beginning(row, here.day, last) if soon else holding(row, here.day)
        parts.extend(select(row.therapist_id).where(*mine, *each) for each in ranges)
    return select(union(*parts).subquery().c.therapist_id)


def _place(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    row = ClearancePeriodRow
    clinic = () if wanted.clinic_id is None else (row.clinic_id == wanted.clinic_id,)
    return (*clinic, row.modality == wanted.modality) if wanted.modality else clinic
