"""Why a person got a mail, or none; and what will go out, before it does. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import ladders
from compliance.db.queries.files import credential_files
from compliance.db.queries.ladders import Subject
from compliance.db.queries.own_ladders import OwnLadder
from compliance.db.queries.reminders import Known, KnownReminder, Sent, carriers, known_of_files, known_reminders
from compliance.db.records import CredentialRow, TermRow
from compliance.domain.credential_types import Ladder
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import EXPIRY, Choice, Rung, choose, endless
from compliance.rendering import day
from compliance.services import assessments
from compliance.services.reminders.looking import matters_of, rests_until
from compliance.services.reminders.situation import Contact, Situation, label, situations

OFF: Final = "Reminders of this organization are not switched on yet."
LEFT: Final = "Nothing goes out, because the therapist does not work here now."
RESTS: Final = "Nothing goes out until {}: the therapist is away or has not started."
NO_END: Final = "It does not end, so there is nothing to remind of."
VOIDED: Final = "The credential was voided."
LATER: Final = "A later term is recorded."
QUIET: Final = "It waits until the organization's quiet hours or the weekend are over."
NEXT_ROUND: Final = "It goes out with the planner's next round."

_STATES: Final = {"sent": "sent", "kept": "kept", "held": "held", "dead": "failed", "bounced": "failed"}


@dataclass(frozen=True, slots=True)
class WhyRung:
    """One rung of one term: state is upcoming, planned, queued, sent, kept, held, skipped, withdrawn or failed."""

    term_id: UUID | None
    ends_on: date
    anchor: str
    anchor_on: date
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
class LadderInForce:
    """By which steps a credential is reminded of, and where they come from: `own` is what somebody set for it, for its
    type or for everything here; None: the catalog's."""

    ladder: Ladder
    own: OwnLadder | None
    opens_on: date | None
    apply_by: date | None


@dataclass(frozen=True, slots=True)
class Why:
    """All that is to be said about one credential's reminders, or (no credential) about a file's as a whole; `notice`
    where nothing will go out at all, `ladder` the one in force."""

    credential_id: UUID | None
    label: str
    therapist_id: UUID | None
    therapist: str
    notice: str
    rungs: tuple[WhyRung, ...]
    ladder: LadderInForce | None = None


async def why(session: AsyncSession, organization_id: UUID, credential_id: UUID, now: datetime) -> Why:
    """Every rung of every term of one credential, with its state and its reason. Raises LookupError for a stranger."""
    owned = {credential_id: organization_id}
    held = await _credential(session, organization_id, credential_id)
    found = await ladders.subjects(session, owned, today=now.date() - ONE_DAY)
    notes = _decided_on(await known_reminders(session, owned))
    sent = await carriers(session, organization_id, [each.note.id for each in notes])
    last = next(iter(await situations(session, found, now)), None)
    if last is None:
        rungs = [_decided(each, each.anchor_on, {}, sent) for each in notes]
        return Why(credential_id, label(*held), None, "", VOIDED, tuple(sorted(rungs, key=_in_order)))
    every = [*(replace(last, subject=each, answer=None) for each in await _earlier(session, last.subject)), last]
    mine = {here.subject.term_id: [each for each in notes if each.of(here)] for here in every}
    shown = {each.note.id for some in mine.values() for each in some}
    rungs = [_decided(each, each.anchor_on, last.contacts, sent) for each in notes if each.note.id not in shown]
    rungs.sort(key=_in_order)
    for here in every:
        rungs += _explained(here, here is last, _notice(last), mine[here.subject.term_id], sent)
    rungs += await _looks(session, last, {(each.anchor, each.anchor_on, each.recipient, each.days) for each in rungs})
    ladder = LadderInForce(last.ladder, last.subject.own_ladder, last.law.opens_on, last.law.apply_by)
    about = (credential_id, last.label, last.therapist_id, last.holder_name)
    return Why(*about, _notice(last), tuple(rungs), ladder)


async def why_file(session: AsyncSession, organization_id: UUID, therapist_id: UUID, now: datetime) -> Why:
    """The same for a file as a whole: what is missing, looks that are due, exceptions that end. Raises LookupError."""
    owned = {therapist_id: organization_id}
    about = (await ladders.files(session, owned, today=now.date() - ONE_DAY)).get(therapist_id)
    if about is None or about.holder is None:
        raise LookupError(f"No therapist has the id {therapist_id}.")
    here = Situation(about, now)
    known = (await known_of_files(session, owned)).get(therapist_id, {})
    notes = _decided_on(known)
    sent = await carriers(session, organization_id, [each.note.id for each in notes])
    rungs = [_decided(each, each.anchor_on, here.contacts, sent) for each in notes]
    shown = {(each.anchor, each.anchor_on, each.recipient, each.days) for each in rungs}
    rungs += [each for each, _ in await _of_file(session, here) if _key(each) not in shown]
    notice = OFF if about.organization.reminders_started_at is None else _rests(here)
    return Why(None, "", therapist_id, here.holder_name, notice, tuple(sorted(rungs, key=_in_order)))


