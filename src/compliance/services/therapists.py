"""Therapists: they are added, change name or address, are put on hold, and leave. Their files are never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_ids
from compliance.db.records import AssignmentRow, CredentialRow, TherapistAddressRow, TherapistNameRow, TherapistRow
from compliance.domain.matching import fold, fold_email, fold_name
from compliance.domain.months import in_words
from compliance.domain.periods import BEGINNING
from compliance.services import assignments, consequences, reminders, rows, trail
from compliance.services.refusals import Checks, need_reason, refuse
from compliance.services.therapist_changes import Change, change, change_many
from compliance.services.therapist_checks import check_addresses, check_names, check_person
from compliance.services.trail import Act, Entry

__all__ = [
    "Change", "Departure", "NewTherapist", "add", "add_many", "change", "change_many", "depart", "depart_many",
    "set_legal_hold",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewTherapist:
    """A person to keep a file on."""

    first_name: str
    last_name: str
    email: str | None = None
    phone: str = ""
    npi: str | None = None
    birth_date: date | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody leaves all clinics after a last day."""

    therapist_id: UUID
    last_day: date
    reason: str = ""


async def add(session: AsyncSession, *, act: Act, therapist: NewTherapist) -> UUID:
    """One therapist; the id."""
    return (await add_many(session, act=act, therapists=[therapist]))[0]


async def add_many(session: AsyncSession, *, act: Act, therapists: Sequence[NewTherapist]) -> list[UUID]:
    """Therapists; their ids in the same order. Raises Refused for impossible names, addresses, NPIs and birth dates.

    Whether somebody is on file already is asked before (`domain.matching.Directory`): here a namesake is a new person.
    """
    checks = Checks()
    for index, each in enumerate(therapists):
        check_names(checks, each.first_name, each.last_name, index)
        check_person(checks, act, each.email, each.npi, each.birth_date, index)
    checks.done()
    await check_addresses(session, act, [(each.email, None) for each in therapists])
    new = new_ids(act.now)
    made = [_values(act, each, id_) for each, id_ in zip(therapists, new, strict=False)]
    entries = [Entry("therapist.added", f"therapist:{row['id']}", _id(row), new=_facts(row)) for row in made]
    seqs = await trail.record_all(session, act=act, entries=entries)
    await rows.add(session, act, TherapistRow, made)
    await _append_names(session, act, list(zip(made, seqs, strict=True)))
    await _append_addresses(session, act, [(_id(row), row["email"], seq) for row, seq in zip(made, seqs, strict=True)])
    ids = [_id(row) for row in made]
    await consequences.follow(session, act=act, therapist_ids=ids)
    return ids


def _values(act: Act, person: NewTherapist, id_: UUID) -> rows.Values:
    first, last = " ".join(person.first_name.split()), " ".join(person.last_name.split())
    email = person.email.strip() if person.email and person.email.strip() else None
    return {
        "id": id_,
        "first_name": first,
        "last_name": last,
        "folded_name": fold_name(first, last),
        "folded_first": fold(first),
        "email": email,
        "folded_email": fold_email(email) if email else None,
        "phone": person.phone.strip(),
        "npi": person.npi or None,
        "birth_date": person.birth_date,
        "notes": person.notes.strip(),
        "merged_into_id": None,
        "legal_hold": False,
        "created_at": act.now,
        "coverage_fingerprint": "",
    }


def _id(row: rows.Values) -> UUID:
    id_ = row["id"]
    assert isinstance(id_, UUID)  # noqa: S101  (for the type checker: it was made above)
    return id_


FACTS = ("first_name", "last_name", "email", "phone", "npi", "birth_date", "notes")


def _facts(row: rows.Values) -> rows.Values:
    return {key: row[key] for key in FACTS if row[key] not in (None, "")}


