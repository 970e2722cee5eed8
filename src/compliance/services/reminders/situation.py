"""One credential as the ladder sees it at an instant: whose zone counts, who is told, which rungs there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries.ladders import Clinic, Staff, Subject
from compliance.db.queries.submissions import answers, unwanted
from compliance.domain.answers import NOT_ME, Answer
from compliance.domain.credential_types import Ladder
from compliance.domain.matching import fold_email
from compliance.domain.periods import FOREVER, ONE_DAY
from compliance.domain.release import Calendar, due_at, local_day, release_day
from compliance.domain.reminders import (
    DEADLINE,
    LADDERS,
    NO_ADDRESS,
    REFUSED,
    THERAPIST,
    Climb,
    Rung,
    next_working_day,
    rungs_of,
)
from compliance.services.mailing import usable
from compliance.services.reminders.law import TermLaw, term_law

CHANNEL = "email"
BAD_ADDRESS = "The e-mail address on file is not one that mail can be sent to."
UNREACHABLE = (NO_ADDRESS, BAD_ADDRESS, NOT_ME, REFUSED)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a recipient's key stands for, and where mail for them goes. `whom` names the reader, who may read for
    several recipients."""

    recipient: str
    whom: str
    name: str
    address: str | None
    unwanted: bool = False
    refused: bool = False
    for_whom: str = ""

    @property
    def problem(self) -> str:
        """Why no mail can go there; empty if it can."""
        if not (self.address or "").strip():
            return NO_ADDRESS
        if self.unwanted:
            return NOT_ME
        if self.refused:
            return REFUSED
        return "" if self.envelope else BAD_ADDRESS

    @property
    def envelope(self) -> str | None:
        """The address as an envelope takes it."""
        return usable(self.address)


@dataclass(frozen=True)
class Situation:
    """A subject at an instant, with what was answered to its reminders and whose address is known to be wrong."""

    subject: Subject
    now: datetime
    answer: Answer | None = None
    unwanted: frozenset[str] = frozenset()

    @cached_property
    def clinic(self) -> Clinic | None:
        """The clinic whose zone counts: the holder itself, or the one where the therapist has worked longest."""
        places = self.clinics
        return places[0] if places else None

    @cached_property
    def clinics(self) -> tuple[Clinic, ...]:
        """Where the holder works today, longest first; the day is that of each clinic's own zone."""
        if self.subject.holder is None:
            return (self.subject.clinic,) if self.subject.clinic else ()
        places = self.subject.places
        here = (each for each in self.subject.assignments if each.clinic_id in places)
        current = (each for each in here if each.period.holds(local_day(self.now, places[each.clinic_id].time_zone)))
        ids = dict.fromkeys(each.clinic_id for each in sorted(current, key=lambda each: each.starts_on))
        return tuple(places[each] for each in ids)

    @cached_property
    def zone(self) -> str:
        """The zone in which days are counted."""
        return self.clinic.time_zone if self.clinic else self.subject.organization.time_zone

    @property
    def calendar(self) -> Calendar:
        """The hours and days on which the organization's reminders leave."""
        return self.subject.organization.calendar

    @cached_property
    def today(self) -> date:
        """The latest day whose reminders may go out."""
        return release_day(self.now, self.zone, self.calendar.hour)

    @cached_property
    def live_on(self) -> date:
        """The day on which reminders were switched on."""
        started_at = self.subject.organization.reminders_started_at
        return local_day(started_at, self.zone) if started_at else FOREVER

    @property
    def quiet(self) -> bool:
        """Whether nothing may leave at this instant: quiet hours, or a weekend that rests."""
        return self.calendar.rests(self.now, self.zone)

    def due_at(self, day: date) -> datetime:
        """The instant at which what falls on a day may leave."""
        return due_at(day, self.zone, self.calendar.hour)

    @cached_property
    def wakes_on(self) -> date | None:
        """Today where reminders go out, a later day where they rest until then, None where nobody is to be told.

        Before the hour of release today is still the day before: who left then is told nothing all the same.
        """
        day, about = local_day(self.now, self.zone), self.subject
        if about.holder is None:
            return self.today if about.clinic and day <= about.clinic.closed_on else None
        found = next_working_day(about.assignments, about.leaves, self.today)
        if found is None or found >= day:
            return found
        by_now = next_working_day(about.assignments, about.leaves, day)
        return found if by_now == day else by_now

    @cached_property
    def resumes_on(self) -> date | None:
        """Today where what is due may leave at this instant; else the day on which to look again, if there is one."""
        if self.wakes_on is not None and self.wakes_on <= self.today and self.quiet:
            return self.today + ONE_DAY
        return self.wakes_on

    def silence(self, rung: Rung) -> str:
        """Why this rung does not go out now although it was reached: what the therapist has answered; empty if it
        does."""
        return self.silence_on(rung, self.today)

    def silence_on(self, rung: Rung, day: date) -> str:
        """The same for another day."""
        answer = self.answer
        if answer is None or not (answer.everybody or rung.recipient == THERAPIST):
            return ""
        return answer.reason if answer.rests(day) else ""

    def told(self, rung: Rung) -> bool:
        """Whether a letter that sent something back has said as much since."""
        told_on = self.answer.told_on if self.answer else None
        return told_on is not None and rung.recipient == THERAPIST and rung.day <= told_on

    @property
    def speaks_again_on(self) -> date | None:
        """The day after the ladder's rest, where it rests."""
        answer = self.answer
        if answer is None or answer.rests_until is None or not answer.rests(self.today):
            return None
        return date.fromordinal(answer.rests_until.toordinal() + 1)

    @cached_property
    def managers(self) -> tuple[Staff, ...]:
        """Who manages a clinic where the holder works."""
        return tuple(each for each in self.subject.staff if each.role == "manager" and each.runs(self.clinics))

    @cached_property
    def owners(self) -> tuple[Staff, ...]:
        """The owners."""
        return tuple(each for each in self.subject.staff if each.role == "owner")

    @cached_property
    def answers(self) -> Staff | None:
        """Who answers questions: the first manager, else the first owner."""
        return next(iter((*self.managers, *self.owners)), None)

    @cached_property
    def contacts(self) -> Mapping[str, Contact]:
        """Everybody who may be told, by recipient."""
        staff = {each.id: each for each in self.subject.staff}
        found = {each.recipient: contact_of(each, staff, self.today) for each in self.subject.staff}
        holder = self.subject.holder
        if holder is not None:
            wrong = fold_email(holder.address) in self.unwanted if holder.address else False
            found[THERAPIST] = Contact(THERAPIST, f"therapist:{holder.id}", holder.name, holder.address, wrong)
        return {key: self._as_refused(each) for key, each in found.items()}

    def _as_refused(self, one: Contact) -> Contact:
        """With what a mail server said of the address."""
        bad = bool(one.address) and fold_email(one.address or "") in self.subject.organization.refused
        return replace(one, refused=True) if bad else one

    @cached_property
    def law(self) -> TermLaw:
        """What the law says of this term."""
        return term_law(self.subject.type, self.subject.jurisdiction, self.subject.ends_on)

    @cached_property
    def ladder(self) -> Ladder:
        """The ladder in force."""
        own = self.subject.own_ladder
        return own.ladder if own else load().types[self.subject.type].ladder

    @cached_property
    def rungs(self) -> tuple[Rung, ...]:
        """All rungs of the term."""
        found: list[Rung] = []
        for climb in climbs_of(self.ladder, self.law, self.subject.ends_on, self.calendar):
            found += rungs_of(
                climb,
                therapist=self.subject.holder is not None,
                managers=tuple(each.recipient for each in self.managers),
                owners=tuple(each.recipient for each in self.owners),
            )
        return tuple(found)

    @property
    def label(self) -> str:
        """What the credential is called in a sentence."""
        return label(self.subject.type, self.subject.jurisdiction)

    @property
    def therapist_id(self) -> UUID | None:
        """Whose history this belongs to."""
        return self.subject.holder.id if self.subject.holder else None

    @property
    def holder_name(self) -> str:
        """The therapist, or the clinic."""
        if self.subject.holder is not None:
            return self.subject.holder.name
        return self.subject.clinic.name if self.subject.clinic else ""


