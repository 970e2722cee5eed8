"""The ladder: on which days someone is told that a credential ends, what goes out today, and what is left out and why.

Everything is counted in calendar days from an anchor (the last day of a term, most often); only `release.due_at` turns
a day into an instant. A reminder's key holds no instant, so neither a clock nor a zone can make one go out twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final
from uuid import UUID

from compliance.domain.credential_types import Ladder
from compliance.domain.credentials import Assignment, Leave
from compliance.domain.periods import FOREVER, ONE_DAY
from compliance.domain.release import ANY_DAY, Calendar
from compliance.domain.release import local_day as local_day

EXPIRY: Final = "expiry"
DEADLINE: Final = "deadline"
RECHECK: Final = "recheck"
WAIVER: Final = "waiver"
MISSING: Final = "missing"
"""What is counted from. A missing requirement's anchor is `missing:CODE/PLACE`, for one person may lack several."""

OF_TERMS: Final = (EXPIRY, DEADLINE)
"""What is counted from the end of a term; the rest follows from the file as a whole (matters.py)."""

LADDERS: Final[Mapping[str, Ladder]] = {
    DEADLINE: Ladder(therapist=(30, 14, 7, 1, 0), manager=(14, 0)),
    RECHECK: Ladder(manager=(7, 0, -7)),
    WAIVER: Ladder(manager=(14, 1, 0)),
    MISSING: Ladder(manager=(14, 0, -7)),
}
"""The ladders of every anchor but the expiry, whose ladder is the type's."""

THERAPIST: Final = "therapist"
TOO_OLD_DAYS: Final = 45

OLDER: Final = "A more urgent reminder was due already, so this one was left out."
TOO_OLD: Final = f"Its day had passed by more than {TOO_OLD_DAYS} days."
JOINED: Final = "Its day was moved to that of a more urgent reminder, which went out alone."
NO_ADDRESS: Final = "There was no e-mail address on file."
REFUSED: Final = "A mail server said that the e-mail address on file is none."
REPLACED: Final = "A more urgent reminder took its place before it was sent."


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder for one recipient: `days` before the anchor (below zero: after), on `day`.

    The day is the one on which it may go out: not before renewal opens, and not at a weekend that rests.
    """

    recipient: str
    days: int
    day: date
    anchor: str = EXPIRY
    anchor_on: date = FOREVER


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of a rung that was reached: it goes out, or it is left out for a reason."""

    rung: Rung
    goes_out: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Climb:
    """A ladder against the day `anchor_on`; nothing before `opens_on`, nor on days that the calendar does not take."""

    ladder: Ladder
    anchor_on: date
    anchor: str = EXPIRY
    opens_on: date | None = None
    calendar: Calendar = ANY_DAY

    def day(self, days: int) -> date:
        """The day of a rung: never before renewal opens (what falls before it is merged there), nor at rest."""
        day = shifted(self.anchor_on, -days)
        if self.opens_on is not None and day < self.opens_on <= self.anchor_on:
            day = self.opens_on
        return self.calendar.working_day(day)

    @property
    def days(self) -> set[date]:
        """Every day on which somebody may be told."""
        return {self.day(each) for each in (*self.ladder.therapist, *self.ladder.manager, *self.ladder.owner)}


def shifted(day: date, by: int) -> date:
    """A day some days later or earlier; the calendar's two ends stop it."""
    return date.fromordinal(min(max(day.toordinal() + by, 1), FOREVER.toordinal()))


@lru_cache(maxsize=4096)  # a whole state's licenses end on one day
def rungs_of(climb: Climb, *, therapist: bool, managers: tuple[str, ...], owners: tuple[str, ...]) -> tuple[Rung, ...]:
    """Every rung of a ladder, earliest first; recipients are keys such as `manager:ID`.

    Where there is no manager the owners stand in. What a clinic holds has no therapist (`therapist=False`), so its
    managers climb the therapist's rungs too. A term without an end has none.
    """
    if endless(climb.anchor_on):
        return ()
    ladder = climb.ladder
    first = [THERAPIST] if therapist else []
    second = list(managers or owners)
    by_second = set(ladder.manager) if therapist else {*ladder.manager, *ladder.therapist}
    steps = {(who, days) for who in first for days in ladder.therapist}
    steps |= {(who, days) for who in second for days in by_second}
    steps |= {(who, days) for who in owners for days in ladder.owner}
    rungs = (Rung(who, days, climb.day(days), climb.anchor, climb.anchor_on) for who, days in steps)
    return tuple(sorted(rungs, key=lambda rung: (rung.day, -rung.days, rung.recipient)))


def endless(ends_on: date) -> bool:
    """Whether there is no last day to remind of: the open end, or the last year that a calendar can count to."""
    return ends_on.year == FOREVER.year


def choose(rungs: Iterable[Rung], today: date) -> tuple[Choice, ...]:
    """For each anchor and recipient the most urgent rung reached goes out, if its day is not too long ago; the others
    do not."""
    reached = [rung for rung in rungs if rung.day <= today]
    latest: dict[tuple[str, date, str], Rung] = {}
    for rung in reached:
        place = (rung.anchor, rung.anchor_on, rung.recipient)
        if place not in latest or rung.days < latest[place].days:
            latest[place] = rung
    return tuple(_choice(rung, latest[rung.anchor, rung.anchor_on, rung.recipient], today) for rung in reached)


def _choice(rung: Rung, latest: Rung, today: date) -> Choice:
    if (today - rung.day).days > TOO_OLD_DAYS:
        return Choice(rung, False, TOO_OLD)
    if rung == latest:
        return Choice(rung, True)
    return Choice(rung, False, JOINED if rung.day == latest.day else OLDER)


def next_rung_day(rungs: Iterable[Rung], today: date) -> date | None:
    """The first day after today on which a rung is reached."""
    return min((rung.day for rung in rungs if rung.day > today), default=None)


def first_rung_on(climbs: Iterable[Climb], today: date) -> date | None:
    """The day on which the planner should look at a subject: that of the rung reached last if it may still go out,
    else that of the next rung; None when nothing is left to say.
    """
    days = {day for climb in climbs if not endless(climb.anchor_on) for day in climb.days}
    reached = max((day for day in days if day <= today), default=None)
    if reached is not None and (today - reached).days <= TOO_OLD_DAYS:
        return reached
    return min((day for day in days if day > today), default=None)


def key(
    organization_id: UUID, subject_id: UUID, anchor: str, anchor_on: date, rung: int, recipient: str, channel: str
) -> str:
    """A reminder's identity. It holds no instant."""
    return f"{organization_id}/{subject_id}/{anchor}/{anchor_on.isoformat()}/{rung}/{recipient}/{channel}"


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
