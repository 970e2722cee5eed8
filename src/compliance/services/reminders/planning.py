"""The planner: a scan of state without a watermark, so that downtime of any length is caught up by itself.

Whatever is due is decided anew from what is recorded; the key of a reminder makes each one happen once. Chains are
locked first, as every other verb does, so a planner never meets a renewal or another planner half way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.queries import due_terms, ladders
from compliance.db.queries.due_terms import Due
from compliance.db.queries.ladders import Subject
from compliance.db.queries.reminders import Known, known_reminders
from compliance.db.records import OutboxReminderRow, OutboxRow, ReminderRow
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import EXPIRY, REPLACED, Choice, choose, due_at, key, next_rung_day, release_day
from compliance.services import trail
from compliance.services.mailing import REMINDER, Draft, MailSettings, outbox_values
from compliance.services.reminders.message import reminder_facts
from compliance.services.reminders.schedule import QUIETLY, set_next_of, take_back
from compliance.services.reminders.situation import CHANNEL, Situation
from compliance.services.trail import Act, Entry

ACTOR = "job:plan-reminders"
log = structlog.get_logger()
AGAIN = frozenset({"planned", "withdrawn"})
"""States from which a rung may still go out: its address was corrected, or what took it back was itself undone."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What one pass did. `after` is where the next pass goes on; None: nothing is left."""

    queued: int = 0
    skipped: int = 0
    failed: int = 0
    looked_at: int = 0
    after: tuple[date, UUID] | None = None


