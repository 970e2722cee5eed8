"""Assignments: who works where, with which modalities, from a first to a last day; leaves inside them.

The rows are append-only: ending or changing one voids it and adds its replacement, so that what was known when can
be asked. A re-hire is a second assignment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_ids
from compliance.db.records import AssignmentRow
from compliance.domain.months import end_in_words, in_words
from compliance.domain.periods import FOREVER, day_before
from compliance.services import consequences, reminders, rows, trail
from compliance.services.assignment_checks import Span, check, modality_problem
from compliance.services.leaves import record_leave, void_leave
from compliance.services.refusals import Checks, need_reason, refuse
from compliance.services.trail import Act, Entry

__all__ = [
    "Ending", "ModalityChange", "NewAssignment", "add", "add_many", "change_modalities", "change_modalities_many",
    "end", "end_many", "record_leave", "undo_end", "void", "void_leave", "void_many",
]  # fmt: skip


Made = tuple[Span, rows.Values, str]  # what a row will say, what it said before, and why


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """A therapist at a clinic, with modalities, from a first to a last day."""

    therapist_id: UUID
    clinic_id: UUID
    modalities: tuple[str, ...]
    starts_on: date
    ends_on: date = FOREVER


@dataclass(frozen=True, slots=True)
class ModalityChange:
    """Other modalities from a day on; without a day they were always these."""

    assignment_id: UUID
    modalities: tuple[str, ...]
    reason: str
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """The last day of an assignment."""

    assignment_id: UUID
    last_day: date
    reason: str = ""


async def add(session: AsyncSession, *, act: Act, assignment: NewAssignment) -> UUID:
    """One assignment; its id."""
    return (await add_many(session, act=act, assignments=[assignment]))[0]


async def add_many(session: AsyncSession, *, act: Act, assignments: Sequence[NewAssignment]) -> list[UUID]:
    """Assignments; their ids in the same order.

    Raises Unknown, and Refused for unknown modalities, spans that run backward, clinics that are not open, and two
    assignments of one therapist at one clinic on the same day.
    """
    await rows.take_turn(session, act)
    await rows.need_therapists(session, act, (each.therapist_id for each in assignments))
    spans = [Span(a.therapist_id, a.clinic_id, a.modalities, a.starts_on, a.ends_on) for a in assignments]
    await check(session, act, spans)
    return await _append(session, act, "assignment.added", [(span, {}, "") for span in spans])


async def _append(
    session: AsyncSession,
    act: Act,
    action: str,
    made: Sequence[Made],
    replaced: Sequence[UUID] = (),
) -> list[UUID]:
    """Writes entries, voids what is replaced, adds the new rows, and lets the consequences follow."""
    ids = list(islice(new_ids(act.now), len(made)))
    entries = [
        Entry(action, f"assignment:{id_}", span.therapist_id, old, span.facts(), why)
        for id_, (span, old, why) in zip(ids, made, strict=True)
    ]
    seqs = await trail.record_all(session, act=act, entries=entries)
    if replaced:
        marks = dict(zip(replaced, seqs, strict=False))
        await rows.void(session, act, AssignmentRow, marks, action.removeprefix("assignment."))
    values = [
        span.columns() | {"id": id_, "recorded_seq": seq, "end_reason": why if action == "assignment.ended" else ""}
        for id_, seq, (span, _old, why) in zip(ids, seqs, made, strict=True)
    ]
    await rows.add(session, act, AssignmentRow, values)
    await consequences.follow(session, act=act, therapist_ids=[span.therapist_id for span, _old, _why in made])
    return ids


async def change_modalities(
    session: AsyncSession,
    *,
    act: Act,
    assignment_id: UUID,
    modalities: tuple[str, ...],
    reason: str,
    starts_on: date | None = None,
) -> UUID:
    """One assignment with other modalities; the id of the row that holds them."""
    change = ModalityChange(assignment_id, modalities, reason, starts_on)
    return (await change_modalities_many(session, act=act, changes=[change]))[0]


async def change_modalities_many(session: AsyncSession, *, act: Act, changes: Sequence[ModalityChange]) -> list[UUID]:
    """Assignments with other modalities; the ids of the rows that hold them. Raises Unknown and Refused."""
    await rows.take_turn(session, act)
    found = await _current(session, act, (each.assignment_id for each in changes))
    checks = Checks()
    for index, each in enumerate(changes):
        span = found[each.assignment_id]
        checks.refuse("modalities", modality_problem(each.modalities), index)
        if not each.reason.strip():
            checks.refuse("reason", "Say why the modalities change.", index)
        if each.starts_on and not span.starts_on <= each.starts_on <= span.ends_on:
            days = f"{in_words(span.starts_on)} to {end_in_words(span.ends_on)}"
            checks.refuse("starts_on", f"{in_words(each.starts_on)} lies outside the assignment ({days}).", index)
    checks.done()
    changed = [(each, found[each.assignment_id]) for each in changes]
    later = [(each, span) for each, span in changed if each.starts_on and each.starts_on > span.starts_on]
    kept: list[Made] = [
        (replace(span, ends_on=day_before(each.starts_on or FOREVER)), {}, each.reason) for each, span in later
    ]
    made = [
        (
            replace(span, modalities=each.modalities, starts_on=each.starts_on or span.starts_on),
            span.facts(),
            each.reason,
        )
        for each, span in changed
    ]
    ids = await _append(session, act, "assignment.changed", [*made, *kept], [each.assignment_id for each in changes])
    return ids[: len(changes)]


async def end(session: AsyncSession, *, act: Act, assignment_id: UUID, last_day: date, reason: str = "") -> UUID:
    """One assignment ends; the id of the row that says so."""
    return (await end_many(session, act=act, endings=[Ending(assignment_id, last_day, reason)]))[0]


async def end_many(session: AsyncSession, *, act: Act, endings: Sequence[Ending]) -> list[UUID]:
    """Assignments end; the ids of the rows that say so. Who works nowhere any more gets no more mail."""
    await rows.take_turn(session, act)
    found = await _current(session, act, (each.assignment_id for each in endings))
    checks = Checks()
    for index, each in enumerate(endings):
        span = found[each.assignment_id]
        if each.last_day < span.starts_on:
            days = f"{in_words(each.last_day)} is before {in_words(span.starts_on)}, the first day"
            sentence = f"{days}. Void it if it never was."
            checks.refuse("last_day", sentence, index)
    checks.done()
    longer = {each.assignment_id for each in endings if each.last_day > found[each.assignment_id].ends_on}
    if longer:  # an end that is moved back must leave room for a later assignment, and the clinic must be open
        spans = [replace(found[e.assignment_id], ends_on=e.last_day) for e in endings if e.assignment_id in longer]
        await check(session, act, spans, instead_of=longer)
    made: list[Made] = [
        (replace(span, ends_on=each.last_day), {"ends_on": span.ends_on}, each.reason)
        for each in endings
        for span in (found[each.assignment_id],)
    ]
    ids = await _append(session, act, "assignment.ended", made, [each.assignment_id for each in endings])
    await _silence(session, act, {span.therapist_id: span.ends_on for span, _old, _why in made})
    return ids


async def _silence(session: AsyncSession, act: Act, last_days: Mapping[UUID, date]) -> None:
    """Withdraws the mail of those whose last assignment anywhere is over."""
    today = act.effective.date()
    over = [id_ for id_, last_day in last_days.items() if last_day <= today]
    left = await endings(session, act, dict.fromkeys(over, today))
    gone = [each for each in over if each not in left]
    if gone:
        await reminders.withdraw(session, act=act, therapist_ids=gone, reason="no longer assigned anywhere")


async def endings(
    session: AsyncSession, act: Act, last_days: Mapping[UUID, date]
) -> dict[UUID, list[tuple[UUID, date]]]:
    """The assignments that run longer than a therapist's last day, by therapist, each with the day it would end on."""
    current = await rows.of_holders(session, act, AssignmentRow, "therapist_id", last_days)
    found: dict[UUID, list[tuple[UUID, date]]] = {}
    for therapist_id, assigned in current.items():
        last_day = last_days[therapist_id]
        running = [(each.id, max(last_day, each.starts_on)) for each in assigned if each.ends_on > last_day]
        if running:
            found[therapist_id] = running
    return found


