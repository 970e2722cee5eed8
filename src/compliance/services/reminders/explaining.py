"""Why a person got a mail, or none; and what will go out, before it does. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import ladders
from compliance.db.queries.ladders import Subject
from compliance.db.queries.reminders import Known, KnownReminder, Sent, carriers, known_reminders
from compliance.db.records import CredentialRow, TermRow
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import Choice, Rung, choose, due_at, endless
from compliance.rendering import day
from compliance.services.reminders.going_live import Line, line_of, situations
from compliance.services.reminders.situation import Contact, Situation, label

OFF: Final = "Reminders of this organization are not switched on yet."
LEFT: Final = "Nothing goes out, because the therapist does not work here now."
RESTS: Final = "Nothing goes out until {}: the therapist is away or has not started."
NO_END: Final = "It does not end, so there is nothing to remind of."
VOIDED: Final = "The credential was voided."
LATER: Final = "A later term is recorded."
NEXT_ROUND: Final = "It goes out with the planner's next round."

_STATES: Final = {"sent": "sent", "kept": "kept", "held": "held", "dead": "failed", "bounced": "failed"}


@dataclass(frozen=True, slots=True)
class WhyRung:
    """One rung of one term: state is upcoming, planned, queued, sent, kept, held, skipped, withdrawn or failed."""

    term_id: UUID | None
    ends_on: date
    day: date
    days: int
    recipient: str
    recipient_name: str
    address: str | None
    state: str
    reason: str
    due_at: datetime
    outbox_id: UUID | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """All that is to be said about one credential's reminders; `notice` where nothing will go out at all."""

    credential_id: UUID
    label: str
    therapist_id: UUID | None
    therapist: str
    notice: str
    rungs: tuple[WhyRung, ...]


async def upcoming(session: AsyncSession, organization_id: UUID, days: int, now: datetime) -> tuple[Line, ...]:
    """What goes out after today and up to so many days ahead, if nothing changes, soonest first."""
    lines = [
        line_of(here, rung)
        for here in await situations(session, organization_id, now)
        for rung in here.rungs
        if here.today < rung.day <= here.today + timedelta(days=days)
    ]
    return tuple(sorted(lines, key=lambda line: (line.due_at, line.therapist, line.label, line.recipient)))


async def why(session: AsyncSession, organization_id: UUID, credential_id: UUID, now: datetime) -> Why:
    """Every rung of every term of one credential, with its state and its reason. Raises LookupError for a stranger."""
    owned = {credential_id: organization_id}
    held = await _credential(session, organization_id, credential_id)
    last = next(iter(await ladders.subjects(session, owned, today=now.date() - ONE_DAY)), None)
    known = await known_reminders(session, owned)
    sent = await carriers(session, organization_id, [each.id for some in known.values() for each in some.values()])
    if last is None:
        rungs = _recorded(known, set(), {}, sent)
        return Why(credential_id, label(*held), None, "", VOIDED, tuple(rungs))
    here, rungs = Situation(last, now), []
    for subject in (*await _earlier(session, last), last):
        decided = known.get((subject.credential_id, subject.ends_on), {})
        rungs += _explained(Situation(subject, now), subject is last, _notice(here), decided, sent)
    rungs = _recorded(known, {each.ends_on for each in rungs}, here.contacts, sent) + rungs
    return Why(credential_id, here.label, here.therapist_id, here.holder_name, _notice(here), tuple(rungs))


async def _credential(session: AsyncSession, organization_id: UUID, credential_id: UUID) -> tuple[str, str | None]:
    mine = (CredentialRow.organization_id == organization_id, CredentialRow.id == credential_id)
    query = select(CredentialRow.type, CredentialRow.jurisdiction).where(*mine)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise LookupError(f"No credential has the id {credential_id}.")
    return found.type, found.jurisdiction


