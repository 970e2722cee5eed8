"""Setting the day on which the planner looks at a term again, and taking back what waits to be sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries.due_terms import lock_chains
from compliance.db.records import (
    CredentialRow,
    OrganizationRow,
    OutboxReminderRow,
    OutboxRow,
    ReminderRow,
    TermRow,
    TherapistRow,
)
from compliance.domain.periods import BEGINNING
from compliance.domain.release import ANY_DAY, Calendar, calendar_of
from compliance.domain.reminders import OF_TERMS, THERAPIST, first_rung_on
from compliance.services import trail
from compliance.services.reminders.carrying import queue_the_rest
from compliance.services.reminders.law import term_law
from compliance.services.reminders.situation import UNREACHABLE, climbs_of
from compliance.services.rows import chunks
from compliance.services.trail import Act, Entry

NextDays = dict[UUID, date | None]
ALONE: Final = 10  # so many statements are never worth a closer look
WAITING: Final = ("planned", "queued")
CHANGED: Final = "The file has changed since; whether it still holds is looked at again."
MOVED: Final = "The address was changed before it was sent."
QUIETLY: Final = {"synchronize_session": False}  # nothing here is held as a mapped object


async def schedule(
    session: AsyncSession,
    *,
    organization_id: UUID,
    credential_ids: Collection[UUID] = (),
    therapist_ids: Collection[UUID] = (),
    today: date,
) -> None:
    """Sets `terms.next_rung_on` of these credentials, and of all that these therapists hold.

    Null where a later term of the same credential is recorded, where nothing is left to say, where the credential was
    voided, and in an organization that has not gone live.
    """
    live, calendar = await _pace(session, organization_id)
    if not live and not credential_ids:
        return  # before going live no term is watched, so there is nothing to change
    held = CredentialRow
    family = await _family(session, organization_id, therapist_ids)
    for column, ids in ((held.id, credential_ids), (held.therapist_id, family)):
        for some in chunks(ids):
            rows = await _terms(session, organization_id, column.in_(some))
            await set_next(session, organization_id, _changed(rows, calendar if live else None, today))


async def _pace(session: AsyncSession, organization_id: UUID) -> tuple[bool, Calendar]:
    """Whether an organization's reminders are on, and on which days and hours they leave."""
    columns = (OrganizationRow.reminders_started_at, OrganizationRow.settings)
    row = (await session.execute(select(*columns).where(OrganizationRow.id == organization_id))).one_or_none()
    return (False, ANY_DAY) if row is None else (row[0] is not None, calendar_of(row[1] or {}))


async def schedule_all(session: AsyncSession, *, organization_id: UUID, today: date) -> int:
    """Arms every term of an organization that has gone live; how many have something left to say."""
    rows = await _terms(session, organization_id, CredentialRow.voided_seq.is_(None))
    changed = _changed(rows, (await _pace(session, organization_id))[1], today)
    everybody = (TherapistRow.organization_id == organization_id, TherapistRow.merged_into_id.is_(None))
    look = update(TherapistRow).where(*everybody).values(next_look_on=BEGINNING)
    await session.execute(look, execution_options=QUIETLY)
    await set_next(session, organization_id, changed)
    return len([day for day in changed.values() if day])


async def _family(session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID]) -> list[UUID]:
    """These therapists and the records that were merged into them."""
    found: dict[UUID, None] = dict.fromkeys(therapist_ids)
    for some in chunks(therapist_ids):
        mine = (TherapistRow.organization_id == organization_id, TherapistRow.merged_into_id.in_(some))
        found |= dict.fromkeys(await session.scalars(select(TherapistRow.id).where(*mine)))
    return list(found)


async def _terms(session: AsyncSession, organization_id: UUID, which: ColumnElement[bool]) -> Sequence[Any]:
    """Current terms, the last of each credential at the end."""
    held, term = CredentialRow, TermRow
    same = (term.organization_id == held.organization_id) & (term.credential_id == held.id)
    columns = (held.id, held.type, held.jurisdiction, held.voided_seq, term.id.label("term_id"))
    query = (
        select(*columns, term.ends_on, term.next_rung_on)
        .join(term, same)
        .where(held.organization_id == organization_id, which, term.voided_seq.is_(None))
        .order_by(term.ends_on, term.starts_on)
    )
    return (await session.execute(query)).all()


def _changed(rows: Sequence[Any], calendar: Calendar | None, today: date) -> NextDays:
    """The terms whose day is another one now. Without a calendar none has a day: reminders are off."""
    last = {row.id: row.term_id for row in rows}
    changed: NextDays = {}
    for row in rows:
        speaks = calendar is not None and row.voided_seq is None and last[row.id] == row.term_id
        day = _first_day(row, calendar or ANY_DAY, today) if speaks else None
        if day != row.next_rung_on:
            changed[row.term_id] = day
    return changed


def _first_day(row: Any, calendar: Calendar, today: date) -> date | None:
    ladder = load().types[row.type].ladder
    law = term_law(row.type, row.jurisdiction, row.ends_on)
    return first_rung_on(climbs_of(ladder, law, row.ends_on, calendar), today)


async def set_next(session: AsyncSession, organization_id: UUID, days: NextDays) -> None:
    """Writes the days on which the planner looks again, in one statement."""
    await set_next_of(session, [(organization_id, term, day) for term, day in days.items()])


