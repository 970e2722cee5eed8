"""Credential files: everything held on a set of therapists (or on clinics), read in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import credential_values as values
from compliance.db.queries.former import day_of, former_facts, then
from compliance.db.queries.known import standing_at
from compliance.db.records import (
    AssignmentRow,
    CredentialRow,
    EvidenceLinkRow,
    EvidenceRow,
    LeaveRow,
    MergeRow,
    StandingRow,
    TermRow,
    TherapistRow,
    VerificationRow,
    WaiverRow,
)
from compliance.domain.credentials import Credential, CredentialFile

Rows = Sequence[Row[Any]]
Grouped = dict[UUID, list[Any]]
Which = Select[Any] | Sequence[UUID]
FEW = 1_000
"""Credentials that are named one by one: to find those of a few people by a query of its own, PostgreSQL guesses that
they have ten times as many, and reads what hangs on all of the organization's."""
UNREAD = frozenset(
    {
        "organization_id", "recorded_seq", "voided_seq", "void_reason", "next_rung_on", "resolved_seq", "created_at",
        "folded_number", "notes", "end_reason",
    }
)  # fmt: skip
"""Columns that no value is made from: reading them took a third of the time."""


async def credential_files(
    session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID], *, known_seq: int | None = None
) -> dict[UUID, CredentialFile]:
    """The files of therapists by id; what was recorded under a merged record belongs to the kept one."""
    people, keeper = await _family(session, organization_id, therapist_ids, known_seq)
    ids = list(keeper)
    born = await _birth_dates(session, organization_id, people, known_seq)
    held = await _credentials(session, organization_id, CredentialRow.therapist_id.in_(ids), known_seq)
    by_person: Grouped = defaultdict(list)
    for owner, credential in held:
        by_person[keeper[owner]].append(credential)
    waivers = _grouped(await _all(session, organization_id, WaiverRow, ids, known_seq), keeper, values.waiver)
    works = await _all(session, organization_id, AssignmentRow, ids, known_seq)
    assignments = _grouped(works, keeper, values.assignment)
    leaves = _grouped(await _all(session, organization_id, LeaveRow, ids, known_seq), keeper, values.leave)
    return {
        row.id: CredentialFile(
            therapist_id=row.id,
            name=f"{row.first_name} {row.last_name}".strip(),
            birth_date=born[row.id],
            credentials=tuple(by_person[row.id]),
            waivers=tuple(waivers[row.id]),
            assignments=tuple(assignments[row.id]),
            leaves=tuple(leaves[row.id]),
        )
        for row in people
        if keeper[row.id] == row.id
    }


async def _birth_dates(
    session: AsyncSession, organization_id: UUID, people: Rows, known_seq: int | None
) -> dict[UUID, date | None]:
    now = {row.id: row.birth_date for row in people}
    if known_seq is None:
        return now
    former = await former_facts(session, organization_id, "therapist", list(now), after_seq=known_seq)
    was = then(former, known_seq).items()
    return now | {id_: day_of(each["birth_date"]) for id_, each in was if "birth_date" in each}


async def merged_at(session: AsyncSession, organization_id: UUID, known_seq: int) -> dict[UUID, UUID]:
    """Each record that was merged at a place in the trail, and the one that was kept in the end."""
    row = MergeRow
    query = select(row.merged_id, row.kept_id).where(
        row.organization_id == organization_id, standing_at(row, known_seq)
    )
    kept = {each.merged_id: each.kept_id for each in await _rows(session, query)}
    for merged in kept:
        while kept[merged] in kept:
            kept[merged] = kept[kept[merged]]
    return kept


async def clinic_files(
    session: AsyncSession, organization_id: UUID, *, known_seq: int | None = None
) -> dict[UUID, CredentialFile]:
    """What clinics hold themselves, and what they are excepted from, by clinic."""
    held = await _credentials(session, organization_id, CredentialRow.clinic_id.is_not(None), known_seq)
    by_clinic: Grouped = defaultdict(list)
    for owner, credential in held:
        by_clinic[owner].append(credential)
    waivers = await _waivers_of_clinics(session, organization_id, known_seq)
    return {
        each: CredentialFile(each, "", credentials=tuple(by_clinic[each]), waivers=tuple(waivers[each]))
        for each in dict.fromkeys((*by_clinic, *waivers))
    }


async def _waivers_of_clinics(session: AsyncSession, organization_id: UUID, known_seq: int | None) -> Grouped:
    row = WaiverRow
    own = (row.organization_id == organization_id, row.clinic_id.is_not(None), row.therapist_id.is_(None))
    query = select(*_read(row)).where(*own, standing_at(row, known_seq)).order_by(row.recorded_seq)
    found: Grouped = defaultdict(list)
    for each in await _rows(session, query):
        found[each.clinic_id].append(values.own_waiver(each))
    return found


