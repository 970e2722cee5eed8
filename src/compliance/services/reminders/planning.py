"""The planner: a scan of state without a watermark, so that downtime of any length is caught up by itself.

Whatever is due is decided anew from what is recorded; the key of a reminder makes each one happen once. Chains are
locked first, as every other verb does, so a planner never meets a renewal or another planner half way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.queries import due_terms, ladders
from compliance.db.queries.due_terms import Due
from compliance.db.queries.reminders import Known, known_reminders
from compliance.db.records import ReminderRow
from compliance.domain.periods import ONE_DAY
from compliance.domain.release import release_day
from compliance.domain.reminders import REPLACED, THERAPIST, Choice, choose, next_rung_day
from compliance.services import trail
from compliance.services.mailing import MailSettings
from compliance.services.reminders.carrying import Line, Message, carry, insert_rows
from compliance.services.reminders.message import frame_facts, line_facts
from compliance.services.reminders.schedule import QUIETLY, set_next_of, take_back
from compliance.services.reminders.situation import CHANNEL, Situation, situations
from compliance.services.renewal_links import Cycle, renewal_links
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


TOLD = "A letter has sent something back since, with the same words and a reason."


@dataclass(frozen=True, slots=True)
class _Going:
    """A reminder that goes out, with the cycle whose link its line may show."""

    line: Line
    entry: Entry
    cycle: Cycle | None


@dataclass(slots=True)
class _Work:
    """Rows to be written, gathered over a batch."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    again: list[dict[str, Any]] = field(default_factory=list)
    going: dict[UUID, _Going] = field(default_factory=dict)  # by reminder
    replaced: dict[UUID, list[UUID]] = field(default_factory=dict)  # organization -> reminders overtaken
    next_days: list[tuple[UUID, UUID, date | None]] = field(default_factory=list)
    failed: int = 0

    def absorb(self, one: _Work) -> None:
        """Takes over what was decided on one term."""
        self.notes += one.notes
        self.again += one.again
        self.going |= one.going
        self.next_days += one.next_days
        for organization_id, ids in one.replaced.items():
            self.replaced.setdefault(organization_id, []).extend(ids)


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
    clocks = await due_terms.clocks(session)
    if not clocks:
        return Planned()
    day = max(release_day(at, zone, hour) for zone, hour in clocks)
    found = await due_terms.due(session, day, organization_id=organization_id, after=after, limit=batch)
    if not found:
        return Planned()
    work = await _decide(session, found, at, mail)
    written = await _write(session, work, mail, now, as_if_at)
    last = found[-1]
    skipped = sum(note["state"] == "skipped" for note in work.notes)
    after = (last.next_rung_on, last.term_id) if len(found) == batch else None
    return Planned(written, skipped, work.failed, len(found), after)


async def _decide(session: AsyncSession, found: Sequence[Due], at: datetime, mail: MailSettings) -> _Work:
    await due_terms.lock_chains(session, {each.organization_id for each in found})
    owned = {each.credential_id: each.organization_id for each in found}
    subjects = await ladders.subjects(session, owned, today=at.date() - ONE_DAY)
    present = {each.subject.term_id: each for each in await situations(session, subjects, at)}
    known = await known_reminders(session, owned)
    work = _Work()
    for each in found:
        here = present.get(each.term_id)
        if here is None or here.subject.organization.reminders_started_at is None:
            work.next_days.append((each.organization_id, each.term_id, None))
        elif here.subject.next_rung_on is not None:  # another planner may have been here while this one waited
            _try_to_climb(work, here, known, mail)
    return work


def _try_to_climb(work: _Work, here: Situation, known: Known, mail: MailSettings) -> None:
    """A term that cannot be decided on steps aside until tomorrow and blocks nobody."""
    one, subject = _Work(), here.subject
    try:
        _climb(one, here, known, mail)
    except Exception:
        log.exception("reminders.stepped-aside", credential=str(subject.credential_id), type=subject.type)
        work.failed += 1
        work.next_days.append((subject.organization.id, subject.term_id, here.now.date() + ONE_DAY))
    else:
        work.absorb(one)


def _climb(work: _Work, here: Situation, known: Known, mail: MailSettings) -> None:
    """One term: what goes out, what is left out, and when to look again."""
    subject = here.subject
    if here.quiet or (subject.next_rung_on is not None and subject.next_rung_on > here.today):
        return  # its hour has not come in its own zone
    wakes_on = here.wakes_on
    next_day = next_rung_day(here.rungs, here.today)
    if wakes_on is None or wakes_on > here.today:  # who comes back unannounced is seen on the day of the next rung
        soonest = min((day for day in (wakes_on, next_day) if day), default=None)
        work.next_days.append((subject.organization.id, subject.term_id, soonest))
        return
    for choice in choose(here.rungs, here.today):
        mine = known.get((subject.credential_id, choice.rung.anchor, choice.rung.anchor_on), {})
        state = mine.get((choice.rung.recipient, choice.rung.days))
        if choice.goes_out and here.silence(choice.rung):
            continue
        if state is None or (state.state in AGAIN and (choice.goes_out or state.state == "planned")):
            told = state is None and choice.goes_out and here.told(choice.rung)
            decided = replace(choice, goes_out=False, reason=TOLD) if told else choice
            _settle(work, here, decided, state.id if state else None, mail)
            if choice.goes_out:
                _overtake(work, here, choice, mine)
    soonest = min((day for day in (here.speaks_again_on, next_day) if day), default=None)
    work.next_days.append((subject.organization.id, subject.term_id, soonest))


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
    """Writes one decision down, with its line where it goes out and there is an address."""
    problem = here.contacts[choice.rung.recipient].problem if choice.goes_out else choice.reason
    note = _note(here, choice, again or new_id(here.now), problem)
    (work.again if again else work.notes).append(note)
    if not problem:
        work.going[note["id"]] = _going(here, choice, note["id"], mail)