async def void_many(session: AsyncSession, *, act: Act, therapist_ids: Sequence[UUID], reason: str) -> int:
    """Voids records of people who should not have been added; how many. They are in no list any more.

    Raises Unknown, and Refused without a reason or where something is still recorded of them.
    """
    need_reason(reason, "the record is void")
    await rows.take_turn(session, act)
    found = await rows.load_therapists(session, act, therapist_ids)
    checks = Checks()
    for table, words in ((CredentialRow, "credentials"), (AssignmentRow, "assignments")):
        held = await rows.of_holders(session, act, table, "therapist_id", found)
        if held:
            checks.refuse("therapist_id", f"There are {words} on file; void those first.")
    checks.done()
    entries = [Entry("therapist.voided", f"therapist:{id_}", id_, why=reason) for id_ in found]
    seqs = await trail.record_all(session, act=act, entries=entries)
    marks: dict[UUID, rows.Values] = {
        id_: {"voided_seq": seq, "void_reason": reason, "merged_into_id": id_}
        for id_, seq in zip(found, seqs, strict=True)
    }
    await rows.change(session, act, TherapistRow, marks)
    await reminders.withdraw(session, act=act, therapist_ids=list(found), reason="the record is void")
    await consequences.follow(session, act=act, therapist_ids=list(found))
    return len(found)


async def _append_names(session: AsyncSession, act: Act, made: Sequence[tuple[rows.Values, int]]) -> None:
    """The first span of each name; it reaches back, for nobody knows since when."""
    names = [
        {
            "id": id_,
            "recorded_seq": seq,
            "therapist_id": row["id"],
            "first_name": row["first_name"],
            "last_name": row["last_name"],
            "folded_name": row["folded_name"],
            "starts_on": BEGINNING,
            "reason": "",
        }
        for (row, seq), id_ in zip(made, new_ids(act.now), strict=False)
    ]
    await rows.add(session, act, TherapistNameRow, names)


async def _append_addresses(session: AsyncSession, act: Act, made: Sequence[tuple[UUID, object, int]]) -> None:
    today = act.effective.date()
    addresses: list[rows.Values] = [
        {"id": id_, "recorded_seq": seq, "therapist_id": whose, "email": email, "starts_on": today}
        for (whose, email, seq), id_ in zip((each for each in made if each[1]), new_ids(act.now), strict=False)
    ]
    await rows.add(session, act, TherapistAddressRow, addresses)


async def set_legal_hold(session: AsyncSession, *, act: Act, therapist_id: UUID, hold: bool, reason: str) -> None:
    """On hold a file outlives its retention. Raises Refused without a reason."""
    need_reason(reason, "the hold is set or lifted")
    row = (await rows.load(session, act, TherapistRow, [therapist_id], "therapist"))[therapist_id]
    action = "therapist.held" if hold else "therapist.released"
    entry = Entry(action, f"therapist:{row.id}", row.id, {"legal_hold": row.legal_hold}, {"legal_hold": hold}, reason)
    await trail.record(session, act=act, entry=entry)
    await rows.change(session, act, TherapistRow, {row.id: {"legal_hold": hold}})


async def depart(session: AsyncSession, *, act: Act, therapist_id: UUID, last_day: date, reason: str = "") -> int:
    """One therapist leaves; how many assignments ended."""
    return await depart_many(session, act=act, departures=[Departure(therapist_id, last_day, reason)])


async def depart_many(session: AsyncSession, *, act: Act, departures: Sequence[Departure]) -> int:
    """Ends every assignment that runs longer than the last day; waiting mail is withdrawn, the files stay.

    Raises Refused for who has no assignment that could end.
    """
    found = await rows.load(session, act, TherapistRow, (each.therapist_id for each in departures), "therapist")
    ending = await assignments.endings(session, act, {each.therapist_id: each.last_day for each in departures})
    for each in departures:
        if each.therapist_id not in ending:
            name = f"{found[each.therapist_id].first_name} {found[each.therapist_id].last_name}"
            raise refuse("last_day", f"{name} has no assignment that runs longer than {in_words(each.last_day)}.")
    entries = [
        Entry("therapist.departed", f"therapist:{each.therapist_id}", each.therapist_id,
              new={"last_day": each.last_day}, why=each.reason)
        for each in departures
    ]  # fmt: skip
    await trail.record_all(session, act=act, entries=entries)
    why = {each.therapist_id: each.reason for each in departures}
    ends = [
        assignments.Ending(id_, last_day, why[person])
        for person, ids in ending.items()
        for id_, last_day in ids
    ]  # fmt: skip
    return len(await assignments.end_many(session, act=act, endings=ends))
