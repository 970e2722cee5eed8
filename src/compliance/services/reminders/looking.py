"""The look at a file as a whole: what is missing, what has to be looked at again, which exceptions end.

A change of a file says that it has to be looked at (`therapists.next_look_on`); so does the day of the next rung. The
look itself decides from what is recorded then: nothing of it is kept. What a clinic itself holds is such a file, too,
and is looked at each day besides (`clinics.next_look_on`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import due_terms, ladders
from compliance.db.queries.due_terms import DueLook
from compliance.db.queries.files import credential_files
from compliance.db.queries.ladders import Staff
from compliance.db.queries.reminders import Known, known_of_clinics, known_of_files
from compliance.domain.credentials import CredentialFile
from compliance.domain.matters import Matter, Place, matters, next_change
from compliance.domain.periods import ONE_DAY, Period
from compliance.domain.reminders import LADDERS, Climb, Rung, choose, next_rung_day, rungs_of
from compliance.domain.requirements import Holder
from compliance.services import assessments
from compliance.services.assessments import Frame
from compliance.services.mailing import MailSettings
from compliance.services.reminders.climbing import Subject, Work, climb
from compliance.services.reminders.message import matter_facts
from compliance.services.reminders.situation import Situation

NO_LONGER: Final = "The file, or what is asked, has changed: this holds no longer."
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Looked:
    """A file as the ladder sees it at an instant: a therapist's, or what a clinic itself holds."""

    around: Frame
    file: CredentialFile
    here: Situation

    @property
    def id(self) -> UUID:
        """Whose file it is."""
        return self.file.therapist_id

    @property
    def of_clinic(self) -> bool:
        """Whether it is a clinic's."""
        return self.here.subject.holder is None

    @property
    def awake(self) -> bool:
        """Whether anything may go out about it now."""
        day = rests_until(self.here)
        return day is not None and day <= self.here.today


async def files_at(
    session: AsyncSession,
    organization_id: UUID,
    now: datetime,
    *,
    therapist_ids: Collection[UUID] = (),
    clinic_ids: Collection[UUID] = (),
) -> list[Looked]:
    """Files of one organization with all that stands around them; one that was merged into another is left out."""
    if not therapist_ids and not clinic_ids:
        return []
    around, today = await assessments.frame(session, organization_id), now.date() - ONE_DAY
    found: list[Looked] = []
    if therapist_ids:
        files = await credential_files(session, organization_id, therapist_ids)
        people = await ladders.files(session, dict.fromkeys(therapist_ids, organization_id), today=today)
        both = (id_ for id_ in therapist_ids if id_ in files and id_ in people)
        found += [Looked(around, files[id_], Situation(people[id_], now)) for id_ in both]
    if clinic_ids:
        places = await ladders.clinics(session, dict.fromkeys(clinic_ids, organization_id), today=today)
        kept = {id_: around.clinic_files.get(id_) or CredentialFile(id_, "") for id_ in clinic_ids}
        open_ = (id_ for id_ in clinic_ids if places[id_].clinic is not None)
        found += [Looked(around, kept[id_], Situation(places[id_], now)) for id_ in open_]
    return found


async def look_over(
    session: AsyncSession,
    work: Work,
    files: Sequence[DueLook],
    clinics: Sequence[DueLook],
    at: datetime,
    mail: MailSettings,
) -> None:
    """Decides on the files that are due, organization by organization."""
    people, places = _owned(files), _owned(clinics)
    owners = dict.fromkeys((*people, *places))
    await due_terms.lock_chains(session, owners)
    live = await ladders.organizations(session, owners)
    for organization_id in owners:
        those, these = people.get(organization_id, []), places.get(organization_id, [])
        if live[organization_id].reminders_started_at is None:
            work.next_looks += [(organization_id, each, None) for each in those]
            work.clinic_looks += [(organization_id, each, None) for each in these]
        else:
            await _look(session, work, organization_id, those, these, at, mail)


def _owned(found: Sequence[DueLook]) -> dict[UUID, list[UUID]]:
    owned: dict[UUID, list[UUID]] = {}
    for each in found:
        owned.setdefault(each.organization_id, []).append(each.holder_id)
    return owned


async def _look(
    session: AsyncSession,
    work: Work,
    organization_id: UUID,
    people: Sequence[UUID],
    clinics: Sequence[UUID],
    at: datetime,
    mail: MailSettings,
) -> None:
    known = await known_of_files(session, dict.fromkeys(people, organization_id))
    found = await files_at(session, organization_id, at, therapist_ids=people, clinic_ids=clinics)
    known |= await known_of_clinics(session, organization_id, subjects_of_clinics(found))
    unseen = set(people) - {each.id for each in found}  # merged into another one, whose file it is now
    work.next_looks += [(organization_id, id_, None) for id_ in sorted(unseen)]
    for each in found:
        one = Work()
        try:
            _decide(one, each, known.get(each.id, {}), mail)
        except Exception:
            log.exception("reminders.look-stepped-aside", holder=str(each.id))
            work.failed += 1
            _again_on(work, each, at.date() + ONE_DAY)
        else:
            work.absorb(one)


