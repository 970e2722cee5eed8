"""What undoing an import will do, what it leaves, and why: read before it is done, and again while it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import undoing
from compliance.db.queries.undoing import Changed, Spans
from compliance.db.records import (
    AssignmentRow,
    CredentialRow,
    StandingRow,
    TermRow,
    TherapistRow,
    VerificationRow,
)

NOUNS: Final = {
    "credentials": CredentialRow,
    "verifications": VerificationRow,
    "terms": TermRow,
    "standings": StandingRow,
    "assignments": AssignmentRow,
}
PERSON: Final = ("first_name", "last_name", "email", "phone", "npi", "birth_date", "notes")
HELD: Final = ("type", "jurisdiction", "issuing_authority", "number", "first_issued_on", "details", "notes")
DAYS: Final = frozenset({"birth_date", "first_issued_on"})
SHOWN: Final = 20
CHANGED_SINCE: Final = "changed again since"
WAS_EMPTY: Final = "it was empty before, and a day is not taken away"


@dataclass(frozen=True, slots=True)
class PutBack:
    """A fact of a therapist or credential that goes back to what it was, or stays for a reason."""

    subject_id: UUID
    field: str
    now: Any
    before: Any
    stays: str = ""


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """How many rows become void by noun, who and what goes with them, and what stays because others used it."""

    voids: dict[str, int]
    therapists: int
    therapists_left: int
    some_left: tuple[tuple[UUID, str], ...]
    clinics: tuple[tuple[UUID, str], ...]
    clinics_left: tuple[tuple[UUID, str], ...]
    people: tuple[PutBack, ...]
    held: tuple[PutBack, ...]
    assignments_again: int

    @property
    def put_back(self) -> list[PutBack]:
        """The facts that go back."""
        return [each for each in (*self.people, *self.held) if not each.stays]

    @property
    def facts_left(self) -> list[PutBack]:
        """The facts that stay as the import left them, or as somebody changed them since."""
        return [each for each in (*self.people, *self.held) if each.stays]


async def plan_of(session: AsyncSession, organization_id: UUID, spans: Spans, undone: Spans = ()) -> UndoPlan:
    """The plan for the import that wrote these spans; `undone` are those that its undo has written so far."""
    mine = [*spans, *undone]
    alone, touched = await undoing.count_alone(session, organization_id, spans, mine)
    clinics, used = await undoing.clinics_made(session, organization_id, spans, mine)
    return UndoPlan(
        voids={name: await undoing.count_rows(session, organization_id, row, spans) for name, row in NOUNS.items()},
        therapists=alone,
        therapists_left=touched,
        some_left=tuple(await undoing.therapists_touched(session, organization_id, spans, mine, SHOWN)),
        clinics=tuple(clinics),
        clinics_left=tuple(used),
        people=tuple(await people(session, organization_id, spans)),
        held=tuple(await held(session, organization_id, spans)),
        assignments_again=len(await undoing.assignments_replaced(session, organization_id, spans)),
    )


async def people(session: AsyncSession, organization_id: UUID, spans: Spans) -> list[PutBack]:
    """Facts of therapists that the import changed and that are not as they were."""
    found = await undoing.changed(session, organization_id, "therapist.changed", spans)
    now = await undoing.now_of(session, organization_id, TherapistRow, [each.subject_id for each in found])
    made = set(await undoing.added(session, organization_id, "therapist.added", spans))
    return [back for each in found if each.subject_id not in made for back in _facts(each, now, PERSON)]


async def held(session: AsyncSession, organization_id: UUID, spans: Spans) -> list[PutBack]:
    """The same for credentials that the import corrected and did not record."""
    found = await undoing.changed(session, organization_id, "credential.corrected", spans)
    now = await undoing.now_of(session, organization_id, CredentialRow, [each.subject_id for each in found])
    there = {id_: row for id_, row in now.items() if row.voided_seq is None and not _lies_in(row.recorded_seq, spans)}
    return [back for each in found for back in _facts(each, there, HELD)]


def _lies_in(seq: int, spans: Spans) -> bool:
    return any(first <= seq <= last for first, last in spans)


def _facts(changed: Changed, now: dict[UUID, Any], keys: Sequence[str]) -> Iterator[PutBack]:
    row = now.get(changed.subject_id)
    for key in keys if row is not None else ():
        if key not in changed.old:
            continue
        here, before = getattr(row, key), _value(key, changed.old[key])
        if here != before:
            left = _value(key, changed.new.get(key))
            yield PutBack(changed.subject_id, key, here, before, _stays(key, here, left, before))


def _stays(key: str, here: Any, left: Any, before: Any) -> str:
    if (here or None) != (left or None):
        return CHANGED_SINCE
    return WAS_EMPTY if key in DAYS and before is None else ""


def _value(key: str, kept: Any) -> Any:
    if key in DAYS:
        return date.fromisoformat(kept) if kept else None
    return kept
