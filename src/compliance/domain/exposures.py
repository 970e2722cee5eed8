"""Which treatments were given by somebody who was not cleared: each line against the stored periods of its day.

Pure: who is meant by a word and when somebody was cleared are arguments, so that a hundred thousand lines cost as many
look-ups and nothing else.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

CLEARED, NOT_CLEARED, NOT_ASSIGNED, UNKNOWN = "cleared", "not cleared", "not assigned", "not understood"
EXPOSED: Final = frozenset({NOT_CLEARED, NOT_ASSIGNED})

Word = tuple[str, str]
"""What a word stands for, or "" and the sentence why it stands for nothing."""


class Line(NamedTuple):
    """One treatment as it was written."""

    line: int
    therapist: str
    day: str
    modality: str
    clinic: str


class Period(NamedTuple):
    """Cleared or not over a span of days; `requirement` decides where not."""

    starts_on: date
    ends_on: date
    cleared: bool
    status: str
    requirement: str


Place = tuple[UUID, UUID, str]
"""Therapist, clinic, modality."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a file mean, each looked up once; a day that is none is the sentence why."""

    therapists: Mapping[str, UUID | str]
    clinics: Mapping[str, UUID | str]
    modalities: Mapping[str, tuple[str, str]]
    days: Mapping[str, date | str]


class Judged(NamedTuple):
    """What became of one line. `why` is set for what was not understood; `period` where there is one."""

    line: Line
    outcome: str
    place: Place | None
    day: date | None
    period: Period | None
    why: str = ""


def understood(line: Line, words: Words) -> Judged | tuple[Place, date]:
    """Who, where and when; or the line with the first thing in it that means nothing here."""
    who, where = words.therapists[line.therapist], words.clinics[line.clinic]
    code, problem = words.modalities[line.modality]
    day = words.days[line.day]
    for wrong in (who, day, problem, where):
        if isinstance(wrong, str) and wrong:
            return Judged(line, UNKNOWN, None, None, None, wrong)
    if isinstance(who, UUID) and isinstance(where, UUID) and isinstance(day, date):
        return (who, where, code), day
    return Judged(line, UNKNOWN, None, None, None, "The line is empty.")


def judge(lines: Iterable[Line], words: Words, periods: Mapping[Place, Sequence[Period]]) -> list[Judged]:
    """Every line in order. Periods of a place are in the order of their days and do not overlap."""
    starts = {place: [each.starts_on for each in found] for place, found in periods.items()}
    judged = []
    for line in lines:
        meant = understood(line, words)
        if isinstance(meant, Judged):
            judged.append(meant)
            continue
        place, day = meant
        at = bisect_right(starts.get(place, ()), day) - 1
        period = periods[place][at] if at >= 0 else None
        if period is None or period.ends_on < day:
            judged.append(Judged(line, NOT_ASSIGNED, place, day, None))
        else:
            judged.append(Judged(line, CLEARED if period.cleared else NOT_CLEARED, place, day, period))
    return judged
