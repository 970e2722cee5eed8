"""How long files are kept, and what may go by then: a list before anything goes.

A file is kept for seven years after the last day of the last assignment, a certificate of a course for six years after
the course was completed; an organization may say otherwise. What is on legal hold is in no list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.organizations import Organization
from compliance.db.records import AssignmentRow, CourseRow, RetentionApprovalRow, TherapistRow
from compliance.domain.months import add_months
from compliance.services import organizations
from compliance.services.refusals import Checks, need_reason
from compliance.services.trail import Act

FILE, CERTIFICATES = "file", "certificates"
LONGEST: Final = 50
SETTING: Final = "retention"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """Whole years: of a file after the last assignment, of a certificate after the course."""

    file: int = 7
    certificates: int = 6


@dataclass(frozen=True, slots=True)
class Due:
    """What may go: somebody's file, or their certificates of courses completed by `through`.

    `through` is the last day of work, or the latest course's; `due_on` the first day on which any of it may go;
    `approved_by` is empty until an owner has said so.
    """

    therapist_id: UUID
    name: str
    kind: str
    through: date
    due_on: date
    count: int
    approved_by: str = ""


def terms_of(organization: Organization) -> Terms:
    """What the organization has said, or the default."""
    said: Any = organization.settings.get(SETTING)
    return Terms(**said) if isinstance(said, Mapping) else Terms()


async def set_terms(session: AsyncSession, *, act: Act, terms: Terms, reason: str) -> None:
    """From now on the list is made by these. Raises Refused."""
    need_reason(reason, "the time changes")
    checks = Checks()
    for name, years in ((FILE, terms.file), (CERTIFICATES, terms.certificates)):
        checks.refuse(name, None if 1 <= years <= LONGEST else f"Give whole years from 1 to {LONGEST}.")
    checks.done()
    said = {FILE: terms.file, CERTIFICATES: terms.certificates}
    await organizations.change(session, act=act, settings={SETTING: said}, reason=reason)


async def due(
    session: AsyncSession,
    *,
    organization_id: UUID,
    terms: Terms,
    by: date,
    after: date = date.min,
    only: Iterable[UUID] | None = None,
) -> list[Due]:
    """What becomes due after one day and by another, soonest first: nothing on legal hold, no file of who works."""
    people = {each.id: each for each in await session.execute(_people(organization_id, only))}
    found = await _files(session, organization_id, people, terms.file)
    found += await _certificates(session, organization_id, people, terms.certificates, (after, by))
    approved = await _approved(session, organization_id)
    told = []
    for each in found:
        through, who = approved.get((each.therapist_id, each.kind), (date.min, ""))
        if after < each.due_on <= by:
            told.append(_marked(each, who if through >= each.through else ""))
    return sorted(told, key=lambda each: (each.due_on, each.name.casefold(), each.kind, each.therapist_id))


def _marked(each: Due, who: str) -> Due:
    return Due(each.therapist_id, each.name, each.kind, each.through, each.due_on, each.count, who)


def _people(organization_id: UUID, only: Iterable[UUID] | None) -> Any:
    """Records that stand for somebody, also one that was void from the beginning; none that is held, in any part."""
    who = TherapistRow
    mine = who.organization_id == organization_id
    held = select(func.coalesce(who.merged_into_id, who.id)).where(mine, who.legal_hold)
    query = select(who.id, who.first_name, who.last_name, who.created_at)
    query = query.where(mine, or_(who.merged_into_id.is_(None), who.merged_into_id == who.id), who.id.not_in(held))
    return query if only is None else query.where(who.id.in_(list(only)))


async def _files(
    session: AsyncSession, organization_id: UUID, people: Mapping[UUID, Row[Any]], years: int
) -> list[Due]:
    """Whoever never worked anywhere is kept from the day of the record."""
    row, who = AssignmentRow, TherapistRow
    person = func.coalesce(who.merged_into_id, who.id)
    query = select(person, func.max(row.ends_on)).join(
        who, (who.organization_id == row.organization_id) & (who.id == row.therapist_id)
    )
    query = query.where(row.organization_id == organization_id, row.voided_seq.is_(None)).group_by(person)
    last: dict[UUID, date] = {each[0]: each[1] for each in await session.execute(query)}
    made = []
    for id_, each in people.items():
        day = last.get(id_, each.created_at.date())
        if day.year + years < date.max.year:
            made.append(Due(id_, _name(each), FILE, day, _over(day, years), 1))
    return made


async def _certificates(
    session: AsyncSession, organization_id: UUID, people: Mapping[UUID, Row[Any]], years: int, days: tuple[date, date]
) -> list[Due]:
    row, who = CourseRow, TherapistRow
    person = func.coalesce(who.merged_into_id, who.id)
    query = select(person, row.completed_on, func.count()).join(
        who, (who.organization_id == row.organization_id) & (who.id == row.therapist_id)
    )
    query = query.where(row.organization_id == organization_id, row.evidence_id.is_not(None))
    found: dict[UUID, list[tuple[date, int]]] = {}
    for id_, day, count in await session.execute(query.group_by(person, row.completed_on)):
        if id_ in people and days[0] < _over(day, years) <= days[1]:
            found.setdefault(id_, []).append((day, count))
    made = []
    for id_, each in found.items():
        first, through = min(each)[0], max(each)[0]
        count = sum(number for _day, number in each)
        made.append(Due(id_, _name(people[id_]), CERTIFICATES, through, _over(first, years), count))
    return made


def _over(day: date, years: int) -> date:
    """The first day after the time of keeping."""
    return add_months(day, 12 * years) + _DAY


def _name(row: Row[Any]) -> str:
    return f"{row.first_name} {row.last_name}".strip()


async def _approved(session: AsyncSession, organization_id: UUID) -> dict[tuple[UUID, str], tuple[date, str]]:
    row = RetentionApprovalRow
    query = select(row.therapist_id, row.kind, row.through, row.approved_by)
    found = await session.execute(query.where(row.organization_id == organization_id))
    return {(each.therapist_id, each.kind): (each.through, each.approved_by) for each in found}
