"""Who a roster's people may be, and all that is on file about them: a handful of statements for hundreds of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.former import Formerly, former_facts, named_at
from compliance.db.records import (
    AssignmentRow,
    ClinicRow,
    CredentialRow,
    StandingRow,
    TermRow,
    TherapistNameRow,
    TherapistRow,
    VerificationRow,
)
from compliance.db.texts import among
from compliance.domain.credentials import Result, otherwise
from compliance.domain.matching import Directory, Known


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """One term on file."""

    id: UUID
    starts_on: date
    ends_on: date
    inferred: bool


@dataclass(frozen=True, slots=True)
class HeldStanding:
    """What a board said from a day on."""

    standing: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Look:
    """One confirmed verification on file. Who looked where on which day tells whether it is the same."""

    verified_on: date
    verified_by: str
    source: str
    term_id: UUID | None = field(default=None, compare=False)
    method: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """One credential on file with what hangs on it."""

    id: UUID
    type: str
    jurisdiction: str
    issuing_authority: str
    number: str
    folded_number: str
    first_issued_on: date | None
    details: Mapping[str, object]
    notes: str
    terms: Sequence[HeldTerm]
    standings: Sequence[HeldStanding]
    looks: Collection[Look]


@dataclass(frozen=True, slots=True)
class HeldAssignment:
    """One assignment on file."""

    id: UUID
    clinic_id: UUID
    modalities: tuple[str, ...]
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class OnFile:
    """A therapist as recorded. `names` are all names ever held, folded."""

    id: UUID
    first_name: str
    last_name: str
    email: str
    phone: str
    npi: str
    birth_date: date | None
    notes: str
    names: frozenset[str] = frozenset()
    credentials: Sequence[HeldCredential] = ()
    assignments: Sequence[HeldAssignment] = ()

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class ClinicOnFile:
    """A clinic as recorded."""

    id: UUID
    name: str
    jurisdiction: str
    opened_on: date | None = None
    closed_on: date | None = None


@dataclass(slots=True)
class Sets:
    """What a chunk of people is sought by."""

    emails: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


async def clinics(session: AsyncSession, organization_id: UUID) -> dict[str, ClinicOnFile]:
    """All clinics by their folded names."""
    columns = (ClinicRow.id, ClinicRow.name, ClinicRow.jurisdiction, ClinicRow.opened_on, ClinicRow.closed_on)
    query = select(ClinicRow.folded_name, *columns).where(ClinicRow.organization_id == organization_id)
    return {row[0]: ClinicOnFile(*row[1:]) for row in await session.execute(query)}


async def current(session: AsyncSession, organization_id: UUID, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the ids that are therapists of the organization, not merged into another record."""
    if not ids:
        return frozenset()
    mine = (TherapistRow.organization_id == organization_id, TherapistRow.merged_into_id.is_(None))
    return frozenset(await session.scalars(select(TherapistRow.id).where(*mine, TherapistRow.id.in_(ids))))


async def page(
    session: AsyncSession, organization_id: UUID, after: tuple[str, UUID] | None, limit: int
) -> list[tuple[str, UUID]]:
    """The next therapists by name: (folded name, id), to be given as `after` again."""
    mine = (TherapistRow.organization_id == organization_id, TherapistRow.merged_into_id.is_(None))
    query = select(TherapistRow.folded_name, TherapistRow.id).where(*mine)
    if after:
        query = query.where(tuple_(TherapistRow.folded_name, TherapistRow.id) > after)
    found = await session.execute(query.order_by(TherapistRow.folded_name, TherapistRow.id).limit(limit))
    return [(name, id_) for name, id_ in found]


async def directory(session: AsyncSession, organization_id: UUID, sets: Sets) -> Directory:
    """The therapists who may be meant by these addresses, numbers and names; merged records count as the kept one."""
    keeper = func.coalesce(TherapistRow.merged_into_id, TherapistRow.id)
    mine = (TherapistRow.organization_id == organization_id) & TherapistRow.voided_seq.is_(None)
    made = Directory()
    by_email = select(TherapistRow.folded_email, keeper).where(mine, among(TherapistRow.folded_email, sets.emails))
    for email, id_ in await _all(session, by_email, sets.emails):
        made.add(Known(id_, emails=frozenset({email})))
    by_number = (
        select(CredentialRow.jurisdiction, CredentialRow.folded_number, keeper)
        .join(TherapistRow, mine & (TherapistRow.id == CredentialRow.therapist_id))
        .where(CredentialRow.organization_id == organization_id, CredentialRow.voided_seq.is_(None))
        .where(among(CredentialRow.folded_number, sets.numbers), CredentialRow.jurisdiction.is_not(None))
    )
    for place, number, id_ in await _all(session, by_number, sets.numbers):
        made.add(Known(id_, licenses=frozenset({(place, number)})))
    by_name = (
        select(TherapistNameRow.folded_name, TherapistRow.birth_date, keeper)
        .join(TherapistRow, mine & (TherapistRow.id == TherapistNameRow.therapist_id))
        .where(TherapistNameRow.organization_id == organization_id, TherapistNameRow.voided_seq.is_(None))
        .where(among(TherapistNameRow.folded_name, sets.names), TherapistRow.birth_date.is_not(None))
    )
    for name, born, id_ in await _all(session, by_name, sets.names):
        made.add(Known(id_, names=frozenset({name}), birth_date=born))
    return made


