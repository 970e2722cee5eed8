"""Taking back what waits to be sent, in the transaction of the change that makes it needless."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.due_terms import lock_chains
from compliance.db.queries.reminders import clinics_of
from compliance.db.records import ClinicRow, CredentialRow, OutboxReminderRow, OutboxRow, ReminderRow, WaiverRow
from compliance.domain.periods import BEGINNING
from compliance.domain.reminders import OF_TERMS
from compliance.services import trail
from compliance.services.reminders.carrying import QUIETLY, queue_the_rest
from compliance.services.reminders.families import family
from compliance.services.reminders.schedule import look_soon_at_clinics, schedule, set_next_looks
from compliance.services.rows import chunks
from compliance.services.trail import Act, Entry

WAITING: Final = ("planned", "queued")
CHANGED: Final = "The file has changed since; whether it still holds is looked at again."


async def withdraw(
    session: AsyncSession,
    *,
    act: Act,
    credential_ids: Collection[UUID] = (),
    therapist_ids: Collection[UUID] = (),
    reason: str,
) -> int:
    """Takes back what waits to be sent about these credentials and to these people; the number of reminders.

    What is being transmitted at this moment can no longer be held back: the mark on the outbox row decides, and row
    locks order the two. Should it come back unsent, it is taken back then (`heed`). What was said about a file as a
    whole may still hold: the planner looks at it again.
    """
    await lock_chains(session, [act.organization_id])
    persons = await family(session, act.organization_id, therapist_ids)
    about = _about(ReminderRow.subject_id, credential_ids) | _about(ReminderRow.therapist_id, persons)
    mine = (ReminderRow.organization_id == act.organization_id, about, ReminderRow.state.in_(WAITING))
    columns = (ReminderRow.id, ReminderRow.subject_id, ReminderRow.therapist_id, ReminderRow.anchor)
    found = (await session.execute(select(*columns).where(*mine))).all()
    taken = await take_back(session, act, [row.id for row in found], reason)
    told = {row.therapist_id for row in found if row.id in taken}
    entries = [_withdrawn(person, len(taken), reason) for person in told]
    await trail.record_all(session, act=act, entries=entries)
    await _look(session, act, [row for row in found if row.id in taken])
    return len(taken)


async def heed(session: AsyncSession, *, act: Act, outbox_id: UUID, ended: bool = False) -> int:
    """A message that was on its way when some of its reminders became needless was not sent, and would be tried again,
    or has `ended`: these are taken back now, and decided on anew; how many. The organization's chain is locked by the
    caller."""
    line, note = OutboxReminderRow, ReminderRow
    same = (line.organization_id == note.organization_id) & (line.reminder_id == note.id)
    mine = (note.organization_id == act.organization_id, line.outbox_id == outbox_id, note.state.in_(WAITING))
    columns = (note.id, note.therapist_id, note.subject_id, note.anchor, note.reason)
    query = select(*columns).join(line, same).where(*mine, note.reason != "")
    found = (await session.execute(query)).all()
    for reason in sorted({row.reason for row in found}):
        some = [row for row in found if row.reason == reason]
        if ended:
            await _mark(session, act, [row.id for row in some], reason)
        else:
            await take_back(session, act, [row.id for row in some], reason)
        people = {row.therapist_id for row in some}
        await trail.record_all(session, act=act, entries=[_withdrawn(each, len(some), reason) for each in people])
    await decide_again(session, act, found)
    return len(found)


async def decide_again(session: AsyncSession, act: Act, found: Sequence[Any]) -> None:
    """The planner's next round looks at what these reminders (subject, anchor, therapist) were about."""
    held = {row.subject_id for row in found if row.anchor in OF_TERMS}
    today = act.effective.date()
    await schedule(session, organization_id=act.organization_id, credential_ids=held, today=today)
    await _look(session, act, found)


async def _look(session: AsyncSession, act: Act, found: Sequence[Any]) -> None:
    about_files = [row for row in found if row.anchor not in OF_TERMS]
    files = {row.therapist_id for row in about_files if row.therapist_id}
    await set_next_looks(session, [(act.organization_id, each, BEGINNING) for each in files])
    for some in chunks({row.subject_id for row in about_files if not row.therapist_id}):
        theirs = await clinics_of(session, act.organization_id, some)
        await look_soon_at_clinics(session, act.organization_id, ClinicRow.id.in_(theirs))


