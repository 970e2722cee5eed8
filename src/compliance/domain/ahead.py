"""Looking ahead: how many can still practice a modality in each of the next twelve months, and who drops out when.

Both look at verdicts as periods: those on record, or those that would be if something were different. Nobody is
supposed to renew anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.domain.periods import day_after

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Span:
    """A verdict from one day to another; `requirement` decides where it is no."""

    starts_on: date
    ends_on: date
    cleared: bool
    requirement: str = ""


Verdicts = Mapping[tuple[UUID, str], Sequence[Span]]
"""By therapist and modality, in the order of the days."""


@dataclass(frozen=True, slots=True)
class Month:
    """The first of a month, and how many are cleared on it, by modality."""

    day: date
    cleared: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Drop:
    """A therapist's last day of yes for a modality, and the requirement that ends it."""

    last_day: date
    therapist_id: UUID
    modality: str
    requirement: str


def firsts(today: date) -> tuple[date, ...]:
    """Today, and the first of each of the next twelve months."""
    ahead = (divmod(today.month - 1 + each, 12) for each in range(1, MONTHS + 1))
    return (today, *(date(today.year + years, month + 1, 1) for years, month in ahead))


def months(verdicts: Verdicts, today: date) -> tuple[Month, ...]:
    """How many are cleared today and on the first of each of the next twelve months."""
    return tuple(Month(day, _cleared(verdicts, day)) for day in firsts(today))


def _cleared(verdicts: Verdicts, day: date) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, modality), spans in verdicts.items():
        yes = any(each.cleared and each.starts_on <= day <= each.ends_on for each in spans)
        found[modality] = found.get(modality, 0) + yes
    return found


def drops(verdicts: Verdicts, today: date) -> tuple[Drop, ...]:
    """Each unbroken yes that ends between today and the last of those months, soonest first."""
    until = firsts(today)[-1]
    found = [
        Drop(each.ends_on, therapist_id, modality, after)
        for (therapist_id, modality), spans in verdicts.items()
        for each, after in _ending(spans)
        if today <= each.ends_on < until
    ]
    return tuple(sorted(found, key=lambda each: (each.last_day, str(each.therapist_id), each.modality)))


def stops(as_it_is: Verdicts, supposed: Verdicts, today: date) -> tuple[Drop, ...]:
    """Each yes of today that would be none under what is supposed; its last day is today, as things are a yes."""
    found = []
    for key, spans in supposed.items():
        then, now = _on(spans, today), _on(as_it_is.get(key, ()), today)
        if now is not None and now.cleared and (then is None or not then.cleared):
            found.append(Drop(today, *key, then.requirement if then else ""))
    return tuple(sorted(found, key=lambda each: (str(each.therapist_id), each.modality)))


def _on(spans: Sequence[Span], day: date) -> Span | None:
    return next((each for each in spans if each.starts_on <= day <= each.ends_on), None)


def _ending(spans: Sequence[Span]) -> Iterable[tuple[Span, str]]:
    """Each yes with what decides the day after it; nothing does where the assignment itself ends."""
    by_start = {each.starts_on: each for each in spans}
    for each in spans:
        after = by_start.get(day_after(each.ends_on))
        if each.cleared and (after is None or not after.cleared):
            yield each, after.requirement if after else ""
