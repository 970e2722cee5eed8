"""The ladder: on which days someone is told that a credential ends, what goes out today, and what is left out and why.

Everything is counted in calendar days from an anchor (the last day of a term); only `due_at` turns a day into an
instant. A reminder's key holds no instant, so neither a clock nor a zone can make one go out twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from compliance.domain.credential_types import Ladder
from compliance.domain.credentials import Assignment, Leave
from compliance.domain.periods import FOREVER, ONE_DAY

EXPIRY: Final = "expiry"
THERAPIST: Final = "therapist"
HOUR: Final = time(9)
TOO_OLD_DAYS: Final = 45

OLDER: Final = "A more urgent reminder was due already, so this one was left out."
TOO_OLD: Final = f"Its day had passed by more than {TOO_OLD_DAYS} days."
NO_ADDRESS: Final = "There was no e-mail address on file."
REPLACED: Final = "A more urgent reminder took its place before it was sent."


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder for one recipient: `days` before the anchor (below zero: after), on `day`."""

    recipient: str
    days: int
    day: date


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of a rung that was reached: it goes out, or it is left out for a reason."""

    rung: Rung
    goes_out: bool
    reason: str = ""


def rungs_of(
    ladder: Ladder, ends_on: date, *, therapist: bool, managers: Sequence[str], owners: Sequence[str]
) -> tuple[Rung, ...]:
    """Every rung of a term, earliest first; recipients are keys such as `manager:ID`.

    Where there is no manager the owners stand in. What a clinic holds has no therapist (`therapist=False`), so its
    managers climb the therapist's rungs too. A term without an end has none.
    """
    if endless(ends_on):
        return ()
    first = [THERAPIST] if therapist else []
    second = list(managers or owners)
    by_second = set(ladder.manager) if therapist else {*ladder.manager, *ladder.therapist}
    steps = {(who, days) for who in first for days in ladder.therapist}
    steps |= {(who, days) for who in second for days in by_second}
    steps |= {(who, days) for who in owners for days in ladder.owner}
    rungs = (Rung(who, days, ends_on - timedelta(days=days)) for who, days in steps)
    return tuple(sorted(rungs, key=lambda rung: (rung.day, rung.recipient)))


def endless(ends_on: date) -> bool:
    """Whether there is no last day to remind of: the open end, or the last year that a calendar can count to."""
    return ends_on.year == FOREVER.year


def choose(rungs: Iterable[Rung], today: date) -> tuple[Choice, ...]:
    """For each recipient the most urgent rung reached goes out, if its day is not too long ago; the others do not."""
    reached = [rung for rung in rungs if rung.day <= today]
    latest: dict[str, Rung] = {}
    for rung in reached:
        if rung.recipient not in latest or rung.days < latest[rung.recipient].days:
            latest[rung.recipient] = rung
    return tuple(_choice(rung, latest[rung.recipient], today) for rung in reached)


def _choice(rung: Rung, latest: Rung, today: date) -> Choice:
    if (today - rung.day).days > TOO_OLD_DAYS:
        return Choice(rung, False, TOO_OLD)
    return Choice(rung, True) if rung == latest else Choice(rung, False, OLDER)


def next_rung_day(rungs: Iterable[Rung], today: date) -> date | None:
    """The first day after today on which a rung is reached."""
    return min((rung.day for rung in rungs if rung.day > today), default=None)


def first_rung_on(ladder: Ladder, ends_on: date, today: date) -> date | None:
    """The day on which the planner should look at a term: that of the rung reached last if it may still go out, else
    that of the next rung; None when nothing is left to say.
    """
    if endless(ends_on):
        return None
    days = {ends_on - timedelta(days=each) for each in (*ladder.therapist, *ladder.manager, *ladder.owner)}
    reached = max((day for day in days if day <= today), default=None)
    if reached is not None and (today - reached).days <= TOO_OLD_DAYS:
        return reached
    return min((day for day in days if day > today), default=None)


def key(organization_id: UUID, subject_id: UUID, anchor_on: date, rung: int, recipient: str, channel: str) -> str:
    """A reminder's identity. It holds no instant."""
    return f"{organization_id}/{subject_id}/{EXPIRY}/{anchor_on.isoformat()}/{rung}/{recipient}/{channel}"


def due_at(day: date, zone: str, at: time = HOUR) -> datetime:
    """The instant of an hour of a day in a zone, in UTC.

    An hour that the zone leaves out is moved as far as the clocks are; of one that comes twice, the first counts.
    """
    return datetime.combine(day, at).replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def local_day(now: datetime, zone: str) -> date:
    """The calendar day in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def release_day(now: datetime, zone: str) -> date:
    """The latest day of the zone whose hour has come: what is due up to it may go out."""
    today = local_day(now, zone)
    return today if due_at(today, zone) <= now.astimezone(UTC) else today - ONE_DAY


def next_working_day(assignments: Iterable[Assignment], leaves: Sequence[Leave], today: date) -> date | None:
    """The first day from today on with an assignment that no leave covers; None for those who left."""
    starts = [_first_day(each, leaves, today) for each in assignments if each.ends_on >= today]
    return min((day for day in starts if day is not None), default=None)


def _first_day(assignment: Assignment, leaves: Sequence[Leave], today: date) -> date | None:
    day = max(assignment.starts_on, today)
    for leave in sorted(leaves, key=lambda each: each.starts_on):
        if leave.clinic_id in (None, assignment.clinic_id) and leave.starts_on <= day <= leave.ends_on:
            if leave.ends_on == FOREVER:
                return None
            day = leave.ends_on + ONE_DAY
    return day if day <= assignment.ends_on else None