async def set_next_looks(session: AsyncSession, days: Sequence[tuple[UUID, UUID, date | None]]) -> None:
    """Writes the days on which files are looked at again: (organization, therapist, day)."""
    shared: dict[tuple[UUID, date | None], list[UUID]] = {}
    for organization_id, therapist_id, day in days:
        shared.setdefault((organization_id, day), []).append(therapist_id)
    who = TherapistRow
    for (organization_id, day), ids in shared.items():
        for some in chunks(ids):
            mine = (who.organization_id == organization_id, who.id.in_(some))
            await session.execute(update(who).where(*mine).values(next_look_on=day), execution_options=QUIETLY)


async def set_next_of(session: AsyncSession, days: Sequence[tuple[UUID, UUID, date | None]]) -> None:
    """The same over several organizations: (organization, term, day). Terms of one day share a statement."""
    shared: dict[tuple[UUID, date | None], list[UUID]] = {}
    for organization_id, term_id, day in days:
        shared.setdefault((organization_id, day), []).append(term_id)
    if len(shared) > ALONE and len(shared) > len(days) // 4:
        await _set_each(session, days)
        return
    for (organization_id, day), ids in shared.items():
        for some in chunks(ids):
            mine = (TermRow.organization_id == organization_id, TermRow.id.in_(some))
            await session.execute(update(TermRow).where(*mine).values(next_rung_on=day), execution_options=QUIETLY)


async def _set_each(session: AsyncSession, days: Sequence[tuple[UUID, UUID, date | None]]) -> None:
    terms: Any = TermRow.__table__
    mine = (terms.c.organization_id == bindparam("its_organization"), terms.c.id == bindparam("its_id"))
    query = update(terms).where(*mine).values(next_rung_on=bindparam("day"))
    connection = await session.connection()
    await connection.execute(query, [{"its_organization": o, "its_id": t, "day": day} for o, t, day in days])


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
    locks order the two.
    """
    await lock_chains(session, [act.organization_id])
    family = await _family(session, act.organization_id, therapist_ids)
    about = _about(ReminderRow.subject_id, credential_ids) | _about(ReminderRow.therapist_id, family)
    mine = (ReminderRow.organization_id == act.organization_id, about, ReminderRow.state.in_(WAITING))
    found = (await session.execute(select(ReminderRow.id, ReminderRow.therapist_id).where(*mine))).all()
    taken = await take_back(session, act, [row.id for row in found], reason)
    persons = {row.therapist_id for row in found if row.id in taken}
    entries = [_withdrawn(person, len(taken), reason) for person in persons]
    await trail.record_all(session, act=act, entries=entries)
    return len(taken)


async def look_again(session: AsyncSession, *, act: Act, therapist_ids: Collection[UUID]) -> int:
    """These files have changed: what waits to be sent about them as a whole is taken back, in this transaction, and
    decided on again at the planner's next look. How many reminders."""
    note = ReminderRow
    found: list[UUID] = []
    for some in chunks(therapist_ids):
        mine = (note.organization_id == act.organization_id, note.therapist_id.in_(some), note.state.in_(WAITING))
        found += await session.scalars(select(note.id).where(*mine, note.anchor.not_in(OF_TERMS)))
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
    stop = update(OutboxRow).where(*theirs, OutboxRow.state.in_(("pending", "leased")))
    stop = stop.values(state="withdrawn", reply=reason).returning(OutboxRow.id)
    stopped = list(await session.scalars(stop, execution_options=QUIETLY))
    same = (line.organization_id == OutboxRow.organization_id) & (line.outbox_id == OutboxRow.id)
    leaving = select(line.reminder_id).join(OutboxRow, same).where(*theirs, OutboxRow.state == "transmitting")
    taken = set(ids) - set(await session.scalars(leaving))
    mine = (note.organization_id == act.organization_id, note.id.in_(taken), note.state.in_(WAITING))
    changed = update(note).where(*mine).values(state="withdrawn", reason=reason, settled_at=act.effective)
    await session.execute(changed, execution_options=QUIETLY)
    if stopped:
        await queue_the_rest(session, act, stopped, taken)
    return taken


async def reopen(session: AsyncSession, *, act: Act, therapist_id: UUID) -> int:
    """The therapist's address was corrected: reminders that could not reach them are decided again, and so are those
    that wait to be sent, for the old address may be somebody else's; how many.
    """
    await lock_chains(session, [act.organization_id])
    note = ReminderRow
    family = await _family(session, act.organization_id, [therapist_id])
    mine = (note.organization_id == act.organization_id, note.therapist_id.in_(family), note.recipient == THERAPIST)
    waiting = list(await session.scalars(select(note.id).where(*mine, note.state == "queued")))
    stopped = await take_back(session, act, waiting, MOVED)
    unreached = or_(note.state == "failed", and_(note.state == "skipped", note.reason.in_(UNREACHABLE)))
    query = update(note).where(*mine, or_(unreached, note.id.in_(stopped)))
    opened = list(
        await session.scalars(
            query.values(state="planned", reason="", settled_at=None).returning(note.subject_id),
            execution_options=QUIETLY,
        )
    )
    if opened:
        entry = Entry("reminders.reopened", f"therapist:{therapist_id}", therapist_id, new={"count": len(opened)})
        await trail.record(session, act=act, entry=entry)
        await schedule(
            session,
            organization_id=act.organization_id,
            credential_ids=set(opened),
            today=act.effective.date(),
        )
    return len(opened)