def _note(here: Situation, choice: Choice, id_: UUID, problem: str) -> dict[str, Any]:
    rung, subject = choice.rung, here.subject
    return {
        "organization_id": subject.organization.id,
        "id": id_,
        "subject_id": subject.credential_id,
        "term_id": subject.term_id,
        "therapist_id": here.therapist_id,
        "anchor": rung.anchor,
        "anchor_on": rung.anchor_on,
        "rung": rung.days,
        "recipient": rung.recipient,
        "channel": CHANNEL,
        "local_date": rung.day,
        "time_zone": here.zone,
        "due_at": here.due_at(rung.day),
        "state": "skipped" if problem else "queued",
        "reason": problem,
        "created_at": here.now,
        "settled_at": here.now if problem else None,
    }


def _going(here: Situation, choice: Choice, id_: UUID, mail: MailSettings) -> _Going:
    rung, subject, holder = choice.rung, here.subject, here.subject.holder
    contact = here.contacts[rung.recipient]
    address, cycle = contact.envelope or "", None
    if rung.recipient == THERAPIST and holder is not None and mail.secret:
        cycle = Cycle(subject.organization.id, holder.id, subject.credential_id, subject.ends_on, address)
    line = Line(
        organization_id=subject.organization.id,
        whom=contact.whom,
        address=address,
        name=contact.name,
        therapist_id=here.therapist_id,
        frame=frame_facts(here, rung.recipient),
        facts=line_facts(here, rung, mail) | {"id": str(id_)},
    )
    new = {"recipient": rung.recipient, "anchor": rung.anchor, "rung": rung.days, "on": rung.anchor_on}
    entry = Entry("reminder.queued", f"credential:{subject.credential_id}", here.therapist_id, new=new)
    return _Going(line, entry, cycle)


async def _write(
    session: AsyncSession, work: _Work, mail: MailSettings, now: datetime, as_if_at: datetime | None
) -> int:
    """Everything in sets; the number of reminders queued."""
    for organization_id, reminder_ids in work.replaced.items():
        await take_back(session, Act(organization_id, ACTOR, now, as_if_at), reminder_ids, REPLACED)
    there = await insert_rows(session, ReminderRow, work.notes) | {each["id"] for each in work.again}
    await _change_notes(session, work.again)
    going = {id_: each for id_, each in work.going.items() if id_ in there}  # a key that was there sends nothing
    lines = await _linked(session, going.values(), mail, as_if_at or now)
    messages = await carry(session, lines, mail=mail, at=as_if_at or now)
    await _record(session, going, messages, now, as_if_at)
    await set_next_of(session, work.next_days)
    return len(going)


async def _linked(session: AsyncSession, going: Iterable[_Going], mail: MailSettings, at: datetime) -> list[Line]:
    """The lines, each of a therapist with the link to answer by; one whose link was ended says where to reply."""
    every = list(going)
    wanted = {each.cycle for each in every if each.cycle}
    links = await renewal_links(session, mail=mail, wanted=wanted, now=at) if wanted else {}
    return [_with_link(each.line, links.get(each.cycle) if each.cycle else None) for each in every]


def _with_link(line: Line, link: str | None) -> Line:
    return replace(line, facts=dict(line.facts) | {"link": link, "link_is": "renewal"}) if link else line


async def _record(
    session: AsyncSession,
    going: dict[UUID, _Going],
    messages: Sequence[Message],
    now: datetime,
    as_if_at: datetime | None,
) -> None:
    """Each reminder's entry in the trail, with the message that carries it."""
    entries: dict[UUID, list[Entry]] = {}
    for message in messages:
        for each in message.reminder_ids:
            if each in going:
                entry, organization_id = going[each].entry, message.row["organization_id"]
                said = replace(entry, new=dict(entry.new) | {"message": message.row["message_id"]})
                entries.setdefault(organization_id, []).append(said)
    for organization_id, some in entries.items():
        await trail.record_all(session, act=Act(organization_id, ACTOR, now, as_if_at), entries=some)


async def _change_notes(session: AsyncSession, notes: Iterable[dict[str, Any]]) -> None:
    note = ReminderRow
    for each in notes:
        mine = (note.organization_id == each["organization_id"], note.id == each["id"])
        new = {name: each[name] for name in ("term_id", "state", "reason", "settled_at", "due_at", "time_zone")}
        await session.execute(update(note).where(*mine).values(new), execution_options=QUIETLY)