@dataclass(slots=True)
class _Work:
    """Rows to be written, gathered over a batch."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    going: dict[UUID, dict[str, Any]] = field(default_factory=dict)  # reminder -> its message
    again: list[dict[str, Any]] = field(default_factory=list)
    replaced: dict[UUID, list[UUID]] = field(default_factory=dict)  # organization -> reminders overtaken
    next_days: list[tuple[UUID, UUID, date | None]] = field(default_factory=list)
    entries: dict[UUID, list[Entry]] = field(default_factory=dict)
    failed: int = 0

    def absorb(self, one: _Work) -> None:
        """Takes over what was decided on one term."""
        self.notes += one.notes
        self.going |= one.going
        self.again += one.again
        self.next_days += one.next_days
        for organization_id, ids in one.replaced.items():
            self.replaced.setdefault(organization_id, []).extend(ids)
        for organization_id, entries in one.entries.items():
            self.entries.setdefault(organization_id, []).extend(entries)


async def plan(
    session: AsyncSession,
    *,
    now: datetime,
    mail: MailSettings,
    as_if_at: datetime | None = None,
    organization_id: UUID | None = None,
    batch: int = 500,
    after: tuple[date, UUID] | None = None,
) -> Planned:
    """Decides and queues what is due, at most `batch` terms; call again from `after` until it is None."""
    at = as_if_at or now
    zones = await due_terms.zones(session)
    if not zones:
        return Planned()
    day = max(release_day(at, zone) for zone in zones)
    found = await due_terms.due(session, day, organization_id=organization_id, after=after, limit=batch)
    if not found:
        return Planned()
    work = await _decide(session, found, at, mail)
    written = await _write(session, work, now, as_if_at)
    last = found[-1]
    skipped = sum(note["state"] == "skipped" for note in work.notes)
    after = (last.next_rung_on, last.term_id) if len(found) == batch else None
    return Planned(written, skipped, work.failed, len(found), after)


async def _decide(session: AsyncSession, found: Sequence[Due], at: datetime, mail: MailSettings) -> _Work:
    await due_terms.lock_chains(session, {each.organization_id for each in found})
    owned = {each.credential_id: each.organization_id for each in found}
    subjects = {each.term_id: each for each in await ladders.subjects(session, owned, today=at.date() - ONE_DAY)}
    known = await known_reminders(session, owned)
    work = _Work()
    for each in found:
        subject = subjects.get(each.term_id)
        if subject is None or subject.organization.reminders_started_at is None:
            work.next_days.append((each.organization_id, each.term_id, None))
        elif subject.next_rung_on is not None:  # another planner may have been here while this one waited
            _try_to_climb(work, subject, known, at, mail)
    return work


def _try_to_climb(work: _Work, subject: Subject, known: Known, at: datetime, mail: MailSettings) -> None:
    """A term that cannot be decided on steps aside until tomorrow and blocks nobody."""
    one = _Work()
    try:
        _climb(one, subject, known, at, mail)
    except Exception:
        log.exception("reminders.stepped-aside", credential=str(subject.credential_id), type=subject.type)
        work.failed += 1
        work.next_days.append((subject.organization.id, subject.term_id, at.date() + ONE_DAY))
    else:
        work.absorb(one)


def _climb(work: _Work, subject: Subject, known: Known, at: datetime, mail: MailSettings) -> None:
    """One term: what goes out, what is left out, and when to look again."""
    here = Situation(subject, at)
    if subject.next_rung_on is not None and subject.next_rung_on > here.today:
        return  # its day has not come in its own zone
    wakes_on = here.wakes_on
    next_day = next_rung_day(here.rungs, here.today)
    if wakes_on is None or wakes_on > here.today:  # who comes back unannounced is seen on the day of the next rung
        soonest = min((day for day in (wakes_on, next_day) if day), default=None)
        work.next_days.append((subject.organization.id, subject.term_id, soonest))
        return
    mine = known.get((subject.credential_id, subject.ends_on), {})
    for choice in choose(here.rungs, here.today):
        state = mine.get((choice.rung.recipient, choice.rung.days))
        if state is None or (state.state in AGAIN and (choice.goes_out or state.state == "planned")):
            _settle(work, here, choice, state.id if state else None, mail)
            if choice.goes_out:
                _overtake(work, here, choice, mine)
    work.next_days.append((subject.organization.id, subject.term_id, next_day))


def _overtake(work: _Work, here: Situation, choice: Choice, mine: Any) -> None:
    """A more urgent rung takes the place of an earlier one that has not left yet."""
    waiting = [
        state.id
        for (recipient, days), state in mine.items()
        if recipient == choice.rung.recipient and days > choice.rung.days and state.state == "queued"
    ]
    if waiting:
        work.replaced.setdefault(here.subject.organization.id, []).extend(waiting)


def _settle(work: _Work, here: Situation, choice: Choice, again: UUID | None, mail: MailSettings) -> None:
    """Writes one decision down, with its message where it goes out and there is an address."""
    contact = here.contacts[choice.rung.recipient]
    problem = contact.problem if choice.goes_out else choice.reason
    note = _note(here, choice, again or new_id(here.now), problem)
    (work.again if again else work.notes).append(note)
    if problem:
        return
    draft = _draft(here, choice, contact.envelope or "", mail)
    work.going[note["id"]] = message = outbox_values(draft, mail=mail, now=here.now)
    new = {"recipient": choice.rung.recipient, "rung": choice.rung.days, "ends_on": here.subject.ends_on}
    entry = Entry(
        "reminder.queued",
        f"credential:{here.subject.credential_id}",
        here.therapist_id,
        new=new | {"message": message["message_id"]},
    )
    work.entries.setdefault(here.subject.organization.id, []).append(entry)


def _note(here: Situation, choice: Choice, id_: UUID, problem: str) -> dict[str, Any]:
    rung, subject = choice.rung, here.subject
    return {
        "organization_id": subject.organization.id,
        "id": id_,
        "subject_id": subject.credential_id,
        "term_id": subject.term_id,
        "therapist_id": here.therapist_id,
        "anchor": EXPIRY,
        "anchor_on": subject.ends_on,
        "rung": rung.days,
        "recipient": rung.recipient,
        "channel": CHANNEL,
        "local_date": rung.day,
        "time_zone": here.zone,
        "due_at": due_at(rung.day, here.zone),
        "state": "skipped" if problem else "queued",
        "reason": problem,
        "created_at": here.now,
        "settled_at": here.now if problem else None,
    }


def _draft(here: Situation, choice: Choice, address: str, mail: MailSettings) -> Draft:
    rung, subject = choice.rung, here.subject
    contact = here.contacts[rung.recipient]
    name = key(subject.organization.id, subject.credential_id, subject.ends_on, rung.days, rung.recipient, CHANNEL)
    return Draft(
        organization_id=subject.organization.id,
        kind=REMINDER,
        keys=(name,),
        address=address,
        name=contact.name,
        facts=reminder_facts(here, rung, mail),
        therapist_id=here.therapist_id,
    )


async def _write(session: AsyncSession, work: _Work, now: datetime, as_if_at: datetime | None) -> int:
    """Everything in sets; the number of messages queued."""
    acts = {each: Act(each, ACTOR, now, as_if_at) for each in (*work.entries, *work.replaced)}
    for organization_id, entries in work.entries.items():
        await trail.record_all(session, act=acts[organization_id], entries=entries)
    for organization_id, reminder_ids in work.replaced.items():
        await take_back(session, acts[organization_id], reminder_ids, REPLACED)
    there = await _insert(session, ReminderRow, work.notes)
    await _change_notes(session, work.again)
    queued = await _insert_messages(session, work, there | {each["id"] for each in work.again})
    await set_next_of(session, work.next_days)
    return queued


async def _insert(session: AsyncSession, row: Any, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """Inserts what is not there yet; the reminders (or messages) that are there now because of it.

    Asking for something back makes it statements of many rows each: without, PostgreSQL takes a round for every row.
    """
    if not rows:
        return set()
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    table = row.__table__
    back = table.c.id if "id" in table.c else table.c.reminder_id
    connection = await session.connection()
    return set(await connection.scalars(make(table).on_conflict_do_nothing().returning(back), rows))


async def _change_notes(session: AsyncSession, notes: Iterable[dict[str, Any]]) -> None:
    note = ReminderRow
    for each in notes:
        mine = (note.organization_id == each["organization_id"], note.id == each["id"])
        new = {name: each[name] for name in ("term_id", "state", "reason", "settled_at", "due_at", "time_zone")}
        await session.execute(update(note).where(*mine).values(new), execution_options=QUIETLY)


async def _insert_messages(session: AsyncSession, work: _Work, there: set[UUID]) -> int:
    """Messages of the reminders that were really written: a key that was there already sends nothing."""
    fresh = {note: row for note, row in work.going.items() if note in there}
    revived = await _revive(session, {each["id"] for each in work.again} & set(fresh), fresh)
    new = {note: row for note, row in fresh.items() if note not in revived}
    lines = [
        {"organization_id": row["organization_id"], "outbox_id": row["id"], "reminder_id": note}
        for note, row in new.items()
    ]
    await _insert(session, OutboxRow, list(new.values()))
    await _insert(session, OutboxReminderRow, lines)
    return len(fresh)


async def _revive(session: AsyncSession, notes: set[UUID], fresh: dict[UUID, dict[str, Any]]) -> set[UUID]:
    """A message with the same keys has the same Message-ID: the one that was withdrawn or given up leaves after all."""
    revived: set[UUID] = set()
    fields = (
        "recipient_address", "recipient_name", "facts", "subject", "text", "html", "rendered_on", "state", "next_at",
        "give_up_at",
    )  # fmt: skip
    for note in notes:
        row = fresh[note]
        mine = (OutboxRow.organization_id == row["organization_id"], OutboxRow.message_id == row["message_id"])
        new = {name: row[name] for name in fields} | {"rfc822": None, "sha256": None, "attempts": 0, "reply": ""}
        query = update(OutboxRow).where(*mine, OutboxRow.state.in_(("withdrawn", "dead"))).values(new)
        found = await session.scalars(query.returning(OutboxRow.id), execution_options=QUIETLY)
        if found.first() is not None:
            revived.add(note)
    return revived
