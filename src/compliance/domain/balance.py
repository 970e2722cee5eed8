"""A ledger against a rule: how many hours count, what is missing, until when, and what nobody knows.

Each minute counts once towards the hours, and once among minima of different subjects. A further course never makes
the balance worse, and the order of the courses does not matter. Where a rule is silent the answer is the careful one
and `questions` says what was assumed. Sources of the rules are cited in the catalog.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from compliance.domain.counting import Cell, Counted, Room, cells, count, minutes, speaks_of
from compliance.domain.education_window import Window, window
from compliance.domain.first_renewal import asked_of
from compliance.domain.hours import ContinuingEducation, Minimum
from compliance.domain.ledger import Course
from compliance.domain.months import add_years, in_words
from compliance.domain.periods import Period, day_after

NO_HOURS = "How many hours are asked is not known here; ask the board."
NO_LENGTH = "Whether an hour has 50 or 60 minutes is not known here; 60 are counted."
NO_CARRY = "Whether hours of the window before are carried over is not known here; none are counted."
CARRIED_SUBJECTS = "Hours carried over count towards the total; whether they count for a subject is not known here."
SHARED = "Counted in the window before, which had this day as well; what was over there counts here."


class State(StrEnum):
    """How a ledger stands to a rule."""

    MET = "met"
    SHORT = "short"
    NOT_ASKED = "not-asked"
    REPLACED = "replaced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the credential: its term, its first issue, and other types held, with their titles.

    `term_years` is how long its terms are by the law, None where that is not known; `cycle_ends_on` is the last day of
    a cycle of hours, where the board told it and no rule does.
    """

    term: Period | None = None
    first_issued_on: date | None = None
    held: Mapping[str, str] = field(default_factory=dict)
    term_years: int | None = None
    cycle_ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One minimum and what there is of it, in minutes; `asked` 0: one course, however short (`missing` is then 1)."""

    minimum: Minimum
    asked: int
    counted: int

    @property
    def missing(self) -> int:
        """Minutes still to take."""
        return max(0, (self.asked or 1) - self.counted)


@dataclass(frozen=True, slots=True)
class Judged:
    """One course of the ledger: minutes of it that count in this window, and why the others do not."""

    course: Course
    counted: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """The answer, in minutes. `asked` None: nobody knows. `window` None: nobody knows in which days."""

    rule: ContinuingEducation
    state: State
    window: Period | None
    asked: int | None
    counted: int = 0
    carried: int = 0
    parts: tuple[Part, ...] = ()
    judged: tuple[Judged, ...] = ()
    questions: tuple[str, ...] = ()
    because: str = ""

    @property
    def until(self) -> date | None:
        """The last day on which a course counts."""
        return self.window.ends_on if self.window else None

    @property
    def missing(self) -> int:
        """Minutes still to take if they are chosen well: no fewer will do. What nobody knows is not in it, nor is a
        course that may be of any length.
        """
        if self.window is None or self.state in {State.NOT_ASKED, State.REPLACED}:
            return 0
        measured = [each for each in self.parts if each.asked]
        beside = sum(each.missing for each in measured if each.minimum.beside)
        inside = [each for each in measured if not each.minimum.beside]
        apart = {id(each) for each in _apart(each.minimum for each in inside)}
        different = sum(each.missing for each in inside if id(each.minimum) in apart)
        return beside + max([(self.asked or 0) - self.counted, different, 0, *(each.missing for each in inside)])


def balance(rule: ContinuingEducation, courses: Sequence[Course], facts: Facts, as_of: date) -> Balance:
    """How the courses completed by a day stand to the rule, for the term of the facts."""
    there = window(rule, facts.term, facts.first_issued_on, as_of, facts.term_years, facts.cycle_ends_on)
    if rule.hours == 0 and not rule.least:
        return Balance(rule, State.NOT_ASKED, there.days, 0)
    if there.days is None:
        asked = minutes(rule.hours, rule.minutes_per_hour) if rule.hours is not None else None
        said = (*(() if rule.hours is not None else (NO_HOURS,)), there.question, rule.question)
        return Balance(rule, State.UNKNOWN, None, asked, questions=tuple(each for each in said if each))
    return _counted(rule, courses, facts, as_of, there, there.days)


def _counted(
    rule: ContinuingEducation, courses: Sequence[Course], facts: Facts, as_of: date, there: Window, days: Period
) -> Balance:
    asked = asked_of(rule, facts.term, facts.first_issued_on, days)
    beside = frozenset(word for each in rule.least if each.beside for word in each.which.subjects)
    own = days if there.shared is None else Period(day_after(there.shared.ends_on), days.ends_on)
    past = cells(rule, (each for each in courses if each.completed_on <= as_of))
    mine = [cell for cell in past if own.holds(cell.course.completed_on)]
    counted = count(rule, mine, beside)
    carried = _carried(rule, past, there, beside)
    parts = _parts(rule, asked.minima, past, mine, days)
    judged = tuple(_judged(each, days, own, as_of, counted) for each in courses)
    questions = (there.question, *asked.questions, *_doubts(rule, past, days, carried))
    said = tuple(each for each in questions if each)
    found = Balance(
        rule, State.UNKNOWN, days, asked.minutes, counted.total + carried, carried, parts, judged, said, asked.because
    )
    return _with_state(found, facts)


def _with_state(found: Balance, facts: Facts) -> Balance:
    """The same with its state, which needs all the rest."""
    instead = next((facts.held[each] for each in found.rule.instead if each in facts.held), "")
    if instead:
        return replace(found, state=State.REPLACED, because=instead)
    if found.asked is None:
        return replace(found, questions=(NO_HOURS, *found.questions))
    if found.asked == 0 and not found.parts:
        return replace(found, state=State.NOT_ASKED)
    short = found.missing or any(each.missing for each in found.parts)
    return replace(found, state=State.SHORT if short else State.MET)


def _parts(
    rule: ContinuingEducation, minima: Sequence[Minimum], past: Sequence[Cell], mine: Sequence[Cell], days: Period
) -> tuple[Part, ...]:
    """Each minimum with its minutes. Minima of different subjects share what the limits leave room for."""
    apart, room = {id(each) for each in _apart(minima)}, Room(rule)
    found = []
    for each in minima:
        asked = minutes(each.hours, rule.minutes_per_hour)
        from_all = each.once or each.every_years is not None
        fitting = [cell for cell in (past if from_all else mine) if _fits(rule, each, cell, days)]
        free = from_all or each.beside
        left = None if free else room if id(each) in apart else Room(rule)
        found.append(Part(each, asked, _taken(fitting, asked or 1, left)))
    return tuple(found)


def _fits(rule: ContinuingEducation, minimum: Minimum, cell: Cell, days: Period) -> bool:
    """Whether minutes are of the kind that a minimum asks, and in its time."""
    course = cell.course
    if not speaks_of(minimum.which, course.form, cell.subject, course.approved):
        return False
    if rule.approved_only and not course.approved:
        return False
    if not minimum.which.subjects and cell.subject in rule.never:
        return False
    if minimum.every_years is None:
        return True
    return add_years(days.ends_on, -minimum.every_years) < course.completed_on <= days.ends_on


def _taken(fitting: Sequence[Cell], wanted: int, room: Room | None) -> int:
    got = 0
    for cell in fitting:
        got += min(cell.minutes, wanted - got) if room is None else room.take(cell, wanted - got)[0]
    return got


def _apart(minima: Iterable[Minimum]) -> list[Minimum]:
    """Minima of which no two can be met by the same minute, as no two name the same subject."""
    found: list[Minimum] = []
    used: set[str] = set()
    for each in minima:
        subjects = each.which.subjects
        if subjects and used.isdisjoint(subjects):
            found.append(each)
            used.update(subjects)
    return found


def _carried(rule: ContinuingEducation, past: Sequence[Cell], there: Window, beside: frozenset[str]) -> int:
    """Minutes over in the window before, where that was full by its own courses, as far as the rule keeps them."""
    before, shared = there.before, there.shared
    if before is None or rule.hours is None or not (rule.carry_over or shared):
        return 0
    earlier = count(rule, [cell for cell in past if before.holds(cell.course.completed_on)], beside)
    over = max(0, earlier.total - minutes(rule.hours, rule.minutes_per_hour))
    cap = minutes(rule.carry_over or 0, rule.minutes_per_hour)
    kept = min(over * rule.carry_over_percent // 100, cap)
    if shared is None or not over:
        return kept
    # What both windows have counts here first of all: an earlier course must not take its place under a limit there.
    late = count(rule, [cell for cell in past if shared.holds(cell.course.completed_on)], beside)
    return max(kept, min(over, late.total))


def _judged(course: Course, days: Period, own: Period, as_of: date, counted: Counted) -> Judged:
    """What counts of one course, and why not all of it."""
    day = course.completed_on
    if day > as_of:
        return Judged(course, 0, (f"Completed after {in_words(as_of)}.",))
    if day < days.starts_on:
        return Judged(course, 0, (f"Completed before {in_words(days.starts_on)}, when this window began.",))
    if day > days.ends_on:
        return Judged(course, 0, (f"Completed after {in_words(days.ends_on)}, when this window ended.",))
    if day < own.starts_on:
        return Judged(course, 0, (SHARED,))
    return Judged(course, counted.of.get(course.id, 0), tuple(counted.why.get(course.id, ())))


def _doubts(rule: ContinuingEducation, past: Sequence[Cell], days: Period, carried: int) -> tuple[str, ...]:
    """What the rule does not say and this answer would need."""
    length = NO_LENGTH if past and rule.minutes_per_hour is None else ""
    earlier = any(cell.course.completed_on < days.starts_on for cell in past)
    carry = NO_CARRY if earlier and rule.carry_over is None else CARRIED_SUBJECTS if carried and rule.least else ""
    return length, carry, rule.question