async def _earlier(session: AsyncSession, last: Subject) -> list[Subject]:
    """The same credential with each of its earlier terms."""
    mine = (TermRow.organization_id == last.organization.id, TermRow.credential_id == last.credential_id)
    query = select(TermRow.id, TermRow.ends_on).where(*mine, TermRow.voided_seq.is_(None), TermRow.id != last.term_id)
    found = await session.execute(query.order_by(TermRow.ends_on))
    return [replace(last, term_id=term, ends_on=ends_on) for term, ends_on in found]


def _notice(here: Situation) -> str:
    if here.subject.organization.reminders_started_at is None:
        return OFF
    if endless(here.subject.ends_on):
        return NO_END
    if here.wakes_on is None:
        return LEFT
    return "" if here.wakes_on <= here.today else RESTS.format(day(here.wakes_on))


def _explained(
    here: Situation,
    last: bool,
    notice: str,
    decided: Mapping[tuple[str, int], KnownReminder],
    sent: Mapping[UUID, Sent],
) -> list[WhyRung]:
    reached = {(each.rung.recipient, each.rung.days): each for each in choose(here.rungs, here.today)}
    rungs = {(rung.recipient, rung.days): rung for rung in here.rungs}
    found = [_decided(here.contacts, here.subject.ends_on, key, decided[key], sent) for key in decided]
    if not last:
        found = [replace(each, state="skipped", reason=LATER) if each.state == "planned" else each for each in found]
    open_rungs = [rung for key, rung in rungs.items() if key not in decided]
    if last or found:
        found += [_open(here, rung, reached.get((rung.recipient, rung.days)), last, notice) for rung in open_rungs]
    return sorted(found, key=lambda each: (each.day, each.recipient))


def _recorded(
    known: Known, shown: set[date], contacts: Mapping[str, Contact], sent: Mapping[UUID, Sent]
) -> list[WhyRung]:
    """What was decided on a last day that was corrected since, or that was on a term or credential now void."""
    gone = [(on, key, note) for (_, on), decided in known.items() if on not in shown for key, note in decided.items()]
    found = [_decided(contacts, on, key, note, sent) for on, key, note in gone]
    return sorted(found, key=lambda each: (each.day, each.recipient))


def _decided(
    contacts: Mapping[str, Contact], on: date, key: tuple[str, int], note: KnownReminder, sent: Mapping[UUID, Sent]
) -> WhyRung:
    recipient, days = key
    message = sent.get(note.id)
    contact = contacts.get(recipient)
    state, reason = _state(note, message)
    return WhyRung(
        term_id=note.term_id,
        ends_on=on,
        day=on - timedelta(days=days),
        days=days,
        recipient=recipient,
        recipient_name=contact.name if contact else "",
        address=message.address if message else contact.address if contact else None,
        state=state,
        reason=reason,
        due_at=note.due_at,
        outbox_id=message.outbox_id if message else None,
        sent_at=message.sent_at if message else None,
    )


def _state(note: KnownReminder, message: Sent | None) -> tuple[str, str]:
    if message is None or note.state in ("skipped", "withdrawn", "planned"):
        return note.state, note.reason
    return _STATES.get(message.state, "queued"), note.reason or message.reply


def _open(here: Situation, rung: Rung, choice: Choice | None, last: bool, notice: str) -> WhyRung:
    """A rung that nothing was decided on yet."""
    contact = here.contacts[rung.recipient]
    if not last:
        state, reason = "skipped", LATER
    elif choice is None:
        state, reason = "upcoming", notice or contact.problem
    elif choice.goes_out:
        state, reason = "planned", notice or contact.problem or NEXT_ROUND
    else:
        state, reason = "skipped", choice.reason
    return WhyRung(
        term_id=here.subject.term_id,
        ends_on=here.subject.ends_on,
        day=rung.day,
        days=rung.days,
        recipient=rung.recipient,
        recipient_name=contact.name,
        address=contact.address,
        state=state,
        reason=reason,
        due_at=due_at(rung.day, here.zone),
    )