async def _all(session: AsyncSession, query: Any, wanted: Collection[str]) -> Sequence[Any]:
    return (await session.execute(query)).all() if wanted else []


async def on_file(session: AsyncSession, organization_id: UUID, ids: Collection[UUID]) -> dict[UUID, OnFile]:
    """All that is on file about these therapists, by id; what lies under merged records is theirs."""
    if not ids:
        return {}
    keeper = await _keepers(session, organization_id, ids)
    names = await _of(session, organization_id, TherapistNameRow, "therapist_id", keeper)
    working = await _of(session, organization_id, AssignmentRow, "therapist_id", keeper)
    held = await _credentials(session, organization_id, keeper)
    people = select(*TherapistRow.__table__.columns).where(
        TherapistRow.organization_id == organization_id, TherapistRow.id.in_(ids)
    )
    return {
        row.id: OnFile(
            row.id,
            row.first_name,
            row.last_name,
            row.email or "",
            row.phone,
            row.npi or "",
            row.birth_date,
            row.notes,
            frozenset(each.folded_name for each in names[row.id]),
            held[row.id],
            [HeldAssignment(e.id, e.clinic_id, e.modalities, e.starts_on, e.ends_on) for e in working[row.id]],
        )
        for row in await session.execute(people)
    }


async def _keepers(session: AsyncSession, organization_id: UUID, ids: Collection[UUID]) -> dict[UUID, UUID]:
    mine = (TherapistRow.organization_id == organization_id, TherapistRow.merged_into_id.in_(ids))
    merged = await session.execute(select(TherapistRow.id, TherapistRow.merged_into_id).where(*mine))
    return {each: each for each in ids} | {id_: kept for id_, kept in merged if kept}


async def _of(
    session: AsyncSession, organization_id: UUID, table: Any, column: str, keeper: Mapping[UUID, UUID]
) -> dict[UUID, list[Any]]:
    """Current rows by what `keeper` says of the id in `column`, in the order in which they were recorded."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    if not keeper:
        return found
    key = getattr(table, column)
    mine = (table.organization_id == organization_id, key.in_(keeper), table.voided_seq.is_(None))
    query = select(*table.__table__.columns).where(*mine).order_by(table.recorded_seq)
    for row in await session.execute(query):
        found[keeper[getattr(row, column)]].append(row)
    return found


async def held_by_clinics(
    session: AsyncSession, organization_id: UUID, clinic_ids: Collection[UUID]
) -> dict[UUID, list[HeldCredential]]:
    """What clinics hold themselves."""
    return await _credentials(session, organization_id, {each: each for each in clinic_ids}, "clinic_id")


async def _credentials(
    session: AsyncSession, organization_id: UUID, keeper: Mapping[UUID, UUID], holder: str = "therapist_id"
) -> dict[UUID, list[HeldCredential]]:
    by_person = await _of(session, organization_id, CredentialRow, holder, keeper)
    own = {row.id: row.id for rows in by_person.values() for row in rows}
    terms = await _of(session, organization_id, TermRow, "credential_id", own)
    standings = await _of(session, organization_id, StandingRow, "credential_id", own)
    looks = await _of(session, organization_id, VerificationRow, "credential_id", own)
    former = await former_facts(session, organization_id, "credential", list(own)) if own else {}
    found: dict[UUID, list[HeldCredential]] = defaultdict(list)
    for person, rows in by_person.items():
        found[person] = [
            _held(row, terms[row.id], standings[row.id], _about_it(row, looks[row.id], former.get(row.id, ())))
            for row in rows
        ]
    return found


def _about_it(row: Any, looks: Iterable[Any], formerly: Formerly) -> list[Any]:
    """The looks that named the facts as they are now: the others prove nothing of it."""
    return [each for each in looks if not otherwise(named_at(formerly, each.recorded_seq, row), row)]


def _held(row: Any, terms: Iterable[Any], standings: Iterable[Any], looks: Iterable[Any]) -> HeldCredential:
    return HeldCredential(
        row.id,
        row.type,
        row.jurisdiction or "",
        row.issuing_authority,
        row.number,
        row.folded_number,
        row.first_issued_on,
        row.details or {},
        row.notes,
        [HeldTerm(each.id, each.starts_on, each.ends_on, each.inferred) for each in terms],
        [HeldStanding(each.standing, each.starts_on, each.ends_on) for each in standings],
        {
            Look(e.verified_on, e.verified_by, e.source, e.term_id, e.method or "")
            for e in looks
            if e.result == Result.CONFIRMED
        },
    )