async def end_at_clinic(session: AsyncSession, act: Act, *, clinic_id: UUID, last_day: date, reason: str) -> int:
    """Ends every assignment at a closing clinic that runs longer; one that would begin later is void. How many."""
    mine = (AssignmentRow.organization_id == act.organization_id, AssignmentRow.clinic_id == clinic_id)
    columns = (AssignmentRow.id, AssignmentRow.starts_on)
    query = select(*columns).where(*mine, AssignmentRow.ends_on > last_day, AssignmentRow.voided_seq.is_(None))
    running = (await session.execute(query)).all()
    why = reason or "the clinic closed"
    ends = [Ending(id_, last_day, why) for id_, starts_on in running if starts_on <= last_day]
    await end_many(session, act=act, endings=ends)
    await void_many(session, act=act, assignment_ids=[id_ for id_, start in running if start > last_day], reason=why)
    return len(running)


async def undo_end(session: AsyncSession, *, act: Act, assignment_id: UUID, reason: str) -> UUID:
    """Takes an ending back: the assignment runs on without an end. The id of the row that says so."""
    need_reason(reason, "the ending is taken back")
    await rows.take_turn(session, act)
    span = (await _current(session, act, [assignment_id]))[assignment_id]
    if span.ends_on == FOREVER:
        raise refuse("assignment_id", "This assignment has no end that could be taken back.")
    again = replace(span, ends_on=FOREVER)
    await check(session, act, [again], instead_of={assignment_id})
    made: list[Made] = [(again, {"ends_on": span.ends_on}, reason)]
    return (await _append(session, act, "assignment.reopened", made, [assignment_id]))[0]


