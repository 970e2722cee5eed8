"""Credentials: recorded with their first term and standing, renewed, corrected, voided. Nothing is overwritten.

The verbs lie in four files, by what they do: here what is recorded; `renewals` (terms that follow), `corrections`
(facts and terms that were wrong) and `standings` (what a board says from a day on).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.crypto.ids import new_ids
from compliance.db.records import ClinicRow, CredentialRow, StandingRow, TermRow, VerificationRow
from compliance.domain.credentials import Result, StandingCode
from compliance.domain.matching import fold_number
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Holder
from compliance.services import consequences, rows, trail
from compliance.services.corrections import (
    Correction,
    TermCorrection,
    correct,
    correct_many,
    correct_term,
    correct_terms,
    void,
    void_many,
    void_term,
    void_terms,
)
from compliance.services.credential_checks import (
    Facts,
    authority_name,
    check_facts,
    check_look,
    day_problem,
    detail_values,
    end_problem,
    term_problem,
)
from compliance.services.doubles import Doubles
from compliance.services.refusals import Checks
from compliance.services.renewals import Renewal, renew, renew_many
from compliance.services.standings import StandingChange, record_standing, record_standings, void_standing
from compliance.services.trail import Act, Entry

__all__ = [
    "Added", "Correction", "NewCredential", "NewLook", "NewStanding", "NewTerm", "Renewal", "StandingChange",
    "TermCorrection", "add", "add_many", "correct", "correct_many", "correct_term", "correct_terms", "record_standing",
    "record_standings", "renew", "renew_many", "void", "void_many", "void_standing", "void_term", "void_terms",
]  # fmt: skip


class NewTerm(NamedTuple):
    """The first span on record; `inferred` when its start was worked out and is not printed anywhere."""

    starts_on: date
    ends_on: date = FOREVER
    inferred: bool = False


class NewStanding(NamedTuple):
    """What the board says from a day on."""

    standing: StandingCode
    starts_on: date
    ends_on: date = FOREVER
    note: str = ""


class NewLook(NamedTuple):
    """Somebody looked the first term up at its source and found it confirmed."""

    verified_on: date
    verified_by: str
    source: str
    method: str = ""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential of a therapist or of a clinic (one of the two), with what is known of it.

    `look`, for whoever brings in thousands: the confirmation of its first term, told in the same entry of the trail.
    """

    type: str
    therapist_id: UUID | None = None
    clinic_id: UUID | None = None
    jurisdiction: str | None = None
    issuing_authority: str = ""
    number: str = ""
    first_issued_on: date | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    notes: str = ""
    term: NewTerm | None = None
    standing: NewStanding | None = None
    look: NewLook | None = None

    @property
    def facts(self) -> Facts:
        """What is judged against its type."""
        holder = Holder.THERAPIST if self.therapist_id else Holder.CLINIC
        place, first = self.jurisdiction or None, self.first_issued_on
        return Facts(self.type, holder, place, self.issuing_authority, self.number, first, self.details)


class Added(NamedTuple):
    """A recorded credential, its first term, and the verification of that."""

    id: UUID
    term_id: UUID | None
    verification_id: UUID | None = None


async def add(session: AsyncSession, *, act: Act, credential: NewCredential) -> Added:
    """One credential."""
    return (await add_many(session, act=act, credentials=[credential]))[0]


async def add_many(session: AsyncSession, *, act: Act, credentials: Sequence[NewCredential]) -> list[Added]:
    """Credentials with first term and standing, one entry of the trail each; in the same order.

    Raises Unknown, and Refused for what does not fit the type, spans that run backward, and a number that is on file.
    """
    await rows.take_turn(session, act)
    await rows.need_therapists(session, act, (each.therapist_id for each in credentials if each.therapist_id))
    await rows.load(session, act, ClinicRow, (each.clinic_id for each in credentials if each.clinic_id), "clinic")
    await _check(session, act, credentials)
    ids = new_ids(act.now)
    added = [_ids(each, ids) for each in credentials]
    made = [_values(act, each, its) for each, its in zip(credentials, added, strict=True)]
    entries = [_entry(each, values) for each, values in zip(credentials, made, strict=True)]
    seqs = await trail.record_all(session, act=act, entries=entries)
    together = list(zip(credentials, added, seqs, strict=True))
    for values, seq in zip(made, seqs, strict=True):
        values["recorded_seq"] = seq
    await rows.add(session, act, CredentialRow, made)
    await rows.add(session, act, TermRow, [_term(*each) for each in together if each[0].term])
    await rows.add(session, act, StandingRow, [_standing(next(ids), *each) for each in together if each[0].standing])
    await rows.add(session, act, VerificationRow, [_look(*each) for each in together if each[0].look])
    people = [each.therapist_id for each in credentials if each.therapist_id]
    places = [each.clinic_id for each in credentials if each.clinic_id]
    staff = await consequences.staff_of(session, act, places)
    ending = [
        its.id for each, its in zip(credentials, added, strict=True) if each.term and each.term.ends_on != FOREVER
    ]
    touched = {"therapist_ids": [*people, *staff], "credential_ids": ending, "clinic_ids": places}
    await consequences.follow(session, act=act, **touched)
    return added


