"""Everything that the ladder is climbed with, in sets: the last terms, their holders, where they work, who is told.

Each question is asked once for a whole batch, which may be of several organizations: ids go with their organization.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.holders import Holder as Holder
from compliance.db.queries.holders import People, Rows, Work, people, read_rows, work
from compliance.db.queries.own_ladders import NONE, OwnLadder, OwnLadders, own_ladders
from compliance.db.queries.owned import Owned as Owned
from compliance.db.queries.owned import among as among
from compliance.db.queries.refused_addresses import refused
from compliance.db.records import (
    ClinicRow,
    CredentialRow,
    DelegationRow,
    MembershipRow,
    OrganizationRow,
    PersonRow,
    TermRow,
)
from compliance.domain.credentials import Assignment, Leave
from compliance.domain.periods import BEGINNING, FOREVER
from compliance.domain.release import ANY_DAY, Calendar, calendar_of, local_day


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
    refused: frozenset[str] = frozenset()  # folded addresses to which nothing is sent


@dataclass(frozen=True, slots=True)
class Clinic:
    """A place of work, from its first day to its last."""

    id: UUID
    name: str
    time_zone: str
    jurisdiction: str
    closed_on: date = FOREVER
    opened_on: date = BEGINNING  # else the day on which it was recorded


class Away(NamedTuple):
    """Days on which somebody else is told instead, and who."""

    starts_on: date
    ends_on: date
    delegate_id: UUID


@dataclass(frozen=True, slots=True)
class Staff:
    """A manager or owner who may be told. No clinics: all of them."""

    id: UUID
    name: str
    address: str
    role: str
    clinic_ids: frozenset[str]
    away: tuple[Away, ...] = ()

    @property
    def recipient(self) -> str:
        """How a reminder names them."""
        return f"{self.role}:{self.id}"

    def runs(self, clinics: Iterable[Clinic]) -> bool:
        """Whether one of the clinics is theirs; one that works nowhere is everybody's."""
        places = {str(each.id) for each in clinics}
        return not self.clinic_ids or not places or bool(self.clinic_ids & places)


@dataclass(frozen=True, slots=True)
class Subject:
    """The last term of a credential, and all that decides who is told what and when. No `holder`: a clinic holds it.

    Where a file as a whole is looked at, its holder's own id stands for credential and term, and there is no type.
    """

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
    own_ladder: OwnLadder | None = None


async def subjects(session: AsyncSession, owned: Owned, *, today: date) -> list[Subject]:
    """The last terms of these credentials, each named with its organization, and what stands around them.

    Work that ended before today is left out.
    """
    found = [row for some in among(CredentialRow, CredentialRow.id, owned) for row in await _terms(session, some)]
    return await _with_surroundings(session, found, today)


async def _with_surroundings(session: AsyncSession, found: Rows, today: date) -> list[Subject]:
    terms = _last_terms(found)
    if not terms:
        return []
    around = await _around(session, {row.organization_id for row in terms}, today)
    those = await people(session, {row.therapist_id: row.organization_id for row in terms if row.therapist_id})
    jobs = await work(session, those, today)
    own = await own_ladders(session, {row.id: row.organization_id for row in terms})
    return [_subject(row, around, those, jobs, own) for row in terms]


async def files(session: AsyncSession, owned: Owned, *, today: date) -> dict[UUID, Subject]:
    """What stands around these therapists, each named with its organization, by id."""
    around = await _around(session, set(owned.values()), today)
    those = await people(session, owned)
    jobs = await work(session, those, today)
    rows = (_File(organization_id, id_, id_) for id_, organization_id in owned.items() if id_ in those.holders)
    return {row.id: _subject(row, around, those, jobs, NONE) for row in rows}


async def clinics(session: AsyncSession, owned: Owned, *, today: date) -> dict[UUID, Subject]:
    """The same around these clinics, whose own files are looked at."""
    around = await _around(session, set(owned.values()), today)
    rows = (_File(organization_id, id_, None, id_) for id_, organization_id in owned.items())
    return {row.id: _subject(row, around, NOBODY, Work({}, {}), NONE) for row in rows}