async def _looks(session: AsyncSession, here: Situation, shown: set[tuple[str, date, str, int]]) -> list[WhyRung]:
    """Looks at the credential's source that are due or lie ahead, where nothing was decided on them yet."""
    if here.subject.holder is None or here.subject.organization.reminders_started_at is None:
        return []
    owned = {here.subject.holder.id: here.subject.organization.id}
    about = (await ladders.files(session, owned, today=here.now.date() - ONE_DAY)).get(here.subject.holder.id)
    found = await _of_file(session, Situation(about, here.now)) if about else []
    mine = here.subject.credential_id
    return [each for each, credential_id in found if credential_id == mine and _key(each) not in shown]


def _key(rung: WhyRung) -> tuple[str, date, str, int]:
    return rung.anchor, rung.anchor_on, rung.recipient, rung.days


async def _of_file(session: AsyncSession, here: Situation) -> list[tuple[WhyRung, UUID | None]]:
    """Rungs of what follows from a file now, each with the credential that it is about."""
    ours, holder = here.subject.organization.id, here.subject.credential_id
    around = await assessments.frame(session, ours)
    file = (await credential_files(session, ours, [holder])).get(holder)
    if file is None:
        return []
    found = []
    for matter, rungs in matters_of(around, file, here):
        reached = {_place(each.rung): each for each in choose(rungs, here.today)}
        for rung in rungs:
            told = _open(here, rung, reached.get(_place(rung)), True, _rests(here))
            told = replace(told, term_id=None, ends_on=matter.on)
            found.append((told, matter.credential.id if matter.credential else None))
    return found


def _rests(here: Situation) -> str:
    awake = rests_until(here)
    if awake is None:
        return LEFT
    return "" if awake <= here.today else RESTS.format(day(awake))


def _in_order(rung: WhyRung) -> tuple[date, str, int]:
    return rung.day, rung.recipient, -rung.days


@dataclass(frozen=True, slots=True)
class _Note:
    """A rung that was decided, with the whole of its key."""

    anchor: str
    anchor_on: date
    recipient: str
    days: int
    note: KnownReminder

    @property
    def place(self) -> tuple[str, date, str, int]:
        return self.anchor, self.anchor_on, self.recipient, self.days

    def of(self, here: Situation) -> bool:
        """Whether it was about this term. One whose last day was corrected since is about no term there is."""
        if self.anchor == EXPIRY:
            return self.anchor_on == here.subject.ends_on
        return self.note.term_id == here.subject.term_id


def _decided_on(known: Known) -> list[_Note]:
    return [
        _Note(anchor, anchor_on, recipient, days, note)
        for (_, anchor, anchor_on), some in known.items()
        for (recipient, days), note in some.items()
    ]


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
    here: Situation, last: bool, notice: str, decided: list[_Note], sent: Mapping[UUID, Sent]
) -> list[WhyRung]:
    reached = {_place(each.rung): each for each in choose(here.rungs, here.today)}
    known = {each.place for each in decided}
    found = [_decided(each, here.subject.ends_on, here.contacts, sent) for each in decided]
    if not last:
        found = [replace(each, state="skipped", reason=LATER) if each.state == "planned" else each for each in found]
    if last or found:
        rungs = [rung for rung in here.rungs if _place(rung) not in known]
        found += [_open(here, rung, reached.get(_place(rung)), last, notice) for rung in rungs]
    return sorted(found, key=_in_order)


def _place(rung: Rung) -> tuple[str, date, str, int]:
    return rung.anchor, rung.anchor_on, rung.recipient, rung.days


def _decided(decided: _Note, ends_on: date, contacts: Mapping[str, Contact], sent: Mapping[UUID, Sent]) -> WhyRung:
    note = decided.note
    message, contact = sent.get(note.id), contacts.get(decided.recipient)
    state, reason = _state(note, message)
    return WhyRung(
        term_id=note.term_id,
        ends_on=ends_on,
        anchor=decided.anchor,
        anchor_on=decided.anchor_on,
        day=note.day,
        days=decided.days,
        recipient=decided.recipient,
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
    elif choice.goes_out and here.silence(rung):
        state, reason = "planned", here.silence(rung)
    elif choice.goes_out:
        state, reason = "planned", notice or contact.problem or (QUIET if here.quiet else NEXT_ROUND)
    else:
        state, reason = "skipped", choice.reason
    return WhyRung(
        term_id=here.subject.term_id,
        ends_on=here.subject.ends_on,
        anchor=rung.anchor,
        anchor_on=rung.anchor_on,
        day=rung.day,
        days=rung.days,
        recipient=rung.recipient,
        recipient_name=contact.name,
        address=contact.address,
        state=state,
        reason=reason,
        due_at=here.due_at(rung.day),
    )
