"""Verifications: somebody looked at the primary source. Only `confirmed` proves anything, and only the term it names.

`differs` and `not-found` change no standing; they wait in the work list until a person has decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import CredentialRow, StandingRow, TermRow, VerificationRow
from compliance.domain.credentials import Result, StandingCode
from compliance.domain.months import end_in_words, in_words
from compliance.domain.periods import FOREVER
from compliance.domain.standings import standing_on
from compliance.services import consequences, rows, trail
from compliance.services.credential_checks import check_look
from compliance.services.refusals import Checks, need_reason, refuse
from compliance.services.trail import Act, Entry


@dataclass(frozen=True, slots=True)
class NewVerification:
    """Who looked where on which day, and what was found. A confirmed one names the term that it proves."""

    credential_id: UUID
    result: Result
    verified_on: date
    verified_by: str
    source: str
    term_id: UUID | None = None
    standing: StandingCode | None = None
    note: str = ""
    method: str = ""


@dataclass(slots=True)
class _Known:
    """The credentials spoken of, with their terms and standings."""

    held: Mapping[UUID, CredentialRow]
    terms: Mapping[UUID, list[TermRow]]
    standings: dict[UUID, list[_Said]]

    def standing_on(self, credential_id: UUID, day: date) -> str | None:
        there = standing_on(self.standings.get(credential_id, []), day)
        return there.standing if there else None


class _Said(NamedTuple):
    """A standing on file, or confirmed in this very list."""

    starts_on: date
    ends_on: date
    standing: str


async def record(session: AsyncSession, *, act: Act, verification: NewVerification) -> UUID:
    """One verification; its id."""
    return (await record_many(session, act=act, verifications=[verification]))[0]


async def record_many(session: AsyncSession, *, act: Act, verifications: Sequence[NewVerification]) -> list[UUID]:
    """Verifications; their ids in the same order. A confirmed standing that is new is recorded from that day on.

    Raises Unknown, and Refused for a day to come, an empty source or name, or a confirmed one that names no term.
    """
    known = await _known(session, act, verifications)
    checks = Checks()
    proved = [_check(checks, act, index, each, known) for index, each in enumerate(verifications)]
    checks.done()
    ids = [new_id(act.now) for _ in verifications]
    changed = [_changes_standing(each, known) for each in verifications]
    entries = [
        _entry(each, term_id, known.held[each.credential_id])
        for each, term_id in zip(verifications, proved, strict=True)
    ]
    seqs = await trail.record_all(session, act=act, entries=entries)
    made = list(zip(verifications, ids, proved, seqs, strict=True))
    await rows.add(session, act, VerificationRow, [_values(*each) for each in made])
    news = [_standing(act, each, seq) for (each, _id, _term, seq), new in zip(made, changed, strict=True) if new]
    await rows.add(session, act, StandingRow, news)
    await consequences.follow_credentials(session, act=act, credentials=known.held.values())
    return ids


async def _known(session: AsyncSession, act: Act, verifications: Sequence[NewVerification]) -> _Known:
    ids = (each.credential_id for each in verifications)
    held = await rows.load_current(session, act, CredentialRow, ids, "credential")
    terms = await rows.of_holders(session, act, TermRow, "credential_id", held)
    said = await rows.of_holders(session, act, StandingRow, "credential_id", held)
    spans = {id_: [_Said(each.starts_on, each.ends_on, each.standing) for each in found] for id_, found in said.items()}
    return _Known(held, terms, spans)


def _check(checks: Checks, act: Act, index: int, each: NewVerification, known: _Known) -> UUID | None:
    """Notes problems; the term that is proved or spoken of."""
    check_look(checks, act, each, index)
    terms = known.terms.get(each.credential_id, [])
    if each.term_id is not None:
        if each.term_id not in {term.id for term in terms}:
            checks.refuse("term_id", "The term does not belong to this credential, or is void.", index)
        return each.term_id
    there = terms if len(terms) == 1 else [t for t in terms if t.starts_on <= each.verified_on <= t.ends_on]
    if len(there) == 1:
        return there[0].id
    if each.result is Result.CONFIRMED:
        sentence = "Say which term was confirmed: " + (_listed(terms) or "none is on file, so record its dates first.")
        checks.refuse("term_id", sentence, index)
    return None


def _listed(terms: Sequence[TermRow]) -> str:
    return "; ".join(f"{in_words(each.starts_on)} to {end_in_words(each.ends_on)}" for each in terms)


def _changes_standing(each: NewVerification, known: _Known) -> bool:
    """Whether a standing is confirmed that is not the one on file for that day."""
    if each.result is not Result.CONFIRMED or each.standing is None:
        return False
    if known.standing_on(each.credential_id, each.verified_on) == each.standing.value:
        return False
    known.standings.setdefault(each.credential_id, []).append(_Said(each.verified_on, FOREVER, each.standing.value))
    return True


def _entry(each: NewVerification, term_id: UUID | None, held: CredentialRow) -> Entry:
    new: rows.Values = {
        "result": each.result,
        "verified_on": each.verified_on,
        "verified_by": each.verified_by.strip(),
        "source": each.source.strip(),
        "term": term_id,
        "standing": each.standing,
    }
    if each.method:
        new["method"] = each.method
    if each.note.strip():
        new["note"] = each.note.strip()
    return Entry("verification.recorded", f"credential:{held.id}", held.therapist_id, new=new)


def _values(each: NewVerification, id_: UUID, term_id: UUID | None, seq: int) -> rows.Values:
    return {
        "id": id_,
        "recorded_seq": seq,
        "credential_id": each.credential_id,
        "term_id": term_id,
        "result": each.result.value,
        "verified_on": each.verified_on,
        "verified_by": each.verified_by.strip(),
        "source": each.source.strip(),
        "method": each.method or None,
        "standing": each.standing.value if each.standing else None,
        "note": each.note.strip(),
    }


def _standing(act: Act, each: NewVerification, seq: int) -> rows.Values:
    return {
        "id": new_id(act.now),
        "recorded_seq": seq,
        "credential_id": each.credential_id,
        "standing": (each.standing or StandingCode.UNKNOWN).value,
        "starts_on": each.verified_on,
        "ends_on": FOREVER,
        "note": "",
    }


async def resolve(session: AsyncSession, *, act: Act, verification_id: UUID, reason: str) -> None:
    """A person has decided what a `differs`, `not-found` or `could-not-check` means; its work-list line closes."""
    need_reason(reason, "nothing more has to be done, or what was done")
    await rows.take_turn(session, act)
    found = await rows.load_current(session, act, VerificationRow, [verification_id], "verification")
    row = found[verification_id]
    if row.result == Result.CONFIRMED or row.resolved_seq is not None:
        raise refuse("verification_id", "There is nothing to decide about this verification.")
    held = (await rows.load(session, act, CredentialRow, [row.credential_id], "credential"))[row.credential_id]
    new: rows.Values = {"verification": verification_id, "result": row.result}
    entry = Entry("verification.resolved", f"credential:{held.id}", held.therapist_id, new=new, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.change(session, act, VerificationRow, {verification_id: {"resolved_seq": seq}})


async def void(session: AsyncSession, *, act: Act, verification_id: UUID, reason: str) -> None:
    """Voids a verification that was not made."""
    await void_many(session, act=act, verification_ids=[verification_id], reason=reason)


async def void_many(session: AsyncSession, *, act: Act, verification_ids: Sequence[UUID], reason: str) -> int:
    """Voids verifications that were not made, with the standings that they recorded; how many."""
    need_reason(reason, "the verification is void")
    found = await rows.load_current(session, act, VerificationRow, verification_ids, "verification")
    held = await rows.load(session, act, CredentialRow, (each.credential_id for each in found.values()), "credential")
    entries = [
        Entry(
            "verification.voided",
            f"credential:{row.credential_id}",
            held[row.credential_id].therapist_id,
            {"verification": row.id, "result": row.result, "verified_on": row.verified_on},
            why=reason,
        )
        for row in found.values()
    ]
    seqs = await trail.record_all(session, act=act, entries=entries)
    at = dict(zip(found, seqs, strict=True))
    await rows.void(session, act, VerificationRow, at, reason)
    recorded = {row.recorded_seq: at[row.id] for row in found.values()}
    await rows.void(session, act, StandingRow, await _with_them(session, act, list(held), recorded), reason)
    await consequences.follow_credentials(session, act=act, credentials=held.values())
    return len(found)


async def _with_them(
    session: AsyncSession, act: Act, credential_ids: Sequence[UUID], recorded: Mapping[int, int]
) -> dict[UUID, int]:
    """Standings that were recorded by the same entries of the trail, with the entries that void them."""
    found: dict[UUID, int] = {}
    for chunk in rows.chunks(credential_ids):
        mine = (StandingRow.organization_id == act.organization_id, StandingRow.credential_id.in_(chunk))
        columns = (StandingRow.id, StandingRow.recorded_seq)
        for id_, seq in await session.execute(select(*columns).where(*mine)):
            if seq in recorded:
                found[id_] = recorded[seq]
    return found