def subjects_of_clinics(found: Iterable[Looked]) -> dict[UUID, UUID]:
    """What reminders about clinics' own files have for a subject, with its clinic: the clinic, what it holds, and what
    it is excepted from."""
    return {
        subject: each.id
        for each in found
        if each.of_clinic
        for subject in (each.id, *(one.id for one in each.file.credentials), *(one.id for one in each.file.waivers))
    }


def _again_on(work: Work, looked: Looked, day: date | None) -> None:
    looks = work.clinic_looks if looked.of_clinic else work.next_looks
    looks.append((looked.here.subject.organization.id, looked.id, day))


def _decide(work: Work, looked: Looked, known: Known, mail: MailSettings) -> None:
    """One file: what is no longer so is taken back, what is so is said on its days."""
    here, organization_id = looked.here, looked.here.subject.organization.id
    subjects = subjects_of(looked)
    holds = {(each.id, rung.anchor, rung.anchor_on) for each in subjects for rung in each.rungs}
    gone = [
        note.id
        for place, some in known.items()
        if place not in holds
        for note in some.values()
        if note.state in ("planned", "queued")
    ]
    if gone:
        work.gone[organization_id, NO_LONGER] = gone
    days = {next_rung_day(each.rungs, here.today) for each in subjects}
    days.add(next_change(looked.file, places_of(looked), here.today))
    if looked.of_clinic and here.wakes_on is not None:
        days.add(here.today + ONE_DAY)  # clinics are few, and nothing else tells that something new is asked of them
    resumes_on = _resumes_on(here)
    if resumes_on != here.today:
        days.add(resumes_on)
    else:
        for each in subjects:
            climb(work, here, each, known, mail)
    _again_on(work, looked, min((day for day in days if day), default=None))


def rests_until(here: Situation) -> date | None:
    """Today, the day after a leave, or None for those who left. What somebody lacks who has not begun yet is said
    before they begin."""
    begins_later = not here.clinics and any(each.starts_on > here.today for each in here.subject.assignments)
    return here.today if begins_later else here.wakes_on


def _resumes_on(here: Situation) -> date | None:
    awake = rests_until(here)
    return here.today + ONE_DAY if awake == here.today and here.quiet else awake


def matters_of(looked: Looked) -> list[tuple[Matter, tuple[Rung, ...]]]:
    """Everything in a file that managers are or will be told of, with its rungs; not what is long past, nor what was
    so already when reminders were switched on: that is work and no news."""
    found, here = [], looked.here
    holder = Holder.CLINIC if looked.of_clinic else Holder.THERAPIST
    for matter in matters(looked.file, places_of(looked), here.today, holder):
        rungs = tuple(rung for rung in _rungs(here, matter) if rung.day > here.live_on)
        if any(rung.day > here.today for rung in rungs) or any(each.goes_out for each in choose(rungs, here.today)):
            found.append((matter, rungs))
    return found


def subjects_of(looked: Looked) -> list[Subject]:
    """The same as subjects to climb."""
    return [
        Subject(matter.subject_id, None, _entry(matter, looked), rungs, partial(_facts, matter))
        for matter, rungs in matters_of(looked)
    ]


def _entry(matter: Matter, looked: Looked) -> str:
    if matter.credential:
        return f"credential:{matter.credential.id}"
    return f"{'clinic' if looked.of_clinic else 'therapist'}:{looked.id}"


def _facts(matter: Matter, here: Situation, rung: Rung, mail: MailSettings) -> dict[str, object]:
    return matter_facts(here, matter, rung, mail)


def places_of(looked: Looked) -> list[Place]:
    """What is asked of somebody at each clinic and for each modality, and when they work there; or of a clinic itself,
    while it is open."""
    around, file, clinic = looked.around, looked.file, looked.here.subject.clinic
    if looked.of_clinic and clinic is not None:
        open_ = (Period(clinic.opened_on, clinic.closed_on),) if clinic.opened_on <= clinic.closed_on else ()
        return [Place(clinic.id, around.asked_of_clinic(clinic.id), open_)]
    return [
        Place(clinic_id, around.asked_at(modality, clinic_id), assessments.worked(file, clinic_id, modality))
        for clinic_id, modality in assessments.places_of(file)
        if clinic_id in around.clinics
    ]


def _rungs(here: Situation, matter: Matter) -> tuple[Rung, ...]:
    ladder = LADDERS[matter.anchor.partition(":")[0]]
    clinics = [here.subject.places[each] for each in matter.clinic_ids if each in here.subject.places]
    managers = [each for each in here.subject.staff if each.role == "manager" and each.runs(clinics)]
    return rungs_of(
        Climb(ladder, matter.on, matter.anchor, calendar=here.calendar),
        therapist=True,  # whose own rungs are none: this ladder is climbed by managers alone
        managers=_keys(managers),
        owners=_keys(here.owners),
    )


def _keys(staff: Iterable[Staff]) -> tuple[str, ...]:
    return tuple(each.recipient for each in staff)
