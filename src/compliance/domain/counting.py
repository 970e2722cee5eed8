"""Minutes of courses under the limits of a rule: which of them count, and why others do not.

A course is cut into cells, one for each subject in it; every minute lies in one cell. A cell under few limits is taken
before one under many, so that as much counts as can: with limits of one kind (how a course was taken) and of another
(its subject) no other order counts more. The order of the courses given does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from compliance.domain.hours import ContinuingEducation, Form, Which
from compliance.domain.ledger import Course

USUAL_MINUTES = 60
NOT_APPROVED = "No approval number is on file, and only approved courses count."
NOT_APPROVED_THEN = "The approval did not hold on the day of the course, and only approved courses count."


def minutes(hours: float, per_hour: int | None) -> int:
    """Hours of a rule in minutes; where the rule does not say how long one is, the full sixty."""
    return ceil(hours * (per_hour or USUAL_MINUTES) - 1e-6)


class Cell(NamedTuple):
    """Minutes of one subject ("" for no named one) in one course; `limits` are the places of those that it is under."""

    order: tuple[int, date, int, str]
    course: Course
    subject: str
    minutes: int
    limits: tuple[int, ...]


def speaks_of(which: Which, form: Form, subject: str, approved: bool) -> bool:
    """Whether a minimum or limit means minutes like these."""
    return (
        (not which.subjects or subject in which.subjects)
        and (not which.forms or form in which.forms)
        and (which.approved is None or which.approved == approved)
    )


def cells(rule: ContinuingEducation, courses: Iterable[Course]) -> list[Cell]:
    """All minutes of the courses, cell by cell, in the order in which they are counted."""
    found: list[Cell] = []
    for each in courses:
        rest = each.minutes
        for subject, given in each.subjects.items():
            part = min(given, rest)
            if part > 0:
                found.append(_cell(rule, each, subject, part))
                rest -= part
        if rest:
            found.append(_cell(rule, each, "", rest))
    found.sort(key=itemgetter(0))
    return found


def _cell(rule: ContinuingEducation, course: Course, subject: str, part: int) -> Cell:
    limits = _limits(rule, course.form, subject, course.approved)
    order = (len(limits), course.completed_on, course.id.int, subject)
    return Cell(order, course, subject, part, limits)


def _limits(rule: ContinuingEducation, form: Form, subject: str, approved: bool) -> tuple[int, ...]:
    """Which limits such minutes are under; few kinds of minutes are met again and again."""
    known: dict[tuple[Form, str, bool], tuple[int, ...]] = rule.__dict__.setdefault("_limits", {})
    key = (form, subject, approved)
    if key not in known:
        known[key] = tuple(i for i, each in enumerate(rule.most) if speaks_of(each.which, form, subject, approved))
    return known[key]


@dataclass(slots=True)
class Room:
    """What is left under each limit, in minutes; those per day have a room for each day."""

    rule: ContinuingEducation
    left: dict[tuple[int, date | None], int] = field(default_factory=dict)

    def take(self, cell: Cell, wanted: int) -> tuple[int, str]:
        """Takes as much of the cell as there is room for: how much that was, and which limit was in the way."""
        got, narrowest = min(cell.minutes, wanted), ""
        if not cell.limits:
            return got, ""
        keys = [(i, cell.course.completed_on if self.rule.most[i].per_day else None) for i in cell.limits]
        for key in keys:
            left = self._left(key)
            if left < got:
                got, narrowest = left, self.rule.most[key[0]].words
        for key in keys:
            self.left[key] -= got
        return got, narrowest

    def _left(self, key: tuple[int, date | None]) -> int:
        if key not in self.left:
            self.left[key] = minutes(self.rule.most[key[0]].hours, self.rule.minutes_per_hour)
        return self.left[key]


@dataclass(slots=True)
class Counted:
    """How many minutes count in all and of each course, and why some do not, by the course's id."""

    total: int = 0
    of: dict[UUID, int] = field(default_factory=dict)
    why: dict[UUID, list[str]] = field(default_factory=dict)

    def add(self, course: Course, got: int) -> None:
        """Counts minutes of a course."""
        self.total += got
        self.of[course.id] = self.of.get(course.id, 0) + got

    def leave_out(self, course: Course, reason: str) -> None:
        """Says once why minutes of a course do not count."""
        reasons = self.why.setdefault(course.id, [])
        if reason not in reasons:
            reasons.append(reason)


def count(rule: ContinuingEducation, found: Sequence[Cell], beside: frozenset[str]) -> Counted:
    """Counts cells of one window towards the rule's hours; what is asked beside those hours is left to its minimum."""
    room, counted = Room(rule), Counted()
    for cell in found:
        reason = _never(rule, cell, beside)
        got, limit = (0, "") if reason else room.take(cell, cell.minutes)
        if got:
            counted.add(cell.course, got)
        if limit:
            reason = f"Over the limit of {limit}."
        if reason:
            counted.leave_out(cell.course, reason)
    return counted


def _never(rule: ContinuingEducation, cell: Cell, beside: frozenset[str]) -> str:
    if rule.approved_only and not cell.course.approved:
        return NOT_APPROVED_THEN if cell.course.approved_another_time else NOT_APPROVED
    if cell.subject in rule.never:
        return f"The subject {cell.subject} does not count here."
    return f"The subject {cell.subject} is asked beside the hours." if cell.subject in beside else ""
