"""Everything that the ladder is climbed with, in sets: the last terms, their holders, where they work, who is told.

Each question is asked once for a whole batch, which may be of several organizations: ids go with their organization.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import (
    AssignmentRow,
    ClinicRow,
    CredentialRow,
    LeaveRow,
    MembershipRow,
    OrganizationRow,
    PersonRow,
    TermRow,
    TherapistRow,
)
from compliance.domain.credentials import Assignment, Leave
from compliance.domain.release import ANY_DAY, Calendar, calendar_of

CHUNK = 1000  # ids in one statement
Rows = Sequence[Row[Any]]
Owned = Mapping[UUID, UUID]  # ids, each with its organization's


@dataclass(frozen=True, slots=True)
class Organization:
    """Who runs the clinics, as far as mail is concerned."""

    id: UUID
    name: str
    time_zone: str
    postal_address: str
    demonstration: bool
    reminders_started_at: datetime | None
    calendar: Calendar = ANY_DAY


@dataclass(frozen=True, slots=True)
class Clinic:
    """A place of work."""

    id: UUID
    name: str
    time_zone: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Staff:
    """A manager or owner who may be told. No clinics: all of them."""

    id: UUID
    name: str
    address: str
    role: str
    clinic_ids: frozenset[str]

    @property
    def recipient(self) -> str:
        """How a reminder names them."""
        return f"{self.role}:{self.id}"

    def runs(self, clinics: Iterable[Clinic]) -> bool:
        """Whether one of the clinics is theirs; one that works nowhere is everybody's."""
        places = {str(each.id) for each in clinics}
        return not self.clinic_ids or not places or bool(self.clinic_ids & places)


@dataclass(frozen=True, slots=True)
class Holder:
    """The therapist who is reminded."""

    id: UUID
    first_name: str
    last_name: str
    address: str | None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Subject:
    """The last term of a credential, and all that decides who is told what and when. No `holder`: a clinic holds it."""

    organization: Organization
    credential_id: UUID
    type: str
    jurisdiction: str | None
    number: str
    term_id: UUID
    ends_on: date
    next_rung_on: date | None
    holder: Holder | None
    assignments: tuple[Assignment, ...]
    leaves: tuple[Leave, ...]
    places: Mapping[UUID, Clinic]
    clinic: Clinic | None  # that holds it
    staff: tuple[Staff, ...]
    hours_missing: float | None = None  # of continuing education, where they are counted


async def subjects(session: AsyncSession, owned: Owned, *, today: date) -> list[Subject]:
    """The last terms of these credentials, each named with its organization, and what stands around them.

    Work that ended before today is left out.
    """
    found = [row for some in among(CredentialRow, CredentialRow.id, owned) for row in await _terms(session, some)]
    return await _with_surroundings(session, found, today)


async def all_subjects(session: AsyncSession, organization_id: UUID, *, today: date) -> list[Subject]:
    """The same for every credential of one organization."""
    found = await _terms(session, CredentialRow.organization_id == organization_id)
    return await _with_surroundings(session, found, today)


async def _with_surroundings(session: AsyncSession, found: Rows, today: date) -> list[Subject]:
    terms = _last_terms(found)
    if not terms:
        return []
    around = await _around(session, {row.organization_id for row in terms}, today)
    people = await _people(session, {row.therapist_id: row.organization_id for row in terms if row.therapist_id})
    work = await _work(session, people, today)
    return [_subject(row, around, people, work) for row in terms]


async def _terms(session: AsyncSession, which: ColumnElement[bool]) -> Rows:
    same = (TermRow.organization_id == CredentialRow.organization_id) & (TermRow.credential_id == CredentialRow.id)
    held = CredentialRow
    columns = (
        held.organization_id, held.id, held.type, held.jurisdiction, held.number, held.therapist_id, held.clinic_id,
        TermRow.id.label("term_id"), TermRow.starts_on, TermRow.ends_on, TermRow.next_rung_on,
    )  # fmt: skip
    query = select(*columns).join(TermRow, same).where(which, held.voided_seq.is_(None), TermRow.voided_seq.is_(None))
    return await _rows(session, query)


def _last_terms(rows: Rows) -> list[Any]:
    last: dict[UUID, Any] = {}
    for row in rows:
        known = last.get(row.id)
        if known is None or (known.ends_on, known.starts_on) < (row.ends_on, row.starts_on):
            last[row.id] = row
    return list(last.values())


class _Around(NamedTuple):
    organizations: dict[UUID, Organization]
    clinics: dict[UUID, dict[UUID, Clinic]]
    staff: dict[UUID, list[Staff]]


async def _around(session: AsyncSession, ids: Collection[UUID], today: date) -> _Around:
    place = ClinicRow
    clinics: dict[UUID, dict[UUID, Clinic]] = defaultdict(dict)
    columns = (place.organization_id, place.id, place.name, place.time_zone, place.jurisdiction)
    query = select(*columns).where(place.organization_id.in_(ids))
    for row in await _rows(session, query.order_by(place.created_at, place.id)):
        clinics[row.organization_id][row.id] = Clinic(row.id, row.name, row.time_zone, row.jurisdiction)
    return _Around(await organizations(session, ids), clinics, await staff(session, ids, today))


