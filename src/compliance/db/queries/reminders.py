"""Reminders as they were decided, and what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.owned import Owned, among
from compliance.db.records import ClinicRow, CredentialRow, OutboxReminderRow, OutboxRow, ReminderRow, WaiverRow
from compliance.domain.reminders import OF_TERMS


@dataclass(frozen=True, slots=True)
class KnownReminder:
    """A rung that was decided."""

    id: UUID
    state: str
    reason: str
    due_at: datetime
    term_id: UUID | None
    day: date
    zone: str


Known = dict[tuple[UUID, str, date], dict[tuple[str, int], KnownReminder]]
"""By (subject, anchor, its day), then by (recipient, rung)."""


async def known_reminders(session: AsyncSession, owned: Owned) -> Known:
    """What was decided about these subjects (credentials, most often), each named with its organization."""
    note = ReminderRow
    columns = (
        note.subject_id, note.anchor, note.anchor_on, note.recipient, note.rung, note.id, note.state, note.reason,
        note.due_at, note.term_id, note.local_date, note.time_zone,
    )  # fmt: skip
    found: Known = defaultdict(dict)
    for some in among(note, note.subject_id, owned):
        for row in await session.execute(select(*columns).where(some)):
            known = KnownReminder(row.id, row.state, row.reason, row.due_at, row.term_id, row.local_date, row.time_zone)
            found[row.subject_id, row.anchor, row.anchor_on][row.recipient, row.rung] = known
    return found


async def known_of_files(session: AsyncSession, owned: Owned) -> dict[UUID, Known]:
    """What was decided on these therapists' files as a whole, by therapist: all but what is about a term's end."""
    note = ReminderRow
    columns = (
        note.therapist_id, note.subject_id, note.anchor, note.anchor_on, note.recipient, note.rung, note.id, note.state,
        note.reason, note.due_at, note.term_id, note.local_date, note.time_zone,
    )  # fmt: skip
    found: dict[UUID, Known] = defaultdict(lambda: defaultdict(dict))
    for some in among(note, note.therapist_id, owned):
        query = select(*columns).where(some, note.anchor.not_in(OF_TERMS))
        for row in await session.execute(query):
            place = (row.subject_id, row.anchor, row.anchor_on)
            known = KnownReminder(row.id, row.state, row.reason, row.due_at, row.term_id, row.local_date, row.time_zone)
            found[row.therapist_id][place][row.recipient, row.rung] = known
    return found


async def clinics_of(session: AsyncSession, organization_id: UUID, subject_ids: Collection[UUID]) -> set[UUID]:
    """Whose own files these subjects of reminders belong to: clinics, or credentials and exceptions of clinics."""
    place, held, waived = ClinicRow, CredentialRow, WaiverRow
    themselves = select(place.id).where(place.organization_id == organization_id, place.id.in_(subject_ids))
    theirs = select(held.clinic_id).where(held.organization_id == organization_id, held.id.in_(subject_ids))
    spared = select(waived.clinic_id).where(waived.organization_id == organization_id, waived.id.in_(subject_ids))
    both = (theirs.where(held.clinic_id.is_not(None)), spared.where(waived.therapist_id.is_(None)))
    found = await session.scalars(themselves.union(*both)) if subject_ids else ()
    return set(found)


async def known_of_clinics(
    session: AsyncSession, organization_id: UUID, held: Mapping[UUID, UUID]
) -> dict[UUID, Known]:
    """What was decided on what clinics themselves hold, by clinic: all but what is about a term's end. `held` names the
    clinic of each subject, which is one of its credentials or the clinic itself."""
    found: dict[UUID, Known] = defaultdict(lambda: defaultdict(dict))
    for place, decided in (await known_reminders(session, dict.fromkeys(held, organization_id))).items():
        if place[1] not in OF_TERMS:
            found[held[place[0]]][place] = decided
    return found


@dataclass(frozen=True, slots=True)
class Sent:
    """The message that carries a reminder."""

    outbox_id: UUID
    state: str
    address: str
    reply: str
    next_at: datetime
    sent_at: datetime | None


async def carriers(session: AsyncSession, organization_id: UUID, reminder_ids: list[UUID]) -> dict[UUID, Sent]:
    """The message of each reminder that has one: that which may arrive or has, else the last one withdrawn."""
    line, mail = OutboxReminderRow, OutboxRow
    same = (line.organization_id == mail.organization_id) & (line.outbox_id == mail.id)
    columns = (
        line.reminder_id, mail.id, mail.state, mail.recipient_address, mail.reply, mail.next_at, mail.sent_at,
    )  # fmt: skip
    mine = (line.organization_id == organization_id, line.reminder_id.in_(reminder_ids))
    gone = case((mail.state == "withdrawn", 0), else_=1)
    found = await session.execute(select(*columns).join(mail, same).where(*mine).order_by(gone, mail.created_at))
    return {row[0]: Sent(row[1], row[2], row[3], row[4], row[5], row[6]) for row in found}