async def look_again(session: AsyncSession, *, act: Act, therapist_ids: Collection[UUID]) -> int:
    """These files have changed: what waits to be sent about them as a whole is taken back, in this transaction, and
    decided on again at the planner's next look. How many reminders."""
    note = ReminderRow
    found: list[UUID] = []
    for some in chunks(therapist_ids):
        mine = (note.organization_id == act.organization_id, note.therapist_id.in_(some), note.state.in_(WAITING))
        found += await session.scalars(select(note.id).where(*mine, note.anchor.not_in(OF_TERMS)))
    return len(await take_back(session, act, found, CHANGED)) if found else 0


async def look_again_at_clinics(session: AsyncSession, *, act: Act, clinic_ids: Collection[UUID]) -> int:
    """The same where what clinics themselves hold has changed, or the clinics have."""
    if not clinic_ids:
        return 0
    note, found = ReminderRow, list[UUID]()
    for some in chunks(clinic_ids):
        theirs = (
            select(row.id).where(row.organization_id == act.organization_id, row.clinic_id.in_(some))
            for row in (CredentialRow, WaiverRow)
        )
        about = or_(note.subject_id.in_(some), *(note.subject_id.in_(each) for each in theirs))
        mine = (note.organization_id == act.organization_id, note.therapist_id.is_(None), note.state.in_(WAITING))
        found += await session.scalars(select(note.id).where(*mine, about, note.anchor.not_in(OF_TERMS)))
        await look_soon_at_clinics(session, act.organization_id, ClinicRow.id.in_(some))
    return len(await take_back(session, act, found, CHANGED)) if found else 0


def _about(column: Any, ids: Iterable[UUID]) -> ColumnElement[bool]:
    given = list(ids)
    return or_(*(column.in_(some) for some in chunks(given))) if given else false()


def _withdrawn(therapist_id: UUID | None, count: int, reason: str) -> Entry:
    subject = f"therapist:{therapist_id}" if therapist_id else "organization"
    return Entry("reminders.withdrawn", subject, therapist_id, new={"count": count}, why=reason)


async def take_back(session: AsyncSession, act: Act, reminder_ids: Collection[UUID], reason: str) -> set[UUID]:
    """Withdraws reminders with their messages, but for those that are being transmitted; which ones."""
    taken: set[UUID] = set()
    for some in chunks(reminder_ids):
        taken |= await _take_back(session, act, some, reason)
    return taken


async def _take_back(session: AsyncSession, act: Act, ids: list[UUID], reason: str) -> set[UUID]:
    line, note = OutboxReminderRow, ReminderRow
    carriers = select(line.outbox_id).where(line.organization_id == act.organization_id, line.reminder_id.in_(ids))
    theirs = (OutboxRow.organization_id == act.organization_id, OutboxRow.id.in_(carriers))
    # Waits for a verdict that is being written just now: a message that comes back from its way is stopped as well.
    await session.execute(select(OutboxRow.id).where(*theirs, OutboxRow.state == "transmitting").with_for_update())
    stop = update(OutboxRow).where(*theirs, OutboxRow.state.in_(("pending", "leased")))
    stop = stop.values(state="withdrawn", reply=reason).returning(OutboxRow.id)
    stopped = list(await session.scalars(stop, execution_options=QUIETLY))
    same = (line.organization_id == OutboxRow.organization_id) & (line.outbox_id == OutboxRow.id)
    leaving = select(line.reminder_id).join(OutboxRow, same).where(*theirs, OutboxRow.state == "transmitting")
    gone = set(await session.scalars(leaving))
    if gone:  # noted, for the case that it comes back (`heed`)
        late = (note.organization_id == act.organization_id, note.id.in_(gone & set(ids)), note.state.in_(WAITING))
        await session.execute(update(note).where(*late).values(reason=reason), execution_options=QUIETLY)
    taken = set(ids) - gone
    await _mark(session, act, taken, reason)
    if stopped:
        await queue_the_rest(session, act, stopped, taken)
    return taken


async def _mark(session: AsyncSession, act: Act, ids: Collection[UUID], reason: str) -> None:
    note = ReminderRow
    mine = (note.organization_id == act.organization_id, note.id.in_(ids), note.state.in_(WAITING))
    changed = update(note).where(*mine).values(state="withdrawn", reason=reason, settled_at=act.effective)
    await session.execute(changed, execution_options=QUIETLY)
