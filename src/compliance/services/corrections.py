"""What was recorded wrongly: facts are corrected with a reason, terms voided and written anew, credentials voided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.crypto.ids import new_id
from compliance.db.records import CredentialRow, TermRow
from compliance.domain.matching import fold_number
from compliance.domain.months import end_in_words, in_words
from compliance.domain.requirements import Holder
from compliance.services import consequences, overtaken, reminders, rows, trail
from compliance.services.credential_checks import (
    Facts,
    authority_name,
    check_facts,
    detail_values,
    end_problem,
    term_problem,
)
from compliance.services.doubles import Doubles
from compliance.services.former import Former, keep
from compliance.services.refusals import Checks, need_reason
from compliance.services.trail import Act, Entry

FACTS = ("type", "jurisdiction", "issuing_authority", "number", "first_issued_on", "details", "notes")


@dataclass(frozen=True, slots=True)
class Correction:
    """Facts of a credential that were wrong; None leaves one as it is. `details` are given whole."""

    credential_id: UUID
    reason: str
    type: str | None = None
    jurisdiction: str | None = None
    issuing_authority: str | None = None
    number: str | None = None
    first_issued_on: date | None = None
    details: Mapping[str, object] | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class TermCorrection:
    """Days of a term that were wrong; None leaves one as it is."""

    term_id: UUID
    reason: str
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A credential as it will be."""

    row: CredentialRow
    correction: Correction
    facts: Facts
    notes: str

    @property
    def therapist_id(self) -> UUID | None:
        return self.row.therapist_id

    @property
    def clinic_id(self) -> UUID | None:
        return self.row.clinic_id

    @property
    def type(self) -> str:
        return self.facts.type

    @property
    def jurisdiction(self) -> str | None:
        return self.facts.jurisdiction

    @property
    def number(self) -> str:
        return self.facts.number

    def columns(self) -> rows.Values:
        facts, type_ = self.facts, catalog.load().types[self.facts.type]
        return {
            "type": facts.type,
            "jurisdiction": facts.jurisdiction,
            "issuing_authority": authority_name(type_, facts.issuing_authority),
            "number": facts.number.strip(),
            "folded_number": fold_number(facts.number),
            "first_issued_on": facts.first_issued_on,
            "details": detail_values(type_, facts.details),
            "notes": self.notes,
        }

    def entry(self) -> Entry:
        columns = self.columns()
        new = {key: columns[key] for key in FACTS if columns[key] != getattr(self.row, key)}
        old = {key: getattr(self.row, key) for key in new}
        subject, why = f"credential:{self.row.id}", self.correction.reason
        return Entry("credential.corrected", subject, self.row.therapist_id, old, new, why)


async def correct(session: AsyncSession, *, act: Act, correction: Correction) -> None:
    """One credential's facts."""
    await correct_many(session, act=act, corrections=[correction])


async def correct_many(session: AsyncSession, *, act: Act, corrections: Sequence[Correction]) -> None:
    """Facts of credentials, each at most once in the list; what is the same already leaves no entry.

    What was verified were the old facts: under another type, place or number the credential has to be verified again.
    Raises Unknown, and Refused for what does not fit the type, a number that is on file, or a missing reason.
    """
    await rows.take_turn(session, act)
    found = await rows.load_current(session, act, CredentialRow, (c.credential_id for c in corrections), "credential")
    corrected = [_merge(each, found[each.credential_id]) for each in corrections]
    checks = Checks()
    doubles = await Doubles.among(session, act, corrected, besides=found.keys())
    for index, each in enumerate(corrected):
        check_facts(checks, each.facts, index)
        checks.refuse("number", doubles.problem(each), index)
        if not each.correction.reason.strip():
            checks.refuse("reason", "Say why this is corrected. The old value stays in the history.", index)
    checks.done()
    changed = [(each, entry) for each in corrected if (entry := each.entry()).new]
    seqs = await trail.record_all(session, act=act, entries=[entry for _each, entry in changed])
    kept = [Former(each.row.id, seq, entry.old) for (each, entry), seq in zip(changed, seqs, strict=True)]
    await keep(session, act, "credential", kept)
    await rows.change(session, act, CredentialRow, {each.row.id: each.columns() for each, _entry in changed})
    touched = [each.row for each, _entry in changed]
    await consequences.follow_credentials(session, act=act, credentials=touched, terms=True)


