"""One therapist's verdict as a list shows it: of all places the gravest, else the one that ends first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.clinics import Clinic
from compliance.db.queries.files import credential_files
from compliance.db.queries.stored_verdicts import StoredPeriod, deciding_credentials, stored_periods
from compliance.db.queries.therapist_list import SOON, Listed
from compliance.domain.assessment import clearance_periods, covers_of
from compliance.domain.covers import Status
from compliance.domain.credentials import CredentialFile
from compliance.domain.periods import FOREVER, day_after
from compliance.domain.requirements import Requirement
from compliance.services.assessments import Frame, places_of, worked
from compliance.web.labels import modality_title, requirement_title
from compliance.web.next_steps import Asked, NextStep, next_step

GRAVITY = {"blocked": 0, "lapsed": 1, "missing": 2, "unverified": 3, "unknown": 4}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a row says. `until` is the last day of a yes; `since` the first of a no, or the first day of work."""

    status: str
    word: str
    reason: str = ""
    clinic: str = ""
    modality: str = ""
    until: date | None = None
    since: date | None = None
    starts_on: date | None = None
    step: NextStep | None = None
    requirement: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What verdicts are seen with: the rules, the clinics, and the day that each has."""

    frame: Frame
    places: Mapping[UUID, Clinic]
    days: Mapping[UUID, date]

    def requirement(self, period: StoredPeriod, code: str) -> Requirement | None:
        """What a code means at a place."""
        asked = self.frame.asked_at(period.modality, period.clinic_id)
        return next((each for each in asked if each.code == code), None)


async def verdicts(
    session: AsyncSession, organization_id: UUID, rows: Sequence[Listed], sight: Sight
) -> dict[UUID, Verdict]:
    """The verdict of each row, from the stored copy; where that is older than the rules, live."""
    if not rows or not sight.days:
        return {}
    day, ids = min(sight.days.values()), [each.id for each in rows]
    stale = [each.id for each in rows if each.fingerprint != sight.frame.fingerprint]
    found = await stored_periods(session, organization_id, [each for each in ids if each not in stale], day)
    if stale:
        files = await credential_files(session, organization_id, stale)
        found += [period for file in files.values() for period in live_periods(sight.frame, file)]
    rests = await deciding_credentials(session, organization_id, ids, day)
    by_person: dict[UUID, list[StoredPeriod]] = defaultdict(list)
    for period in found:
        if period.clinic_id in sight.places:
            by_person[period.therapist_id].append(period)
    return {id_: verdict(id_, by_person[id_], sight, rests) for id_ in ids}


def live_periods(frame: Frame, file: CredentialFile) -> list[StoredPeriod]:
    """The same periods as the stored copy has, worked out from a file."""
    found: list[StoredPeriod] = []
    for clinic_id, modality in places_of(file):
        asked = frame.asked_at(modality, clinic_id)
        covers = covers_of(file, asked, clinic_id=clinic_id, clinic_file=frame.clinic_files.get(clinic_id))
        for within in worked(file, clinic_id, modality):
            for start, end, cleared, status, code in clearance_periods(covers, within):
                found.append(StoredPeriod(file.therapist_id, clinic_id, modality, start, end, cleared, status, code))
    return found


def verdict(
    therapist_id: UUID, periods: Sequence[StoredPeriod], sight: Sight, rests: Mapping[tuple[UUID, str], UUID]
) -> Verdict:
    """Of all places of one therapist the gravest no, else the yes that ends first."""
    now = [each for each in periods if each.starts_on <= sight.days[each.clinic_id] <= each.ends_on]
    against = [each for each in now if not each.cleared]
    if against:
        gravest = min(against, key=lambda each: (GRAVITY[each.status], each.starts_on))
        return _no(gravest, len(against) < len(now), sight, rests)
    if now:
        return _yes(min(now, key=lambda each: each.ends_on), periods, sight, rests)
    ahead = [each for each in periods if each.starts_on > sight.days[each.clinic_id]]
    if ahead:
        return _not_yet(min(ahead, key=lambda each: each.starts_on), sight, rests)
    return _nowhere(therapist_id, sight)


def _no(period: StoredPeriod, elsewhere: bool, sight: Sight, rests: Mapping[tuple[UUID, str], UUID]) -> Verdict:
    """`elsewhere`: something else is cleared, so that the row has to say for what this one is not."""
    title = requirement_title(sight.requirement(period, period.requirement), period.requirement)
    return Verdict(
        status=period.status,
        word="Not cleared",
        reason=f"{title} {_SAYS[period.status]}",
        clinic=sight.places[period.clinic_id].name,
        modality=modality_title(period.modality) if elsewhere else "",
        since=period.starts_on,
        step=_step(period, period.status, period.requirement, sight, rests),
        requirement=period.requirement,
    )


_SAYS = {
    "blocked": "blocked by its issuer",
    "lapsed": "lapsed",
    "missing": "missing",
    "unverified": "not verified",
    "unknown": "to be found out",
}


def _yes(
    period: StoredPeriod, periods: Iterable[StoredPeriod], sight: Sight, rests: Mapping[tuple[UUID, str], UUID]
) -> Verdict:
    day, here = sight.days[period.clinic_id], sight.places[period.clinic_id].name
    soon = period.ends_on - day <= timedelta(days=SOON)
    status = Status.EXPIRING if soon else Status.MET
    following = next((each for each in periods if _follows(period, each)), None)
    if period.ends_on == FOREVER:
        return Verdict(status, "Cleared", "", here, until=FOREVER)
    if following is None:
        return Verdict(status, "Cleared", "Assignment ends", here, until=period.ends_on)
    title = requirement_title(sight.requirement(period, following.requirement), following.requirement)
    left = (
        Status.UNVERIFIED if following.status == Status.UNVERIFIED else Status.EXPIRING
    )  # renewed: only to be checked
    step = _step(period, left, following.requirement, sight, rests) if soon else None
    return Verdict(status, "Cleared", title, here, until=period.ends_on, step=step, requirement=following.requirement)


def _follows(period: StoredPeriod, other: StoredPeriod) -> bool:
    same = (period.clinic_id, period.modality) == (other.clinic_id, other.modality)
    return same and other.starts_on == day_after(period.ends_on)


def _not_yet(period: StoredPeriod, sight: Sight, rests: Mapping[tuple[UUID, str], UUID]) -> Verdict:
    """Starts later: what stands in the way on the first day, if anything does."""
    here, start = sight.places[period.clinic_id].name, period.starts_on
    if period.cleared:
        return Verdict(Status.MET, "Starts cleared", "", here, starts_on=start)
    title = requirement_title(sight.requirement(period, period.requirement), period.requirement)
    step = _step(period, period.status, period.requirement, sight, rests)
    return Verdict(
        period.status, "Not yet cleared", f"{title} {_SAYS[period.status]}", here, starts_on=start, step=step,
        requirement=period.requirement,
    )  # fmt: skip


def _nowhere(therapist_id: UUID, sight: Sight) -> Verdict:
    step = NextStep("Assign to a clinic", f"/therapists/{therapist_id}/assignments/new", "assignments.write")
    return Verdict(Status.MISSING, "No clinic", "Works nowhere on this day", step=step if sight.places else None)


def _step(
    period: StoredPeriod, status: str, code: str, sight: Sight, rests: Mapping[tuple[UUID, str], UUID]
) -> NextStep | None:
    requirement = sight.requirement(period, code)
    held = rests.get((period.therapist_id, code))
    day = sight.days[period.clinic_id]
    return next_step(Asked(period.therapist_id, period.clinic_id, requirement, status, day, held, code))
