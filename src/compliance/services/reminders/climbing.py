"""One subject at one instant: which of its reminders go out, which are left out and why. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from compliance.crypto.ids import new_id
from compliance.db.queries.reminders import Known, KnownReminder
from compliance.domain.reminders import REPLACED, THERAPIST, Choice, Rung, choose, key, next_rung_day
from compliance.services.mailing import MailSettings
from compliance.services.reminders.carrying import Line
from compliance.services.reminders.message import Facts, frame_facts
from compliance.services.reminders.situation import CHANNEL, Situation
from compliance.services.renewal_links import Cycle
from compliance.services.trail import Entry

AGAIN: Final = frozenset({"planned", "withdrawn"})
"""States from which a rung may still go out: its address was corrected, or what took it back was itself undone."""

TOLD: Final = "A letter has sent something back since, with the same words and a reason."


@dataclass(frozen=True, slots=True)
class Subject:
    """What rungs are about: with `facts` for a line of a mail, and `entry`, as the trail names it."""

    id: UUID
    term_id: UUID | None
    entry: str
    rungs: tuple[Rung, ...]
    facts: Callable[[Situation, Rung, MailSettings], Facts]


@dataclass(frozen=True, slots=True)
class Going:
    """A reminder that goes out, with the cycle whose link its line may show."""

    line: Line
    entry: Entry
    cycle: Cycle | None


@dataclass(slots=True)
class Work:
    """Rows to be written, gathered over a batch."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    again: list[dict[str, Any]] = field(default_factory=list)
    going: dict[UUID, Going] = field(default_factory=dict)  # by reminder
    gone: dict[tuple[UUID, str], list[UUID]] = field(default_factory=dict)  # (organization, reason) -> reminders
    next_days: list[tuple[UUID, UUID, date | None]] = field(default_factory=list)  # of terms
    next_looks: list[tuple[UUID, UUID, date | None]] = field(default_factory=list)  # of therapists
    clinic_looks: list[tuple[UUID, UUID, date | None]] = field(default_factory=list)
    failed: int = 0

    def absorb(self, one: Work) -> None:
        """Takes over what was decided on one subject."""
        self.notes += one.notes
        self.again += one.again
        self.going |= one.going
        self.next_days += one.next_days
        self.next_looks += one.next_looks
        self.clinic_looks += one.clinic_looks
        for place, ids in one.gone.items():
            self.gone.setdefault(place, []).extend(ids)


def climb(work: Work, here: Situation, subject: Subject, known: Known, mail: MailSettings) -> None:
    """Decides on every rung that was reached and not decided on before."""
    for choice in choose(subject.rungs, here.today):
        mine = known.get((subject.id, choice.rung.anchor, choice.rung.anchor_on), {})
        state = mine.get((choice.rung.recipient, choice.rung.days))
        if choice.goes_out and here.silence(choice.rung):
            continue
        if state is None or (state.state in AGAIN and (choice.goes_out or state.state == "planned")):
            told = state is None and choice.goes_out and here.told(choice.rung)
            decided = replace(choice, goes_out=False, reason=TOLD) if told else choice
            _settle(work, here, subject, decided, state.id if state else None, mail)
            if choice.goes_out:
                _overtake(work, here, choice, mine)


def _overtake(work: Work, here: Situation, choice: Choice, mine: Mapping[tuple[str, int], KnownReminder]) -> None:
    """A more urgent rung takes the place of an earlier one that has not left yet."""
    waiting = [
        state.id
        for (recipient, days), state in mine.items()
        if recipient == choice.rung.recipient and days > choice.rung.days and state.state == "queued"
    ]
    if waiting:
        work.gone.setdefault((here.subject.organization.id, REPLACED), []).extend(waiting)


def _settle(
    work: Work, here: Situation, subject: Subject, choice: Choice, again: UUID | None, mail: MailSettings
) -> None:
    """Writes one decision down, with its line where it goes out and there is an address."""
    problem = here.contacts[choice.rung.recipient].problem if choice.goes_out else choice.reason
    note = _note(here, subject, choice.rung, again or new_id(here.now), problem)
    (work.again if again else work.notes).append(note)
    if not problem:
        work.going[note["id"]] = _going(here, subject, choice.rung, note["id"], mail)


def _note(here: Situation, subject: Subject, rung: Rung, id_: UUID, problem: str) -> dict[str, Any]:
    return {
        "organization_id": here.subject.organization.id,
        "id": id_,
        "subject_id": subject.id,
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


def _going(here: Situation, subject: Subject, rung: Rung, id_: UUID, mail: MailSettings) -> Going:
    contact, ours = here.contacts[rung.recipient], here.subject.organization.id
    climbing = (each for each in subject.rungs if each.recipient == rung.recipient)
    next_on = next_rung_day(climbing, here.today)
    facts = {
        "id": str(id_),
        "key": key(ours, subject.id, rung.anchor, rung.anchor_on, rung.days, rung.recipient, CHANNEL),
        "about": f"{subject.id}/{rung.anchor}/{rung.anchor_on}",
        "for_whom": contact.for_whom,
        "next_on": next_on.isoformat() if next_on else None,
    }
    line = Line(
        organization_id=ours,
        whom=contact.whom,
        address=contact.envelope or "",
        name=contact.name,
        therapist_id=here.therapist_id,
        frame=frame_facts(here, rung.recipient),
        facts=subject.facts(here, rung, mail) | facts,
    )
    new = {"recipient": rung.recipient, "anchor": rung.anchor, "rung": rung.days, "on": rung.anchor_on}
    return Going(line, Entry("reminder.queued", subject.entry, here.therapist_id, new=new), _cycle(here, rung, mail))


def _cycle(here: Situation, rung: Rung, mail: MailSettings) -> Cycle | None:
    """What the therapist may answer for by the line's link; without a secret there are no such links."""
    holder, about = here.subject.holder, here.subject
    if rung.recipient != THERAPIST or holder is None or not mail.secret:
        return None
    address = here.contacts[THERAPIST].envelope or ""
    return Cycle(about.organization.id, holder.id, about.credential_id, about.ends_on, address)