def contact_of(one: Staff, staff: Mapping[UUID, Staff], today: date) -> Contact:
    """How a manager or owner is reached: themselves, or whoever stands in for them today. Whoever stands in may be away
    too; where that goes in a circle, or to somebody who left, it comes back to the first."""
    reader, seen = one, {one.id}
    while (next_ := _delegate(reader, staff, today)) is not None:
        if next_.id in seen:
            reader = one
            break
        reader = next_
        seen.add(reader.id)
    away = one.name if reader is not one else ""
    return Contact(one.recipient, f"person:{reader.id}", reader.name, reader.address, for_whom=away)


def _delegate(one: Staff, staff: Mapping[UUID, Staff], today: date) -> Staff | None:
    spans = (each for each in one.away if each.starts_on <= today <= each.ends_on)
    return next((staff[each.delegate_id] for each in spans if each.delegate_id in staff), None)


def climbs_of(ladder: Ladder, law: TermLaw, ends_on: date, calendar: Calendar) -> list[Climb]:
    """The ladders of one term: to its last day, and to the application's where the law has one before it."""
    found = [Climb(ladder, ends_on, opens_on=law.opens_on, calendar=calendar)]
    if law.apply_by is not None and law.apply_by < ends_on and (ladder.therapist or ladder.manager):
        found.append(Climb(LADDERS[DEADLINE], law.apply_by, DEADLINE, law.opens_on, calendar))
    return found


async def situations(session: AsyncSession, subjects: Iterable[Subject], now: datetime) -> list[Situation]:
    """Each subject at an instant, with what was answered about it."""
    every = list(subjects)
    said = await answers(session, {each.credential_id: each.organization.id for each in every})
    people = {each.holder.id: each.organization.id for each in every if each.holder}
    wrong = await unwanted(session, people)
    return [
        Situation(
            each,
            now,
            said.get((each.credential_id, each.ends_on)),
            wrong.get(each.holder.id, frozenset()) if each.holder else frozenset(),
        )
        for each in every
    ]


def label(type_code: str, jurisdiction: str | None) -> str:
    """`Florida massage license`, `AMTA membership`: in a sentence, after "your"."""
    catalog = load()
    known = catalog.types.get(type_code)
    title = known.title if known else type_code.replace("-", " ")
    place = catalog.jurisdictions.get(jurisdiction) if jurisdiction else None
    first, _, rest = title.partition(" ")
    proper = not first[1:].islower() or rest[:1].isupper()  # AMTA membership, Board Certification
    lowered = title if proper else title[:1].lower() + title[1:]
    return f"{place.name} {lowered}" if place else lowered
