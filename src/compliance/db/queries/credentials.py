"""Credentials as a page shows them: with the ids of all that hangs on them, so that each can be corrected or voided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.evidence import Proof, proofs
from compliance.db.queries.former import Formerly, former_facts, named_at
from compliance.db.records import CredentialRow, StandingRow, TermRow, TherapistRow, VerificationRow
from compliance.domain.credentials import Named, Result, StandingCode, otherwise
from compliance.domain.methods import method_words
from compliance.domain.standings import standing_on


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """One span on record."""

    id: UUID
    credential_id: UUID
    starts_on: date
    ends_on: date
    inferred: bool


@dataclass(frozen=True, slots=True)
class HeldStanding:
    """What the board says from a day on."""

    id: UUID
    credential_id: UUID
    standing: StandingCode
    starts_on: date
    ends_on: date
    note: str


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the primary source. `open`: it waits for a decision. `otherwise`: what was corrected since, as words;
    such a look proves nothing of the credential as it is now, and `named` is what it was about.
    """

    id: UUID
    credential_id: UUID
    term_id: UUID | None
    result: Result
    verified_on: date
    verified_by: str
    source: str
    standing: StandingCode | None
    note: str
    resolved_seq: int | None
    named: Named | None = None
    otherwise: tuple[str, ...] = ()
    method: str = ""

    @property
    def how(self) -> str:
        """How it was looked up, in words; empty where nobody wrote it down."""
        return method_words(self.method)

    @property
    def open(self) -> bool:
        """Whether somebody has to decide what it means."""
        return self.result is not Result.CONFIRMED and self.resolved_seq is None


@dataclass(frozen=True, slots=True)
class Held:
    """One credential with all that hangs on it: terms by their start, newest last; looks newest first."""

    id: UUID
    therapist_id: UUID | None
    clinic_id: UUID | None
    type: str
    jurisdiction: str | None
    issuing_authority: str
    number: str
    first_issued_on: date | None
    details: Mapping[str, object]
    notes: str
    created_at: datetime
    void_reason: str | None
    terms: tuple[HeldTerm, ...]
    standings: tuple[HeldStanding, ...]
    looks: tuple[Look, ...]
    proofs: tuple[Proof, ...]

    @property
    def last_term(self) -> HeldTerm | None:
        """The term that ends last."""
        return max(self.terms, key=lambda each: each.ends_on, default=None)

    def standing_on(self, day: date) -> HeldStanding | None:
        """What the board said of it on a day, as far as it was recorded."""
        return standing_on(self.standings, day)


async def of_therapist(session: AsyncSession, organization_id: UUID, therapist_id: UUID) -> list[Held]:
    """What a therapist holds, with what the records merged into this one hold."""
    person = TherapistRow
    merged = select(person.id).where(person.organization_id == organization_id, person.merged_into_id == therapist_id)
    family = union_all(select(literal(therapist_id, Uuid)), merged)  # with an `or` everybody would be looked at
    return await _held(session, organization_id, CredentialRow.therapist_id.in_(family))


async def of_clinic(session: AsyncSession, organization_id: UUID, clinic_id: UUID) -> list[Held]:
    """What a clinic holds itself."""
    return await _held(session, organization_id, CredentialRow.clinic_id == clinic_id)


async def credential(session: AsyncSession, organization_id: UUID, credential_id: UUID) -> Held | None:
    """One credential, also a void one."""
    found = await _held(session, organization_id, CredentialRow.id == credential_id, voided=True)
    return found[0] if found else None


_ROW = CredentialRow
_CREDENTIAL: tuple[Any, ...] = (
    _ROW.id, _ROW.therapist_id, _ROW.clinic_id, _ROW.type, _ROW.jurisdiction, _ROW.issuing_authority, _ROW.number,
    _ROW.first_issued_on, _ROW.details, _ROW.notes, _ROW.created_at, _ROW.void_reason,
)  # fmt: skip
_TERM = (TermRow.id, TermRow.credential_id, TermRow.starts_on, TermRow.ends_on, TermRow.inferred)
_STANDING = (
    StandingRow.id, StandingRow.credential_id, StandingRow.standing, StandingRow.starts_on, StandingRow.ends_on,
    StandingRow.note,
)  # fmt: skip
_LOOK: tuple[Any, ...] = (
    VerificationRow.id, VerificationRow.credential_id, VerificationRow.term_id, VerificationRow.result,
    VerificationRow.verified_on, VerificationRow.verified_by, VerificationRow.source, VerificationRow.standing,
    VerificationRow.note, VerificationRow.resolved_seq, VerificationRow.recorded_seq,
    VerificationRow.method,
)  # fmt: skip


async def _held(
    session: AsyncSession, organization_id: UUID, which: ColumnElement[bool], *, voided: bool = False
) -> list[Held]:
    query = select(*_CREDENTIAL).where(_ROW.organization_id == organization_id, which)
    if not voided:
        query = query.where(_ROW.voided_seq.is_(None))
    found = (await session.execute(query.order_by(_ROW.type, _ROW.recorded_seq, _ROW.id))).all()
    ids = [row.id for row in found]
    if not ids:
        return []
    terms = await _hanging(session, organization_id, TermRow, _TERM, TermRow.starts_on, ids)
    standings = await _hanging(session, organization_id, StandingRow, _STANDING, StandingRow.starts_on, ids)
    newest = VerificationRow.verified_on.desc()
    looks = await _hanging(session, organization_id, VerificationRow, _LOOK, newest, ids)
    files = await proofs(session, organization_id, ids)
    former = await former_facts(session, organization_id, "credential", ids)
    return [
        Held(
            **row._mapping,
            terms=tuple(HeldTerm(*each) for each in terms[row.id]),
            standings=tuple(_standing(each) for each in standings[row.id]),
            looks=tuple(_look(each, row, former.get(row.id, ())) for each in looks[row.id]),
            proofs=tuple(each for each in files if each.credential_id == row.id),
        )
        for row in found
    ]


async def _hanging(
    session: AsyncSession, organization_id: UUID, row: Any, columns: Sequence[Any], order: Any, ids: Collection[UUID]
) -> dict[UUID, list[Any]]:
    mine = (row.organization_id == organization_id, row.credential_id.in_(ids), row.voided_seq.is_(None))
    found: dict[UUID, list[Any]] = defaultdict(list)
    for each in await session.execute(select(*columns).where(*mine).order_by(order, row.recorded_seq)):
        found[each.credential_id].append(each)
    return found


def _standing(row: Any) -> HeldStanding:
    return HeldStanding(row.id, row.credential_id, StandingCode(row.standing), row.starts_on, row.ends_on, row.note)


def _look(row: Any, held: Any, formerly: Formerly) -> Look:
    named = named_at(formerly, row[10], held)
    return Look(
        id=row[0],
        credential_id=row[1],
        term_id=row[2],
        result=Result(row[3]),
        verified_on=row[4],
        verified_by=row[5],
        source=row[6],
        standing=StandingCode(row[7]) if row[7] else None,
        note=row[8],
        resolved_seq=row[9],
        named=named,
        otherwise=otherwise(named, held),
        method=row[11] or "",
    )