def _merge(correction: Correction, row: CredentialRow) -> _Corrected:
    def now(key: str) -> Any:
        given = getattr(correction, key)
        return getattr(row, key) if given is None else given

    holder = Holder.THERAPIST if row.therapist_id else Holder.CLINIC
    place, authority, number = now("jurisdiction") or None, now("issuing_authority"), now("number")
    facts = Facts(now("type"), holder, place, authority, number, now("first_issued_on"), now("details") or {})
    return _Corrected(row, correction, facts, now("notes").strip())


async def correct_term(
    session: AsyncSession,
    *,
    act: Act,
    term_id: UUID,
    reason: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> UUID:
    """One term's days; the id of the term that holds them."""
    return (await correct_terms(session, act=act, corrections=[TermCorrection(term_id, reason, starts_on, ends_on)]))[0]


async def correct_terms(session: AsyncSession, *, act: Act, corrections: Sequence[TermCorrection]) -> list[UUID]:
    """Voids terms and writes them anew; the new ids in the same order.

    What was verified was the old term: the new one has to be verified again. Raises Unknown and Refused.
    """
    await rows.take_turn(session, act)
    terms = await rows.load_current(session, act, TermRow, (each.term_id for each in corrections), "term")
    held = await rows.load_current(session, act, CredentialRow, (t.credential_id for t in terms.values()), "credential")
    others = await rows.of_holders(session, act, TermRow, "credential_id", held)
    checks = Checks()
    for index, each in enumerate(corrections):
        term = terms[each.term_id]
        beside = [t for t in others.get(term.credential_id, []) if t.id not in terms]
        _check_term(checks, index, each, term, held[term.credential_id], beside)
    checks.done()
    ids = [new_id(act.now) for _ in corrections]
    made = [(each, terms[each.term_id], id_) for each, id_ in zip(corrections, ids, strict=True)]
    entries = [_term_entry(each, term, held[term.credential_id], id_) for each, term, id_ in made]
    seqs = await trail.record_all(session, act=act, entries=entries)
    marks = dict(zip((each.term_id for each in corrections), seqs, strict=True))
    await rows.void(session, act, TermRow, marks, "corrected")
    new = [
        _again(each, term, held[term.credential_id], id_) | {"recorded_seq": seq}
        for (each, term, id_), seq in zip(made, seqs, strict=True)
    ]
    await rows.add(session, act, TermRow, new)
    await reminders.withdraw(session, act=act, credential_ids=list(held), reason="its dates were corrected")
    await consequences.follow_credentials(session, act=act, credentials=held.values(), terms=True)
    return ids


def _check_term(
    checks: Checks, index: int, each: TermCorrection, term: TermRow, held: CredentialRow, beside: Sequence[TermRow]
) -> None:
    starts_on, ends_on = each.starts_on or term.starts_on, each.ends_on or term.ends_on
    type_ = catalog.load().types[held.type]
    problem = term_problem(starts_on, ends_on) or end_problem(type_, held.jurisdiction, ends_on)
    checks.refuse("ends_on", problem, index)
    if not each.reason.strip():
        checks.refuse("reason", "Say why the term is corrected. The old days stay in the history.", index)
    met = next((t for t in beside if t.starts_on <= ends_on and starts_on <= t.ends_on), None)
    if met:
        days = f"{in_words(met.starts_on)} to {end_in_words(met.ends_on)}"
        sentence = f"It would overlap the term from {days}. Correct or void that one first."
        checks.refuse("starts_on", sentence, index)


def _term_entry(each: TermCorrection, term: TermRow, held: CredentialRow, id_: UUID) -> Entry:
    old: rows.Values = {"term": term.id, "starts_on": term.starts_on, "ends_on": term.ends_on}
    new: rows.Values = {
        "term": id_,
        "starts_on": each.starts_on or term.starts_on,
        "ends_on": each.ends_on or term.ends_on,
    }
    return Entry("term.corrected", f"credential:{held.id}", held.therapist_id, old, new, each.reason)


def _again(each: TermCorrection, term: TermRow, held: CredentialRow, id_: UUID) -> rows.Values:
    return {
        "id": id_,
        "credential_id": held.id,
        "starts_on": each.starts_on or term.starts_on,
        "ends_on": each.ends_on or term.ends_on,
        "inferred": term.inferred and each.starts_on is None,
        "next_rung_on": None,  # the ladder is set when the consequences follow
    }


async def void(session: AsyncSession, *, act: Act, credential_id: UUID, reason: str) -> None:
    """Voids a credential that should not have been recorded."""
    await void_many(session, act=act, credential_ids=[credential_id], reason=reason)


async def void_many(session: AsyncSession, *, act: Act, credential_ids: Sequence[UUID], reason: str) -> int:
    """Voids credentials with all that hangs on them; how many. Their waiting mail is withdrawn."""
    need_reason(reason, "the credential is void")
    found = await rows.load_current(session, act, CredentialRow, credential_ids, "credential")
    entries = [
        Entry("credential.voided", f"credential:{id_}", row.therapist_id, {"type": row.type}, why=reason)
        for id_, row in found.items()
    ]
    seqs = await trail.record_all(session, act=act, entries=entries)
    await rows.void(session, act, CredentialRow, dict(zip(found, seqs, strict=True)), reason)
    await _silence(session, act, list(found))
    await overtaken.overtake(session, act=act, credential_ids=list(found), reason=overtaken.VOIDED)
    await reminders.withdraw(session, act=act, credential_ids=list(found), reason="voided")
    await consequences.follow_credentials(session, act=act, credentials=found.values())
    return len(found)


async def _silence(session: AsyncSession, act: Act, credential_ids: Sequence[UUID]) -> None:
    """No ladder of a void credential has anything more to say."""
    at = rows.table(TermRow)
    for chunk in rows.chunks(credential_ids):
        mine = (at.c.organization_id == act.organization_id, at.c.credential_id.in_(chunk))
        await session.execute(update(at).where(*mine).values(next_rung_on=None))


async def void_term(session: AsyncSession, *, act: Act, term_id: UUID, reason: str) -> None:
    """Voids a term that never was."""
    await void_terms(session, act=act, term_ids=[term_id], reason=reason)


async def void_terms(session: AsyncSession, *, act: Act, term_ids: Sequence[UUID], reason: str) -> int:
    """Voids terms that never were; how many. What was verified about them proves nothing any more."""
    need_reason(reason, "the term is void")
    terms = await rows.load_current(session, act, TermRow, term_ids, "term")
    held = await rows.load(session, act, CredentialRow, (each.credential_id for each in terms.values()), "credential")
    entries = [
        Entry(
            "term.voided",
            f"credential:{term.credential_id}",
            held[term.credential_id].therapist_id,
            {"term": term.id, "starts_on": term.starts_on, "ends_on": term.ends_on},
            why=reason,
        )
        for term in terms.values()
    ]
    seqs = await trail.record_all(session, act=act, entries=entries)
    await rows.void(session, act, TermRow, dict(zip(terms, seqs, strict=True)), reason)
    await overtaken.reopen(session, act=act, term_ids=list(terms))
    await reminders.withdraw(session, act=act, credential_ids=list(held), reason="the term was voided")
    await consequences.follow_credentials(session, act=act, credentials=held.values(), terms=True)
    return len(terms)