async def organizations(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Organization]:
    """Organizations by id."""
    org = OrganizationRow
    columns = (org.id, org.name, org.time_zone, org.postal_address, org.demonstration, org.reminders_started_at)
    found = await session.execute(select(*columns, org.settings).where(org.id.in_(ids)))
    return {each[0]: Organization(*each[:-1], calendar=calendar_of(each[-1] or {})) for each in found}


async def staff(session: AsyncSession, organization_ids: Collection[UUID], today: date) -> dict[UUID, list[Staff]]:
    """Managers and owners by organization, longest serving first."""
    member = MembershipRow
    columns = (member.organization_id, PersonRow.id, PersonRow.name, PersonRow.email, member.role, member.clinic_ids)
    in_office = (member.ended_at.is_(None), or_(member.ends_on.is_(None), member.ends_on >= today))
    query = (
        select(*columns)
        .join(PersonRow, PersonRow.id == member.person_id)
        .where(member.organization_id.in_(organization_ids), member.role.in_(("manager", "owner")), *in_office)
        .order_by(member.created_at, member.id)
    )
    found: dict[UUID, list[Staff]] = defaultdict(list)
    for organization_id, id_, name, email, role, clinic_ids in await session.execute(query):
        found[organization_id].append(Staff(id_, name or email, email, role, frozenset(clinic_ids or ())))
    return found


class _People(NamedTuple):
    holders: dict[UUID, Holder]  # by any record's id, also one that was merged into another
    organizations: dict[UUID, UUID]  # every record of these people, with its organization


async def _people(session: AsyncSession, owned: Owned) -> _People:
    """The people whose records these are: one that was merged into another speaks for the one that is kept."""
    who = TherapistRow
    query = select(who.organization_id, who.id, who.first_name, who.last_name, who.email, who.merged_into_id)
    asked = await _all(session, query, who, who.id, owned)
    keepers = {row.merged_into_id or row.id: row.organization_id for row in asked}
    unasked = {each: organization for each, organization in keepers.items() if each not in owned}
    kept = [*asked, *await _all(session, query, who, who.id, unasked)]
    holders = {
        row.id: Holder(row.id, row.first_name, row.last_name, row.email) for row in kept if not row.merged_into_id
    }
    merged = await _all(session, query, who, who.merged_into_id, keepers)
    family = {row.id: row for row in (*kept, *merged)}
    return _People(
        {each: holders[row.merged_into_id or each] for each, row in family.items()},
        {each: row.organization_id for each, row in family.items()},
    )


class _Work(NamedTuple):
    assignments: dict[UUID, list[Assignment]]
    leaves: dict[UUID, list[Leave]]


async def _work(session: AsyncSession, people: _People, today: date) -> _Work:
    job, away = AssignmentRow, LeaveRow
    assignments: dict[UUID, list[Assignment]] = defaultdict(list)
    query = select(job.therapist_id, job.id, job.clinic_id, job.modalities, job.starts_on, job.ends_on)
    query = query.where(job.voided_seq.is_(None), job.ends_on >= today)
    for therapist, *span in await _all(session, query, job, job.therapist_id, people.organizations):
        assignments[people.holders[therapist].id].append(Assignment(*span))
    leaves: dict[UUID, list[Leave]] = defaultdict(list)
    rest = select(away.therapist_id, away.clinic_id, away.starts_on, away.ends_on)
    rest = rest.where(away.voided_seq.is_(None), away.ends_on >= today)
    for therapist, *span in await _all(session, rest, away, away.therapist_id, people.organizations):
        leaves[people.holders[therapist].id].append(Leave(*span))
    return _Work(assignments, leaves)


def _subject(row: Any, around: _Around, people: _People, work: _Work) -> Subject:
    holder = people.holders.get(row.therapist_id)
    clinics = around.clinics[row.organization_id]
    return Subject(
        organization=around.organizations[row.organization_id],
        credential_id=row.id,
        type=row.type,
        jurisdiction=row.jurisdiction,
        number=row.number,
        term_id=row.term_id,
        ends_on=row.ends_on,
        next_rung_on=row.next_rung_on,
        holder=holder,
        assignments=tuple(work.assignments.get(holder.id, ())) if holder else (),
        leaves=tuple(work.leaves.get(holder.id, ())) if holder else (),
        places=clinics,
        clinic=clinics.get(row.clinic_id),
        staff=tuple(around.staff.get(row.organization_id, ())),
    )


def among(table: Any, column: Any, owned: Owned) -> Iterator[ColumnElement[bool]]:
    """Conditions that name the ids in pieces; of one organization by its id, of several as pairs, for an index over
    both would be searched for every combination of two lists."""
    single = len(set(owned.values())) == 1
    pairs = [(organization, each) for each, organization in owned.items()]
    for start in range(0, len(pairs), CHUNK):
        some = pairs[start : start + CHUNK]
        if single:
            yield (table.organization_id == some[0][0]) & column.in_([each for _, each in some])
        else:
            yield tuple_(table.organization_id, column).in_(some)


async def _all(session: AsyncSession, query: Any, table: Any, column: Any, owned: Owned) -> list[Any]:
    return [row for some in among(table, column, owned) for row in await _rows(session, query.where(some))]


async def _rows(session: AsyncSession, query: Any) -> Rows:
    return list((await session.execute(query)).all())
