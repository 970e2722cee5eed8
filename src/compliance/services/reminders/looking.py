"""The look at a file as a whole: what is missing, what has to be looked at again, which exceptions end.

A change of a file says that it has to be looked at (`therapists.next_look_on`); so does the day of the next rung. The
look itself decides from what is recorded then: nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from compliance.db.queries.reminders import Known, known_of_files
from compliance.domain.credentials import CredentialFile
from compliance.domain.matters import Matter, Place, matters, next_change
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import LADDERS, Climb, Rung, choose, next_rung_day, rungs_of
from compliance.services import assessments
from compliance.services.assessments import Frame
from compliance.services.mailing import MailSettings
from compliance.services.reminders.climbing import Subject, Work, climb
from compliance.services.reminders.message import matter_facts
from compliance.services.reminders.situation import Situation

NO_LONGER: Final = "The file, or what is asked, has changed: this holds no longer."
log = structlog.get_logger()


async def look_over(
    session: AsyncSession, work: Work, found: Sequence[DueLook], at: datetime, mail: MailSettings
) -> None:
    """Decides on the files that are due, organization by organization."""
    owned: dict[UUID, list[UUID]] = {}
    for each in found:
        owned.setdefault(each.organization_id, []).append(each.therapist_id)
    await due_terms.lock_chains(session, owned)
    live = await ladders.organizations(session, owned)
    for organization_id, ids in owned.items():
        if live[organization_id].reminders_started_at is None:
            work.next_looks += [(organization_id, each, None) for each in ids]
        else:
            await _look(session, work, organization_id, ids, at, mail)


async def _look(
    session: AsyncSession, work: Work, organization_id: UUID, ids: Sequence[UUID], at: datetime, mail: MailSettings
) -> None:
    known = await known_of_files(session, dict.fromkeys(ids, organization_id))
    around = await assessments.frame(session, organization_id)
    files = await credential_files(session, organization_id, ids)
    people = await ladders.files(session, dict.fromkeys(ids, organization_id), today=at.date() - ONE_DAY)
    for id_ in ids:
        if id_ not in files or id_ not in people:  # merged into another one, whose file it is now
            work.next_looks.append((organization_id, id_, None))
            continue
        one = Work()
        try:
            _decide(one, around, files[id_], Situation(people[id_], at), known.get(id_, {}), mail)
        except Exception:
            log.exception("reminders.look-stepped-aside", therapist=str(id_))
            work.failed += 1
            work.next_looks.append((organization_id, id_, at.date() + ONE_DAY))
        else:
            work.absorb(one)


def _decide(work: Work, around: Frame, file: CredentialFile, here: Situation, known: Known, mail: MailSettings) -> None:
    """One file: what is no longer so is taken back, what is so is said on its days."""
    organization_id = here.subject.organization.id
    subjects = subjects_of(around, file, here)
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
    days.add(next_change(file, places_of(around, file), here.today))
    resumes_on = _resumes_on(here)
    if resumes_on != here.today:
        days.add(resumes_on)
    else:
        for each in subjects:
            climb(work, here, each, known, mail)
    soonest = min((day for day in days if day), default=None)
    work.next_looks.append((organization_id, file.therapist_id, soonest))


def rests_until(here: Situation) -> date | None:
    """Today, the day after a leave, or None for those who left. What somebody lacks who has not begun yet is said
    before they begin."""
    begins_later = not here.clinics and any(each.starts_on > here.today for each in here.subject.assignments)
    return here.today if begins_later else here.wakes_on


def _resumes_on(here: Situation) -> date | None:
    awake = rests_until(here)
    return here.today + ONE_DAY if awake == here.today and here.quiet else awake


def matters_of(around: Frame, file: CredentialFile, here: Situation) -> list[tuple[Matter, tuple[Rung, ...]]]:
    """Everything in a file that managers are or will be told of, with its rungs; not what is long past, nor what was
    so already when reminders were switched on: that is work and no news."""
    found = []
    for matter in matters(file, places_of(around, file), here.today):
        rungs = tuple(rung for rung in _rungs(here, matter) if rung.day > here.live_on)
        if any(rung.day > here.today for rung in rungs) or any(each.goes_out for each in choose(rungs, here.today)):
            found.append((matter, rungs))
    return found


def subjects_of(around: Frame, file: CredentialFile, here: Situation) -> list[Subject]:
    """The same as subjects to climb."""
    return [
        Subject(matter.subject_id, None, _entry(matter, file), rungs, partial(_facts, matter))
        for matter, rungs in matters_of(around, file, here)
    ]


def _entry(matter: Matter, file: CredentialFile) -> str:
    return f"credential:{matter.credential.id}" if matter.credential else f"therapist:{file.therapist_id}"


def _facts(matter: Matter, here: Situation, rung: Rung, mail: MailSettings) -> dict[str, object]:
    return matter_facts(here, matter, rung, mail)


def places_of(around: Frame, file: CredentialFile) -> list[Place]:
    """What is asked of somebody at each clinic and for each modality, and when they work there."""
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
