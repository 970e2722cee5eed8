"""Whether what a message says still holds: asked before somebody sends again what was given up some time ago."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import ladders
from compliance.db.queries.reminders import clinics_of
from compliance.db.records import OutboxReminderRow, OutboxRow, ReminderRow
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import OF_TERMS, Rung
from compliance.services.reminders.looking import files_at, matters_of
from compliance.services.reminders.situation import Situation, situations

Place = tuple[UUID, str, object, str, int]
"""Subject, anchor, its day, recipient, rung."""


async def needless(session: AsyncSession, *, row: OutboxRow, now: datetime) -> set[UUID]:
    """The reminders of a message that are not to be sent by it any more: they went out, or wait, by another one, what
    they were about has ended, or they are for somebody else now."""
    line, note = OutboxReminderRow, ReminderRow
    same = (line.organization_id == note.organization_id) & (line.reminder_id == note.id)
    columns = (
        note.id, note.subject_id, note.therapist_id, note.anchor, note.anchor_on, note.recipient, note.rung, note.state,
    )  # fmt: skip
    mine = (line.organization_id == row.organization_id, line.outbox_id == row.id)
    found = (await session.execute(select(*columns).join(line, same).where(*mine))).all()
    its_own = "queued" if row.state == "pending" else "failed"
    here = [each for each in found if each.state == its_own]
    holds = await _of_terms(session, row, here, now) | await _of_files(session, row, here, now)
    return {each.id for each in found if each not in here or _place(each) not in holds}


def _place(note: Any) -> Place:
    return note.subject_id, note.anchor, note.anchor_on, note.recipient, note.rung


async def _of_terms(session: AsyncSession, row: OutboxRow, notes: Sequence[Any], now: datetime) -> set[Place]:
    owned = {each.subject_id: row.organization_id for each in notes if each.anchor in OF_TERMS}
    if not owned:
        return set()
    subjects = await ladders.subjects(session, owned, today=now.date() - ONE_DAY)
    holds: set[Place] = set()
    for here in await situations(session, subjects, now):
        if here.wakes_on is not None and here.wakes_on <= here.today:
            holds |= _places(here, here.subject.credential_id, here.rungs, row.recipient_address)
    return holds


async def _of_files(session: AsyncSession, row: OutboxRow, notes: Sequence[Any], now: datetime) -> set[Place]:
    of_files = [each for each in notes if each.anchor not in OF_TERMS]
    people = {each.therapist_id for each in of_files if each.therapist_id}
    clinics = await clinics_of(session, row.organization_id, {each.subject_id for each in of_files} - people)
    found = await files_at(session, row.organization_id, now, therapist_ids=people, clinic_ids=clinics)
    holds: set[Place] = set()
    for each in found:
        if each.awake:
            for matter, rungs in matters_of(each):
                holds |= _places(each.here, matter.subject_id, rungs, row.recipient_address)
    return holds


def _places(here: Situation, subject_id: UUID, rungs: Iterable[Rung], address: str) -> set[Place]:
    """Rungs that are told to whoever reads at this address."""
    to = {name for name, each in here.contacts.items() if each.envelope == address and not each.unwanted}
    return {
        (subject_id, rung.anchor, rung.anchor_on, rung.recipient, rung.days) for rung in rungs if rung.recipient in to
    }
