"""The planner: a scan of state without a watermark, so that downtime of any length is caught up by itself.

Whatever is due is decided anew from what is recorded; the key of a reminder makes each one happen once. Chains are
locked first, as every other verb does, so a planner never meets a renewal or another planner half way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import due_terms, ladders
from compliance.db.queries.due_terms import Due, DueLook
from compliance.db.queries.reminders import Known, known_reminders
from compliance.db.records import ClinicRow, ReminderRow
from compliance.domain.periods import ONE_DAY
from compliance.domain.release import release_day
from compliance.domain.reminders import next_rung_day
from compliance.services import trail
from compliance.services.mailing import MailSettings
from compliance.services.reminders.carrying import Line, Message, carry, insert_rows
from compliance.services.reminders.climbing import Going, Subject, Work, climb
from compliance.services.reminders.hours import with_hours
from compliance.services.reminders.looking import look_over
from compliance.services.reminders.message import term_facts
from compliance.services.reminders.schedule import QUIETLY, set_next_looks, set_next_of
from compliance.services.reminders.situation import Situation, situations
from compliance.services.reminders.withdrawing import take_back
from compliance.services.renewal_links import renewal_links
from compliance.services.trail import Act, Entry

ACTOR = "job:plan-reminders"
log = structlog.get_logger()
LOOKS = 200  # files in one batch: each is read whole


class Place(NamedTuple):
    """How far a pass has come: among terms, or behind them among files."""

    files: bool
    day: date
    id: UUID


@dataclass(frozen=True, slots=True)
class Planned:
    """What one pass did. `after` is where the next pass goes on; None: nothing is left."""

    queued: int = 0
    skipped: int = 0
    failed: int = 0
    looked_at: int = 0
    after: Place | None = None


async def plan(
    session: AsyncSession,
    *,
    now: datetime,
    mail: MailSettings,
    as_if_at: datetime | None = None,
    organization_id: UUID | None = None,
    batch: int = 500,
    after: Place | None = None,
) -> Planned:
    """Decides and queues what is due: at most `batch` terms, and behind the last of them files as a whole; call again
    from `after` until it is None. Clinics' own files are looked at with the last of them."""
    at = as_if_at or now
    clocks = await due_terms.clocks(session)
    if not clocks:
        return Planned()
    day, work = max(release_day(at, zone, hour) for zone, hour in clocks), Work()
    found: Sequence[Due] = ()
    looks: Sequence[DueLook] = ()
    clinics: Sequence[DueLook] = ()
    goes_on = None
    if after is None or not after.files:
        begun = (after.day, after.id) if after else None
        found = await due_terms.due(session, day, organization_id=organization_id, after=begun, limit=batch)
        goes_on = Place(False, found[-1].next_rung_on, found[-1].term_id) if len(found) == batch else None
    if goes_on is None:
        begun = (after.day, after.id) if after and after.files else None
        looks = await due_terms.due_looks(session, day, organization_id=organization_id, after=begun, limit=LOOKS)
        goes_on = Place(True, looks[-1].next_look_on, looks[-1].holder_id) if len(looks) == LOOKS else None
    if goes_on is None:  # of more clinics than these the rest is looked at in the next round
        clinics = await due_terms.due_clinics(session, day, organization_id=organization_id, limit=LOOKS)
    # All chains at once and in one order: locked in two steps, two planners would wait for each other for ever.
    owners = {each.organization_id for some in (found, looks, clinics) for each in some}
    await due_terms.lock_chains(session, owners)
    await _decide(session, work, found, at, mail)
    await look_over(session, work, looks, clinics, at, mail)
    looked_at = len(found) + len(looks) + len(clinics)
    written = await write(session, work, mail, now, as_if_at) if looked_at else 0
    return Planned(written, sum(note["state"] == "skipped" for note in work.notes), work.failed, looked_at, goes_on)