def _ids(credential: NewCredential, ids: Iterator[UUID]) -> Added:
    term_id = next(ids) if credential.term else None
    return Added(next(ids), term_id, next(ids) if credential.look else None)


async def _check(session: AsyncSession, act: Act, credentials: Sequence[NewCredential]) -> None:
    checks = Checks()
    doubles = await Doubles.among(session, act, credentials)
    for index, each in enumerate(credentials):
        if (each.therapist_id is None) == (each.clinic_id is None):
            checks.refuse(
                "therapist_id", "A credential is held by a therapist or by a clinic: name one of them.", index
            )
        check_facts(checks, each.facts, index)
        checks.refuse("number", doubles.problem(each), index)
        _check_spans(checks, act, each, index)
    checks.done()


def _check_spans(checks: Checks, act: Act, credential: NewCredential, index: int) -> None:
    term, standing, type_ = credential.term, credential.standing, catalog.load().types.get(credential.type)
    if term:
        checks.refuse("ends_on", term_problem(term.starts_on, term.ends_on), index)
        if type_:
            checks.refuse("ends_on", end_problem(type_, credential.jurisdiction or None, term.ends_on), index)
    if credential.look:
        if term is None:
            checks.refuse("verified_on", "A verification confirms a term. Give its dates.", index)
        check_look(checks, act, credential.look, index)
    if standing:
        problem = term_problem(standing.starts_on, standing.ends_on) or day_problem(standing.starts_on)
        checks.refuse("standing", problem, index)


def _values(act: Act, credential: NewCredential, ids: Added) -> rows.Values:
    type_ = catalog.load().types[credential.type]
    return {
        "id": ids.id,
        "therapist_id": credential.therapist_id,
        "clinic_id": credential.clinic_id,
        "type": credential.type,
        "jurisdiction": credential.jurisdiction or None,
        "issuing_authority": authority_name(type_, credential.issuing_authority),
        "number": credential.number.strip(),
        "folded_number": fold_number(credential.number),
        "first_issued_on": credential.first_issued_on,
        "details": detail_values(type_, credential.details) if credential.details else {},
        "notes": credential.notes.strip(),
        "created_at": act.now,
    }


FACTS = (
    "clinic_id", "type", "jurisdiction", "issuing_authority", "number", "first_issued_on", "details", "notes",
)  # fmt: skip


def _entry(credential: NewCredential, values: rows.Values) -> Entry:
    """One entry tells the credential with its first term and standing: they were recorded in one breath."""
    new = {key: values[key] for key in FACTS if values[key] not in (None, "", {})}
    term, standing = credential.term, credential.standing
    if term:
        new |= {"term.starts_on": term.starts_on, "term.ends_on": term.ends_on, "term.inferred": term.inferred}
    if standing:
        new |= {"standing": standing.standing, "standing.starts_on": standing.starts_on, "standing.note": standing.note}
    if look := credential.look:
        new |= {"look.verified_on": look.verified_on, "look.verified_by": look.verified_by, "look.source": look.source}
    return Entry("credential.added", f"credential:{values['id']}", credential.therapist_id, new=new)


def _term(credential: NewCredential, ids: Added, seq: int) -> rows.Values:
    term = credential.term or NewTerm(FOREVER)
    return {
        "id": ids.term_id,
        "recorded_seq": seq,
        "credential_id": ids.id,
        "starts_on": term.starts_on,
        "ends_on": term.ends_on,
        "inferred": term.inferred,
        "next_rung_on": None,  # the ladder is set when the consequences follow
    }


def _standing(id_: UUID, credential: NewCredential, ids: Added, seq: int) -> rows.Values:
    standing = credential.standing or NewStanding(StandingCode.UNKNOWN, FOREVER)
    return {
        "id": id_,
        "recorded_seq": seq,
        "credential_id": ids.id,
        "standing": standing.standing.value,
        "starts_on": standing.starts_on,
        "ends_on": standing.ends_on,
        "note": standing.note,
    }


def _look(credential: NewCredential, ids: Added, seq: int) -> rows.Values:
    look = credential.look or NewLook(FOREVER, "", "")
    return {
        "id": ids.verification_id,
        "recorded_seq": seq,
        "credential_id": ids.id,
        "term_id": ids.term_id,
        "result": Result.CONFIRMED.value,
        "verified_on": look.verified_on,
        "verified_by": look.verified_by.strip(),
        "source": look.source.strip(),
        "method": look.method or None,
        "standing": None,
        "note": "",
    }
