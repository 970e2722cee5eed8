"""What narrows a list of therapists: verdict, clinic, modality, whether they work here; each a look at a few rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, case, exists, func, literal, or_, select, union

from compliance.db.queries.clearances import At, not_cleared
from compliance.db.reach import Conditions, beginning, holding
from compliance.db.records import AssignmentRow, ClearancePeriodRow, TherapistRow
from compliance.domain.periods import FOREVER

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


def conditions(
    organization_id: UUID, wanted: Wanted, at: Sequence[At], clinic_ids: frozenset[UUID], many: bool
) -> list[ColumnElement[bool]]:
    """All that is wanted but for the text. `many`: thousands have the verdict (see `therapists`)."""
    day = min(each.day for each in at)
    found = [TherapistRow.organization_id == organization_id]
    if wanted.verdict:  # first, for it leaves out most
        found.append((_graded if many else _judged)(organization_id, wanted, at))
    found += _people(organization_id, wanted.people, day)
    if clinic_ids:
        found.append(_works(organization_id, AssignmentRow.clinic_id.in_(clinic_ids)))
    if wanted.clinic_id:
        there = _assigned(organization_id).where(AssignmentRow.clinic_id == wanted.clinic_id)
        found.append(TherapistRow.id.in_(there if wanted.people != "current" else there.where(_lasts(day))))
    if wanted.modality:
        found.append(_practices(organization_id, wanted, day))
    return found


def _people(organization_id: UUID, people: str, day: date) -> list[ColumnElement[bool]]:
    if people == "merged":
        merged = TherapistRow.merged_into_id > UUID(int=0)  # not null, as a range of the index
        return [merged, TherapistRow.voided_seq.is_(None)]
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


NO, YES = 0, 1


def _graded(organization_id: UUID, wanted: Wanted, at: Sequence[At]) -> ColumnElement[bool]:
    """The same as `_judged`, but whether somebody is not cleared on the day is asked of each row."""
    row = ClearancePeriodRow
    now = or_(*(and_(row.starts_on <= here.day, row.ends_on >= here.day, *_there(here)) for here in at))
    mine = (row.organization_id == organization_id, row.therapist_id == TherapistRow.id, now, *_place(wanted))
    grade = select(func.min(case((~row.cleared, NO), else_=YES))).where(*mine).correlate(TherapistRow).scalar_subquery()
    if wanted.verdict == "soon":  # too few of the rows to come upon them, and not too many to name
        named = TherapistRow.id.in_(_no_periods(organization_id, wanted, at, soon=True))
        return and_(named.is_(True), func.coalesce(grade, YES) > NO)  # a look at each name; PostgreSQL would join all
    return grade == (NO if wanted.verdict == "no" else YES)


def _there(here: At) -> Conditions:
    return () if here.clinic_ids is None else (ClearancePeriodRow.clinic_id.in_(here.clinic_ids),)


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
        mine = (row.organization_id == organization_id, row.cleared.is_(False), *_there(here), *_place(wanted))
        last = here.day + min(timedelta(days=SOON), FOREVER - here.day)
        ranges = beginning(row, here.day, last) if soon else holding(row, here.day)
        parts.extend(select(row.therapist_id).where(*mine, *each) for each in ranges)
    return select(union(*parts).subquery().c.therapist_id)


def _place(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    row = ClearancePeriodRow
    clinic = () if wanted.clinic_id is None else (row.clinic_id == wanted.clinic_id,)
    return (*clinic, row.modality == wanted.modality) if wanted.modality else clinic
