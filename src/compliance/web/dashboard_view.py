"""The lines of the first page: work with its reason and one next action, clinics, months ahead, jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from compliance.db.queries.clinics import Clinic
from compliance.db.queries.months_ahead import MonthAhead
from compliance.db.queries.outbox import JobRun
from compliance.domain.ahead import firsts
from compliance.domain.assessment import ASSIGNMENT
from compliance.domain.credentials import CredentialFile
from compliance.jobs import JOBS
from compliance.jobs.lateness import is_late
from compliance.rendering import STATUSES, plural
from compliance.web.next_steps import NextStep
from compliance.web.stopped_clinics import OfClinic
from compliance.web.therapist_view import AtPlace, step_of
from compliance.web.verdicts import GRAVITY


@dataclass(frozen=True, slots=True)
class Work:
    """One line: shape, who and where, why, one next action. `lead` is the word in bold, `on` the day it is about."""

    status: str
    href: str
    name: str
    clinic: str
    lead: str
    why: str
    on: date | None = None
    step: NextStep | None = None
    aside: NextStep | None = None


def today_line(file: CredentialFile, found: Sequence[AtPlace]) -> Work | None:
    """The gravest no of one person; where something else is cleared, for what this one is not. What is the clinic's to
    hold has a line of its own."""
    now = [each for each in found if each.starts_on <= each.day <= each.ends_on]
    noes = [each for each in now if not each.clearance.cleared and not each.of_clinic]
    if not noes:
        return None
    worst = min(noes, key=lambda each: GRAVITY[each.status])
    deciding = worst.clearance.deciding
    if deciding is None:
        return None
    limit = f" (only {worst.practice})" if len(noes) < len(now) else ""
    why = f"{deciding.title}{limit}: {deciding.reason}"
    return _work(file, worst, worst.status, STATUSES[deciding.status.value][0], why, step_of(file, worst, deciding))


def soon_line(file: CredentialFile, found: Sequence[AtPlace]) -> Work | None:
    """What ends first, or what is missing where somebody starts soon."""
    ahead = [each for each in found if each.ahead and not each.clearance.cleared and not each.of_clinic]
    ending = [each for each in found if each.clearance.cleared and not each.ahead and not each.ends_with_clinic]
    if ending:
        first = min(ending, key=lambda each: each.clearance.until or date.max)
        finding = next((each for each in first.findings if each.requirement == first.clearance.ends_with), None)
        if finding and first.clearance.until and first.clearance.until <= first.day + timedelta(days=31):
            why = f"{finding.title} ends"
            return _work(file, first, "expiring", "", why, step_of(file, first, finding), first.clearance.until)
    if ahead:
        first = min(ahead, key=lambda each: each.starts_on)
        deciding = first.clearance.deciding
        if deciding and deciding.requirement != ASSIGNMENT:
            why = f"{deciding.title}: {deciding.reason} Starts"
            return _work(file, first, first.status, "", why, step_of(file, first, deciding), first.starts_on)
    return None


def clinic_line(one: OfClinic, people: int | None) -> Work:
    """One clinic where nobody may practice for want of what it must hold itself; `people`: so many work there."""
    wait = f" {plural(people, 'person waits', 'people wait')} for it." if people else " Everybody there waits for it."
    why = f"{one.finding.title}: {one.finding.reason}{wait}"
    lead = one.finding.status.value.capitalize()
    return _of_clinic(one, one.finding.status, lead, why, None)


def clinic_soon(one: OfClinic) -> Work:
    """One clinic where that will be so soon."""
    return _of_clinic(one, "expiring", "", f"{one.finding.title} ends", one.finding.until)


def _of_clinic(one: OfClinic, status: str, lead: str, why: str, on: date | None) -> Work:
    href = f"/clinics/{one.clinic.id}"
    return Work(status, href, one.clinic.name, "Everybody there", lead, why, on, one.step, one.way_out)


def _work(
    file: CredentialFile,
    place: AtPlace,
    status: str,
    lead: str,
    why: str,
    step: NextStep | None,
    on: date | None = None,
) -> Work:
    return Work(status, f"/therapists/{file.therapist_id}", file.name, place.clinic.name, lead, why, on, step)


@dataclass(frozen=True, slots=True)
class ClinicLine:
    """One clinic: how many work there and may not today (None: too many to count); how many will not within 30 days."""

    clinic: Clinic
    working: int | None
    against: int | None
    soon: int


def clinic_lines(
    clinics: Iterable[Clinic], heads: Mapping[UUID, int], now: Mapping[UUID, int] | None, soon: Mapping[UUID, int]
) -> list[ClinicLine]:
    """The worst first; closed clinics without anybody are left out."""
    lines = [
        ClinicLine(
            each,
            heads.get(each.id, 0) if heads else None,
            now.get(each.id, 0) if now is not None else None,
            soon.get(each.id, 0),
        )
        for each in clinics
    ]
    shown = [each for each in lines if each.clinic.closed_on is None or each.working]
    return sorted(shown, key=lambda each: (-(each.against or 0), -each.soon))


def months(
    spans: Mapping[UUID, Sequence[tuple[date, date]]], last_days: Mapping[UUID, date], day: date
) -> list[tuple[date, int, str]]:
    """How many would still be cleared on the first of each of the next twelve months if nobody renewed anything."""
    found = []
    for first in firsts(day)[1:]:
        noes = {id_ for id_, each in spans.items() if any(start <= first <= end for start, end in each)}
        still = sum(last_day >= first and id_ not in noes for id_, last_day in last_days.items())
        found.append((first, still, not_cleared_on(first)))
    return found


def not_cleared_on(day: date) -> str:
    """The list of who would not be cleared on a day."""
    return f"/therapists?verdict=no&as_of={day.isoformat()}"


@dataclass(frozen=True, slots=True)
class Ahead:
    """Two pictures of the coming months, as (day, number, address): who is still cleared on the first of each if nobody
    renews, beside who is `now` of `working`; and how many terms end in each. `counted_at`: by a job, then."""

    working: int
    now: int
    still: list[tuple[date, int, str]]
    ending: list[tuple[date, int, str]]
    counted_at: datetime | None = None


def ending_soon(found: Iterable[tuple[date, int]]) -> list[tuple[date, int, str]]:
    """Each with the list of those who will not be cleared within thirty days of that day."""
    return [(day, number, f"/matrix?verdict=soon&as_of={day.isoformat()}") for day, number in found]


def kept_ahead(kept: Sequence[MonthAhead], counted_at: datetime | None) -> Ahead | None:
    """What a job has counted; none where it has not run yet."""
    if not kept:
        return None
    still = [(each.first_on, each.cleared, not_cleared_on(each.first_on)) for each in kept[1:]]
    ending = ending_soon((each.first_on, each.ending) for each in kept[:-1])
    return Ahead(kept[0].working, kept[0].cleared, still, ending, counted_at)


IDLE: Final = "nothing to do"
OF_MAIL: Final = ("plan-reminders", "deliver-outbox")


@dataclass(frozen=True, slots=True)
class JobLine:
    """When a job last ran; `late`: it has not run for longer than it should, or never."""

    job: str
    run: JobRun | None
    late: bool

    @property
    def title(self) -> str:
        """`Plan reminders`."""
        return self.job.replace("-", " ").capitalize()

    @property
    def wrong(self) -> bool:
        """Whether somebody has to look at it."""
        return self.late or bool(self.run and self.run.error)

    @property
    def quiet(self) -> bool:
        """Whether it ran as it should and had nothing to do; those that mail hangs on are always told of."""
        return not self.wrong and self.done == IDLE and self.job not in OF_MAIL

    @property
    def done(self) -> str:
        """`5 queued, 2 skipped`; what came to nothing is left out."""
        counts: Mapping[str, Any] = self.run.done if self.run else {}
        said = [
            f"{value:,} {name.replace('_', ' ')}" for name, value in counts.items() if isinstance(value, int) and value
        ]
        return ", ".join(said) or IDLE


def jobs(runs: Mapping[str, JobRun], now: datetime) -> list[JobLine]:
    """The timetable with the last run of each; what is wrong first."""
    found = [JobLine(name, runs.get(name), is_late(runs.get(name), job.every, now)) for name, job in JOBS.items()]
    return sorted(found, key=lambda each: not each.wrong)


@dataclass(frozen=True, slots=True)
class Alarm:
    """The job that reminders hang on: when it ran last, and whether that is too long ago."""

    ran_at: datetime | None
    late: bool

    @classmethod
    def of(cls, lines: Iterable[JobLine]) -> Alarm:
        """From the lines of all jobs."""
        line = next((each for each in lines if each.job == "plan-reminders"), None)
        ran_at = (line.run.ended_at or line.run.started_at) if line and line.run else None
        return cls(ran_at, line is None or line.late)
