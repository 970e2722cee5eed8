"""Leaves of absence: reminders rest while one lasts; what the law asks does not."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import AssignmentRow, ClinicRow, LeaveRow
from compliance.domain.credentials import Assignment, Leave
from compliance.domain.months import in_words
from compliance.domain.periods import FOREVER
from compliance.domain.reminders import next_working_day
from compliance.services import consequences, reminders, rows, trail
from compliance.services.refusals import need_reason, refuse
from compliance.services.trail import Act, Entry


async def record_leave(
    session: AsyncSession,
    *,
    act: Act,
    therapist_id: UUID,
    starts_on: date,
    ends_on: date = FOREVER,
    reason: str = "",
    clinic_id: UUID | None = None,
) -> UUID:
    """A leave at one clinic, or (None) everywhere; its id. Mail that waits while it lasts is withdrawn."""
    await rows.load_therapists(session, act, [therapist_id])
    if clinic_id:
        await rows.load(session, act, ClinicRow, [clinic_id], "clinic")
    if ends_on < starts_on:
        raise refuse("ends_on", f"The last day {in_words(ends_on)} is before the first day {in_words(starts_on)}.")
    id_ = new_id(act.now)
    facts: rows.Values = {"clinic_id": clinic_id, "starts_on": starts_on, "ends_on": ends_on, "reason": reason}
    entry = Entry("leave.recorded", f"leave:{id_}", therapist_id, new=facts, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    row = facts | {"id": id_, "recorded_seq": seq, "therapist_id": therapist_id}
    await rows.add(session, act, LeaveRow, [row])
    if starts_on <= act.effective.date() <= ends_on and await _works_nowhere(session, act, therapist_id):
        await reminders.withdraw(session, act=act, therapist_ids=[therapist_id], reason="on leave")
    await consequences.follow(session, act=act, therapist_ids=[therapist_id])
    return id_


async def _works_nowhere(session: AsyncSession, act: Act, therapist_id: UUID) -> bool:
    """Whether leaves cover every clinic where the therapist would work today."""
    assigned = await rows.of_holders(session, act, AssignmentRow, "therapist_id", [therapist_id])
    away = await rows.of_holders(session, act, LeaveRow, "therapist_id", [therapist_id])
    work = [Assignment(a.id, a.clinic_id, a.modalities, a.starts_on, a.ends_on) for a in assigned.get(therapist_id, [])]
    leaves = [Leave(each.clinic_id, each.starts_on, each.ends_on) for each in away.get(therapist_id, [])]
    today = act.effective.date()
    return next_working_day(work, leaves, today) != today


async def void_leave(session: AsyncSession, *, act: Act, leave_id: UUID, reason: str) -> None:
    """Voids a leave that was not taken. Raises Unknown, and Refused without a reason."""
    need_reason(reason, "the leave is void")
    row = (await rows.load_current(session, act, LeaveRow, [leave_id], "leave"))[leave_id]
    old: rows.Values = {"clinic_id": row.clinic_id, "starts_on": row.starts_on, "ends_on": row.ends_on}
    entry = Entry("leave.voided", f"leave:{leave_id}", row.therapist_id, old, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.void(session, act, LeaveRow, {leave_id: seq}, reason)
    await consequences.follow(session, act=act, therapist_ids=[row.therapist_id])