async def void(session: AsyncSession, *, act: Act, assignment_id: UUID, reason: str) -> None:
    """Voids an assignment that never was."""
    await void_many(session, act=act, assignment_ids=[assignment_id], reason=reason)


async def void_many(session: AsyncSession, *, act: Act, assignment_ids: Sequence[UUID], reason: str) -> int:
    """Voids assignments that never were; how many. Raises Unknown, and Refused without a reason."""
    need_reason(reason, "the assignment is void")
    found = await _current(session, act, assignment_ids)
    entries = [
        Entry("assignment.voided", f"assignment:{id_}", span.therapist_id, span.facts(), why=reason)
        for id_, span in found.items()
    ]
    seqs = await trail.record_all(session, act=act, entries=entries)
    await rows.void(session, act, AssignmentRow, dict(zip(found, seqs, strict=True)), reason)
    people = [each.therapist_id for each in found.values()]
    await consequences.follow(session, act=act, therapist_ids=people)
    await _silence(session, act, dict.fromkeys(people, act.effective.date()))
    return len(found)


async def restore(session: AsyncSession, *, act: Act, assignment_id: UUID, reason: str) -> UUID:
    """A void assignment holds again as it was; the id of the row that says so. Refused where another holds there."""
    need_reason(reason, "the assignment holds again")
    await rows.take_turn(session, act)
    row = (await rows.load(session, act, AssignmentRow, [assignment_id], "assignment"))[assignment_id]
    if row.voided_seq is None:
        raise refuse("assignment_id", "This assignment is not void.")
    span = Span(row.therapist_id, row.clinic_id, row.modalities, row.starts_on, row.ends_on)
    await check(session, act, [span])
    return (await _append(session, act, "assignment.restored", [(span, {}, reason)]))[0]


async def _current(session: AsyncSession, act: Act, ids: Iterable[UUID]) -> dict[UUID, Span]:
    found = await rows.load_current(session, act, AssignmentRow, ids, "assignment")
    return {
        id_: Span(row.therapist_id, row.clinic_id, row.modalities, row.starts_on, row.ends_on)
        for id_, row in found.items()
    }
