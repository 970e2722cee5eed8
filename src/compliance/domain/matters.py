"""What a file as a whole gives reason to remind of, beside the ends of its terms: looks at the source that fall due,
exceptions that end, and what is missing. Their reminders go to the clinic's managers alone.

All of it follows from the coverage of what is asked where the therapist works; none of it depends on the day but for
what lies behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from compliance.domain.assessment import finding
from compliance.domain.coverage import coverage
from compliance.domain.covers import Cover, Status, Why, clipped
from compliance.domain.credentials import Credential, CredentialFile
from compliance.domain.periods import Period, day_after, day_before
from compliance.domain.reminders import MISSING, RECHECK, TOO_OLD_DAYS, WAIVER
from compliance.domain.requirements import Holder, Requirement

BEHIND: Final = timedelta(days=TOO_OLD_DAYS)


@dataclass(frozen=True, slots=True)
class Place:
    """What is asked at a clinic for a modality, and on which days the therapist works there with it; of a clinic
    itself, and on which days it is open."""

    clinic_id: UUID
    asked: Sequence[Requirement]
    worked: Sequence[Period]


@dataclass(slots=True)
class Matter:
    """One thing to remind of. The subject is the credential, the waiver or the person; `anchor` with its day is the
    rest of its identity. `first_look`: nobody has looked at this term yet."""

    subject_id: UUID
    anchor: str
    on: date
    requirement: str
    clinic_ids: dict[UUID, None] = field(default_factory=dict)
    credential: Credential | None = None
    first_look: bool = False


Key = tuple[UUID, str, date]
_Covers = Callable[[Requirement, UUID], tuple[Cover, ...]]


def matters(
    file: CredentialFile, places: Iterable[Place], today: date, holder: Holder = Holder.THERAPIST
) -> list[Matter]:
    """Everything in the file to remind managers of, that still holds or lies ahead, in the order of its days; a file is
    held against what is asked of its holder."""
    covers = _remembering(file)
    found: dict[Key, Matter] = {}
    for place in places:
        for requirement in place.asked:
            if requirement.holder is holder:
                here = covers(requirement, place.clinic_id)
                for each in _of_one(file, requirement, here, place, today):
                    known = found.setdefault((each.subject_id, each.anchor, each.on), each)
                    known.clinic_ids[place.clinic_id] = None
    earliest = _one_look_each(found.values())
    return sorted(earliest, key=lambda each: (each.on, each.anchor, str(each.subject_id)))


def _remembering(file: CredentialFile) -> _Covers:
    """Coverage, worked out once for each requirement; a clinic matters only where a waiver names one."""
    at_a_clinic = any(each.clinic_id for each in file.waivers)
    known: dict[tuple[int, UUID | None], tuple[Cover, ...]] = {}

    def covers(requirement: Requirement, clinic_id: UUID) -> tuple[Cover, ...]:
        key = (id(requirement), clinic_id if at_a_clinic else None)
        if key not in known:
            known[key] = coverage(file, requirement, key[1])
        return known[key]

    return covers


def _of_one(
    file: CredentialFile, requirement: Requirement, covers: Sequence[Cover], place: Place, today: date
) -> Iterable[Matter]:
    """What one requirement gives reason for, on the days worked at one place."""
    for within in place.worked:
        if within.ends_on < today:
            continue
        for index, cover in enumerate(covers):
            if cover.ends_on < max(within.starts_on, today - BEHIND) or cover.starts_on > within.ends_on:
                continue
            matter = _of_cover(file, requirement, covers, index, within, today)
            if matter is not None:
                yield matter
        if within.starts_on <= today:
            yield from _looks(requirement, covers, today)


def _of_cover(
    file: CredentialFile,
    requirement: Requirement,
    covers: Sequence[Cover],
    index: int,
    within: Period,
    today: date,
) -> Matter | None:
    cover = clipped(covers[index], within.starts_on, within.ends_on)
    if cover.status is Status.WAIVED and cover.waiver and cover.ends_on == cover.waiver.ends_on:
        return Matter(cover.waiver.id, WAIVER, cover.ends_on, requirement.title)
    if cover.ends_on < today:
        return None
    if cover.status is Status.MISSING and not _ends_a_waiver(covers, index, within):
        code = f"{MISSING}:{requirement.code}/{requirement.jurisdiction or ''}"
        return Matter(file.therapist_id, code, cover.starts_on, requirement.title)
    if cover.status is Status.UNVERIFIED and cover.why is Why.NOT_PROVEN and cover.credential and cover.term:
        first = max(cover.term.starts_on, within.starts_on)
        return Matter(
            cover.credential.id, RECHECK, first, requirement.title, credential=cover.credential, first_look=True
        )
    return None


def _ends_a_waiver(covers: Sequence[Cover], index: int, within: Period) -> bool:
    """Whether this gap begins where a waiver ends while the therapist works: that was told as the waiver's end."""
    before = covers[index - 1] if index else None
    inside = covers[index].starts_on > within.starts_on
    return bool(
        inside and before and before.status is Status.WAIVED and before.ends_on == day_before(covers[index].starts_on)
    )


def _looks(requirement: Requirement, covers: Sequence[Cover], today: date) -> Iterable[Matter]:
    """The next look at the source, where one is asked every so many days."""
    now = finding(requirement, tuple(covers), today)
    if now.recheck_on is not None and now.credential is not None:
        yield Matter(now.credential.id, RECHECK, now.recheck_on, requirement.title, credential=now.credential)


def _one_look_each(found: Iterable[Matter]) -> list[Matter]:
    """Of several looks at one credential the earliest: one look serves them all."""
    kept: list[Matter] = []
    looks: dict[UUID, Matter] = {}
    for each in sorted(found, key=lambda matter: matter.on):
        if each.anchor != RECHECK:
            kept.append(each)
        elif each.subject_id not in looks:
            looks[each.subject_id] = each
        else:
            looks[each.subject_id].clinic_ids |= each.clinic_ids
    return [*kept, *looks.values()]


def next_change(file: CredentialFile, places: Iterable[Place], today: date) -> date | None:
    """The first day after today on which other looks may be asked than today: work begins, or another term's does."""
    days = {each.starts_on for place in places for each in place.worked}
    days |= {term.starts_on for each in file.credentials for term in each.terms}
    return min((day for day in days if day > today), default=None)


def from_on(matter: Matter) -> date:
    """The first day on which it matters: after a waiver's last day, else the day itself."""
    return day_after(matter.on) if matter.anchor == WAIVER else matter.on