async def _family(
    session: AsyncSession, organization_id: UUID, ids: Collection[UUID], known_seq: int | None
) -> tuple[Rows, dict[UUID, UUID]]:
    """The records of therapists and of those merged into them, and whose file each belongs to."""
    if known_seq is None:
        people = await _people(session, organization_id, ids)
        return people, {row.id: row.merged_into_id or row.id for row in people}
    merged = await merged_at(session, organization_id, known_seq)
    family = {*ids, *(each for each, kept in merged.items() if kept in ids)}
    people = [row for row in await _people(session, organization_id, family) if row.id in family]
    return people, {row.id: merged.get(row.id, row.id) for row in people}


async def _people(session: AsyncSession, organization_id: UUID, ids: Collection[UUID]) -> Rows:
    columns = (
        TherapistRow.id,
        TherapistRow.first_name,
        TherapistRow.last_name,
        TherapistRow.birth_date,
        TherapistRow.merged_into_id,
    )
    mine = TherapistRow.organization_id == organization_id
    asked = await _rows(session, select(*columns).where(mine, TherapistRow.id.in_(ids)))
    merged = await _rows(session, select(*columns).where(mine, TherapistRow.merged_into_id.in_(ids)))
    known = {row.id for row in asked}
    return [*asked, *(row for row in merged if row.id not in known)]


async def _rows(session: AsyncSession, query: Executable) -> Rows:
    connection = await session.connection()  # plain rows: the session's own loading costs as much as the rules do
    return list((await connection.execute(query)).all())


async def _all(
    session: AsyncSession, organization_id: UUID, table: Any, ids: list[UUID], known_seq: int | None
) -> Rows:
    """The rows of an append-only table that speak of therapists."""
    mine = (table.organization_id == organization_id, table.therapist_id.in_(ids))
    query = select(*_read(table)).where(*mine, standing_at(table, known_seq)).order_by(table.recorded_seq)
    return await _rows(session, query)


def _read(table: Any) -> list[Any]:
    read = [each for each in table.__table__.columns if each.name not in UNREAD]
    return [*read, table.recorded_seq] if table is VerificationRow else read  # which facts it named


def _grouped(rows: Rows, keeper: dict[UUID, UUID], make: Any) -> Grouped:
    found: Grouped = defaultdict(list)
    for row in rows:
        found[keeper[row.therapist_id]].append(make(row))
    return found


async def _credentials(
    session: AsyncSession, organization_id: UUID, whose: ColumnElement[bool], known_seq: int | None
) -> list[tuple[UUID, Credential]]:
    """Credentials with everything that hangs on them, each beside the id of its holder."""
    mine = (CredentialRow.organization_id == organization_id, whose, standing_at(CredentialRow, known_seq))
    query = select(*_read(CredentialRow)).where(*mine).order_by(CredentialRow.recorded_seq, CredentialRow.id)
    rows = await _rows(session, query)
    if not rows:
        return []
    ids = [row.id for row in rows] if len(rows) <= FEW else _ids(organization_id, whose)
    terms = await _hanging(session, organization_id, TermRow, ids, known_seq, values.term)
    standings = await _hanging(session, organization_id, StandingRow, ids, known_seq, values.standing)
    looks = await _hanging(session, organization_id, VerificationRow, ids, known_seq, _as_read)
    proofs = await _evidence(session, organization_id, ids, known_seq)
    former = await former_facts(session, organization_id, "credential", ids)
    return [
        (
            row.therapist_id or row.clinic_id,
            values.credential(
                values.known(row, former.get(row.id, ()), known_seq),
                terms[row.id],
                standings[row.id],
                [values.verification(each, row, former.get(row.id, ())) for each in looks[row.id]],
                proofs[row.id],
            ),
        )
        for row in rows
    ]


async def _hanging(
    session: AsyncSession,
    organization_id: UUID,
    table: Any,
    ids: Which,
    known_seq: int | None,
    make: Any,
) -> Grouped:
    query = (
        select(*_read(table))
        .where(table.organization_id == organization_id, table.credential_id.in_(ids))
        .where(standing_at(table, known_seq))
        .order_by(table.recorded_seq)
    )
    return _by_credential(await _rows(session, query), make)


def _ids(organization_id: UUID, whose: ColumnElement[bool]) -> Select[Any]:
    """Which credentials where they are many, as a list and not a join: SQLite would begin with all terms there are."""
    return select(CredentialRow.id).where(CredentialRow.organization_id == organization_id, whose)


async def _evidence(session: AsyncSession, organization_id: UUID, ids: Which, known_seq: int | None) -> Grouped:
    link, proof = EvidenceLinkRow, EvidenceRow
    query = (
        select(link.credential_id, proof.id, proof.name, proof.sha256, proof.media_type)
        .join(proof, (proof.organization_id == link.organization_id) & (proof.id == link.evidence_id))
        .where(link.organization_id == organization_id, link.credential_id.in_(ids))
        .where(standing_at(link, known_seq))
        .order_by(link.recorded_seq)
    )
    return _by_credential(await _rows(session, query), values.proof)


def _as_read(row: Any) -> Any:
    return row


def _by_credential(rows: Iterable[Any], make: Any) -> Grouped:
    found: Grouped = defaultdict(list)
    for row in rows:
        found[row.credential_id].append(make(row))
    return found
