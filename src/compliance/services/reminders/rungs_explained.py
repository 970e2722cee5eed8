"""One rung as it is explained: what was decided and what became of it, or what will be decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from compliance.db.queries.reminders import Known, KnownReminder, Sent
from compliance.domain.reminders import EXPIRY, Choice, Rung
from compliance.services.reminders.situation import Contact, Situation

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
    zone: str
    outbox_id: UUID | None = None
    sent_at: datetime | None = None


def in_order(rung: WhyRung) -> tuple[date, str, int]:
    return rung.day, rung.recipient, -rung.days


def key_of(rung: WhyRung) -> tuple[str, date, str, int]:
    return rung.anchor, rung.anchor_on, rung.recipient, rung.days


@dataclass(frozen=True, slots=True)
class Note:
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


def notes_of(known: Known) -> list[Note]:
    return [
        Note(anchor, anchor_on, recipient, days, note)
        for (_, anchor, anchor_on), some in known.items()
        for (recipient, days), note in some.items()
    ]


def place_of(rung: Rung) -> tuple[str, date, str, int]:
    return rung.anchor, rung.anchor_on, rung.recipient, rung.days


def told(decided: Note, ends_on: date, contacts: Mapping[str, Contact], sent: Mapping[UUID, Sent]) -> WhyRung:
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
        zone=note.zone,
        outbox_id=message.outbox_id if message else None,
        sent_at=message.sent_at if message else None,
    )


def _state(note: KnownReminder, message: Sent | None) -> tuple[str, str]:
    if message is None or note.state in ("skipped", "withdrawn", "planned"):
        return note.state, note.reason
    return _STATES.get(message.state, "queued"), note.reason or message.reply


def not_decided(here: Situation, rung: Rung, choice: Choice | None, last: bool, notice: str) -> WhyRung:
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
        zone=here.zone,
    )
