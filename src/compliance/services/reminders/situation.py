"""One credential as the ladder sees it at an instant: whose zone counts, who is told, which rungs there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from compliance.catalog import load
from compliance.db.queries.ladders import Clinic, Staff, Subject
from compliance.domain.reminders import (
    NO_ADDRESS,
    THERAPIST,
    Rung,
    endless,
    next_working_day,
    release_day,
    rungs_of,
)
from compliance.services.mailing import usable

CHANNEL = "email"
BAD_ADDRESS = "The e-mail address on file is not one that mail can be sent to."
UNREACHABLE = (NO_ADDRESS, BAD_ADDRESS)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a recipient's key stands for, and where mail for them goes."""

    recipient: str
    name: str
    address: str | None

    @property
    def problem(self) -> str:
        """Why no mail can go there; empty if it can."""
        if not (self.address or "").strip():
            return NO_ADDRESS
        return "" if self.envelope else BAD_ADDRESS

    @property
    def envelope(self) -> str | None:
        """The address as an envelope takes it."""
        return usable(self.address)


@dataclass(frozen=True)
class Situation:
    """A subject at an instant."""

    subject: Subject
    now: datetime

    @cached_property
    def clinic(self) -> Clinic | None:
        """The clinic whose zone counts: the holder itself, or the one where the therapist has worked longest."""
        places = self.clinics
        return places[0] if places else None

    @cached_property
    def clinics(self) -> tuple[Clinic, ...]:
        """Where the holder works today, longest first; days are taken in UTC here, for the zone is not known yet."""
        if self.subject.holder is None:
            return (self.subject.clinic,) if self.subject.clinic else ()
        today = self.now.date()
        current = (each for each in self.subject.assignments if each.starts_on <= today <= each.ends_on)
        ids = dict.fromkeys(each.clinic_id for each in sorted(current, key=lambda each: each.starts_on))
        return tuple(self.subject.places[each] for each in ids if each in self.subject.places)

    @cached_property
    def zone(self) -> str:
        """The zone in which days are counted."""
        return self.clinic.time_zone if self.clinic else self.subject.organization.time_zone

    @cached_property
    def today(self) -> date:
        """The latest day whose reminders may go out."""
        return release_day(self.now, self.zone)

    @cached_property
    def wakes_on(self) -> date | None:
        """Today where reminders go out, a later day where they rest until then, None where nobody is to be told."""
        if self.subject.holder is None:
            return self.today if self.subject.clinic else None
        return next_working_day(self.subject.assignments, self.subject.leaves, self.today)

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
        found = {each.recipient: Contact(each.recipient, each.name, each.address) for each in self.subject.staff}
        if self.subject.holder is not None:
            holder = self.subject.holder
            found[THERAPIST] = Contact(THERAPIST, holder.name, holder.address)
        return found

    @cached_property
    def rungs(self) -> tuple[Rung, ...]:
        """All rungs of the term."""
        subject = self.subject
        if endless(subject.ends_on):
            return ()
        return rungs_of(
            load().types[subject.type].ladder,
            subject.ends_on,
            therapist=subject.holder is not None,
            managers=[each.recipient for each in self.managers],
            owners=[each.recipient for each in self.owners],
        )

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


def label(type_code: str, jurisdiction: str | None) -> str:
    """`Florida massage license`, `AMTA membership`: in a sentence, after "your"."""
    catalog = load()
    known = catalog.types.get(type_code)
    title = known.title if known else type_code.replace("-", " ")
    place = catalog.jurisdictions.get(jurisdiction) if jurisdiction else None
    lowered = title[:1].lower() + title[1:] if title.split(" ")[0][1:].islower() else title  # AMTA stays AMTA
    return f"{place.name} {lowered}" if place else lowered