async def _decide(session: AsyncSession, work: Work, found: Sequence[Due], at: datetime, mail: MailSettings) -> None:
    if not found:
        return
    await due_terms.lock_chains(session, {each.organization_id for each in found})
    owned = {each.credential_id: each.organization_id for each in found}
    subjects = await ladders.subjects(session, owned, today=at.date() - ONE_DAY)
    present = {each.subject.term_id: each for each in await situations(session, subjects, at)}
    known = await known_reminders(session, owned)
    for each in found:
        here = present.get(each.term_id)
        if here is None or here.subject.organization.reminders_started_at is None:
            work.next_days.append((each.organization_id, each.term_id, None))
        elif here.subject.next_rung_on is not None:  # another planner may have been here while this one waited
            _try_to_climb(work, here, known, mail)


def _try_to_climb(work: Work, here: Situation, known: Known, mail: MailSettings) -> None:
    """A term that cannot be decided on steps aside until tomorrow and blocks nobody."""
    one, subject = Work(), here.subject
    try:
        _climb(one, here, known, mail)
    except Exception:
        log.exception("reminders.stepped-aside", credential=str(subject.credential_id), type=subject.type)
        work.failed += 1
        work.next_days.append((subject.organization.id, subject.term_id, here.now.date() + ONE_DAY))
    else:
        work.absorb(one)


def _climb(work: Work, here: Situation, known: Known, mail: MailSettings) -> None:
    """One term: what goes out, what is left out, and when to look again."""
    about = here.subject
    if about.next_rung_on is not None and about.next_rung_on > here.today:
        return  # its day has not come in its own zone
    next_day = next_rung_day(here.rungs, here.today)
    if here.resumes_on != here.today:  # who comes back unannounced is seen on the day of the next rung
        soonest = min((day for day in (here.resumes_on, next_day) if day), default=None)
    else:
        entry = f"credential:{about.credential_id}"
        climb(work, here, Subject(about.credential_id, about.term_id, entry, here.rungs, term_facts), known, mail)
        soonest = min((day for day in (here.speaks_again_on, next_day) if day), default=None)
    work.next_days.append((about.organization.id, about.term_id, soonest))


async def write(
    session: AsyncSession,
    work: Work,
    mail: MailSettings,
    now: datetime,
    as_if_at: datetime | None,
    actor: str = ACTOR,
) -> int:
    """Everything in sets; the number of reminders queued. The chains are locked by the caller."""
    for (organization_id, reason), reminder_ids in work.gone.items():
        await take_back(session, Act(organization_id, actor, now, as_if_at), reminder_ids, reason)
    there = await insert_rows(session, ReminderRow, work.notes) | {each["id"] for each in work.again}
    await _change_notes(session, work.again)
    going = {id_: each for id_, each in work.going.items() if id_ in there}  # a key that was there sends nothing
    lines = await _linked(session, going.values(), mail, as_if_at or now)
    lines = await with_hours(session, lines, (as_if_at or now).date())
    messages = await carry(session, lines, mail=mail, at=as_if_at or now)
    await _record(session, going, messages, now, as_if_at, actor)
    await set_next_of(session, work.next_days)
    await set_next_looks(session, work.next_looks)
    await set_next_looks(session, work.clinic_looks, ClinicRow)
    return len(going)


async def _linked(session: AsyncSession, going: Iterable[Going], mail: MailSettings, at: datetime) -> list[Line]:
    """The lines, each of a therapist with the link to answer by; one whose link was ended says where to reply."""
    every = list(going)
    wanted = {each.cycle for each in every if each.cycle}
    links = await renewal_links(session, mail=mail, wanted=wanted, now=at) if wanted else {}
    return [_with_link(each.line, links.get(each.cycle) if each.cycle else None) for each in every]


def _with_link(line: Line, link: str | None) -> Line:
    return replace(line, facts=dict(line.facts) | {"link": link, "link_is": "renewal"}) if link else line


async def _record(
    session: AsyncSession,
    going: dict[UUID, Going],
    messages: Sequence[Message],
    now: datetime,
    as_if_at: datetime | None,
    actor: str,
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
        await trail.record_all(session, act=Act(organization_id, actor, now, as_if_at), entries=some)


async def _change_notes(session: AsyncSession, notes: Iterable[dict[str, Any]]) -> None:
    note = ReminderRow
    for each in notes:
        mine = (note.organization_id == each["organization_id"], note.id == each["id"])
        new = {name: each[name] for name in ("term_id", "state", "reason", "settled_at", "due_at", "time_zone")}
        await session.execute(update(note).where(*mine).values(new), execution_options=QUIETLY)