NOBODY = People({}, {})


@dataclass(frozen=True, slots=True)
class _File:
    """A person or a clinic in place of a term."""

    organization_id: UUID
    id: UUID
    therapist_id: UUID | None
    clinic_id: UUID | None = None
    type: str = ""
    jurisdiction: None = None
    number: str = ""
    ends_on: date = FOREVER
    next_rung_on: None = None

    @property
    def term_id(self) -> UUID:
        return self.id


async def _terms(session: AsyncSession, which: ColumnElement[bool]) -> Rows:
    same = (TermRow.organization_id == CredentialRow.organization_id) & (TermRow.credential_id == CredentialRow.id)
    held = CredentialRow
    columns = (
        held.organization_id, held.id, held.type, held.jurisdiction, held.number, held.therapist_id, held.clinic_id,
        TermRow.id.label("term_id"), TermRow.starts_on, TermRow.ends_on, TermRow.next_rung_on,
    )  # fmt: skip
    query = select(*columns).join(TermRow, same).where(which, held.voided_seq.is_(None), TermRow.voided_seq.is_(None))
    return await read_rows(session, query)


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
    columns = (place.organization_id, place.id, place.name, place.time_zone, place.jurisdiction, place.closed_on)
    query = select(*columns, place.opened_on, place.created_at).where(place.organization_id.in_(ids))
    for row in await read_rows(session, query.order_by(place.created_at, place.id)):
        open_on = (row.closed_on or FOREVER, row.opened_on or local_day(row.created_at, row.time_zone))
        clinics[row.organization_id][row.id] = Clinic(row.id, row.name, row.time_zone, row.jurisdiction, *open_on)
    return _Around(await organizations(session, ids), clinics, await staff(session, ids, today))


async def organizations(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Organization]:
    """Organizations by id."""
    org = OrganizationRow
    columns = (org.id, org.name, org.time_zone, org.postal_address, org.demonstration, org.reminders_started_at)
    found = await session.execute(select(*columns, org.settings).where(org.id.in_(ids)))
    bad, nobody = await refused(session, ids), frozenset[str]()
    return {
        each[0]: Organization(*each[:-1], calendar=calendar_of(each[-1] or {}), refused=bad.get(each[0], nobody))
        for each in found.all()
    }


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
    away = await _away(session, organization_ids, today)
    for organization_id in {organization for organization, _ in away}:
        found[organization_id] = [_with(one, away.get((organization_id, one.id), ())) for one in found[organization_id]]
    return found


def _with(one: Staff, away: tuple[Away, ...]) -> Staff:
    return replace(one, away=away) if away else one


async def _away(
    session: AsyncSession, organization_ids: Collection[UUID], today: date
) -> dict[tuple[UUID, UUID], tuple[Away, ...]]:
    """Spans that reach today or lie ahead, by organization and person, the one that was said last first."""
    row = DelegationRow
    columns = (row.organization_id, row.person_id, row.starts_on, row.ends_on, row.delegate_id)
    mine = (row.organization_id.in_(organization_ids), row.ends_on >= today, row.voided_seq.is_(None))
    found: dict[tuple[UUID, UUID], tuple[Away, ...]] = defaultdict(tuple)
    for organization_id, person, *span in await session.execute(
        select(*columns).where(*mine).order_by(row.recorded_seq.desc())
    ):
        found[organization_id, person] += (Away._make(span),)
    return found


def _subject(row: Any, around: _Around, those: People, jobs: Work, own: OwnLadders) -> Subject:
    holder = those.holders.get(row.therapist_id)
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
        assignments=tuple(jobs.assignments.get(holder.id, ())) if holder else (),
        leaves=tuple(jobs.leaves.get(holder.id, ())) if holder else (),
        places=clinics,
        clinic=clinics.get(row.clinic_id),
        staff=tuple(around.staff.get(row.organization_id, ())),
        own_ladder=own.of(row.organization_id, row.id, row.type),
    )
