"""What cannot be true of an assignment: unknown modalities, a closed clinic, two of one person at one place at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.db.records import AssignmentRow, ClinicRow
from compliance.domain.months import end_in_words, in_words
from compliance.domain.periods import FOREVER
from compliance.services import rows
from compliance.services.refusals import Checks
from compliance.services.trail import Act


@dataclass(frozen=True, slots=True)
class Span:
    """What an assignment says, without its place in the records."""

    therapist_id: UUID
    clinic_id: UUID
    modalities: tuple[str, ...]
    starts_on: date
    ends_on: date = FOREVER

    def columns(self) -> rows.Values:
        """As columns of its row."""
        return {
            "therapist_id": self.therapist_id,
            "clinic_id": self.clinic_id,
            "modalities": self.modalities,
            "starts_on": self.starts_on,
            "ends_on": self.ends_on,
        }

    def facts(self) -> rows.Values:
        """As the trail tells it."""
        return {key: value for key, value in self.columns().items() if key != "therapist_id"}

    def meets(self, other: Span | AssignmentRow) -> bool:
        """Whether both are at the same clinic on some day."""
        same = self.clinic_id == other.clinic_id
        return same and self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


async def check(session: AsyncSession, act: Act, spans: Sequence[Span], instead_of: Collection[UUID] = ()) -> None:
    """Raises Refused (Unknown for a clinic); rows in `instead_of` are about to be replaced and do not count."""
    clinics = await rows.load(session, act, ClinicRow, (each.clinic_id for each in spans), "clinic")
    others = await rows.of_holders(session, act, AssignmentRow, "therapist_id", (each.therapist_id for each in spans))
    checks = Checks()
    earlier: dict[UUID, list[Span]] = {}
    for index, each in enumerate(spans):
        checks.refuse("modalities", modality_problem(each.modalities), index)
        checks.refuse("ends_on", _backward(each), index)
        checks.refuse("clinic_id", _closed(each, clinics[each.clinic_id]), index)
        there = [other for other in others.get(each.therapist_id, []) if other.id not in instead_of]
        mine = earlier.setdefault(each.therapist_id, [])
        checks.refuse("starts_on", _double(each, [*there, *mine], clinics[each.clinic_id].name), index)
        mine.append(each)
    checks.done()


def modality_problem(modalities: Iterable[str]) -> str | None:
    """Why these cannot be somebody's modalities."""
    known, given = catalog.load().modalities, list(modalities)
    if not given:
        return f"Say what is practiced there. Allowed are {', '.join(known)}."
    strange = [each for each in given if each not in known]
    if strange:
        return f"{', '.join(map(repr, strange))} is no modality here. Allowed are {', '.join(known)}."
    return f"{given[0]!r} is named twice." if len(set(given)) < len(given) else None


def _backward(span: Span) -> str | None:
    if span.ends_on >= span.starts_on:
        return None
    return f"The last day {in_words(span.ends_on)} is before the first day {in_words(span.starts_on)}."


def _closed(span: Span, clinic: ClinicRow) -> str | None:
    if clinic.voided_seq is not None:
        return f"{clinic.name} is void ({clinic.void_reason}): nobody works there."
    if clinic.closed_on and span.ends_on > clinic.closed_on:
        closed = f"{clinic.name} closed on {in_words(clinic.closed_on)}"
        return f"{closed}; an assignment there cannot run to {end_in_words(span.ends_on)}."
    if clinic.opened_on and span.starts_on < clinic.opened_on:
        opened = f"{clinic.name} opened on {in_words(clinic.opened_on)}"
        return f"{opened}; an assignment there cannot start on {in_words(span.starts_on)}."
    return None


def _double(span: Span, others: Sequence[Span | AssignmentRow], clinic: str) -> str | None:
    for other in others:
        if span.meets(other):
            days = f"{in_words(other.starts_on)} to {end_in_words(other.ends_on)}"
            return f"Already assigned to {clinic} from {days}. Change the modalities of that, or end it first."
    return None
