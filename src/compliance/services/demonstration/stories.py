"""What each demonstration therapist holds: terms of several years, ended, renewed and looked at as the story says.

All days are counted from the day of loading, so that somebody's license always ends next week.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from compliance.domain.credentials import Result, StandingCode
from compliance.domain.periods import FOREVER
from compliance.services.demonstration.people import CLINICS, Person

LOOKED: Final = {
    "us-fl": "Florida license search",
    "us-tx": "Texas license search",
    "us-nv": "Nevada board, by telephone",
}
NUMBERS: Final = {"us-fl": "MA {}", "us-tx": "MT{}", "us-nv": "NVMT.{}"}
REVIEWER: Final = "Dana Whitfield"


@dataclass(frozen=True, slots=True)
class Said:
    """What the board said from a day on."""

    standing: StandingCode
    since: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A credential with its terms in order; `looks` is what was found about each of them (None: nobody looked)."""

    type: str
    terms: tuple[tuple[date, date], ...]
    looks: tuple[Result | None, ...] = ()
    jurisdiction: str | None = None
    authority: str = ""
    number: str = ""
    source: str = ""
    said: Said | None = None


def held_by(person: Person, serial: int, today: date) -> Iterator[Held]:
    """Everything that one therapist holds on that day."""
    jurisdiction = CLINICS[person.clinic][0]
    if jurisdiction != "us-ks":
        yield _license(person.story, serial, today, jurisdiction)
    if any(each.startswith(("trigger", "neuro")) for each in person.modalities):
        yield from _beyond_the_license(person.story, serial, today)


def _beyond_the_license(story: str, serial: int, today: date) -> Iterator[Held]:
    """Examination, certification and membership."""
    passed = _years(today, -6) - timedelta(days=serial * 11)
    if story != "no-exam":
        yield Held("mblex", ((passed, FOREVER),), authority="fsmtb", number=f"{700100 + serial}")
    if story != "no-certification":
        days = {"certification-soon": 17, "certification-lapsed": -24}.get(story, _spread(serial, 90, 500))
        terms = _terms(today + timedelta(days=days), years=2, count=2)
        yield Held(_certification(serial), terms, number=f"59{7100 + serial}")
    if story != "waived":
        days = {"membership-soon": 9, "membership-lapsed": -11}.get(story, _spread(serial, 40, 270))
        terms = _terms(today + timedelta(days=days), years=1, count=3)
        yield Held("amta-membership", terms, authority="amta", number=f"{310400 + serial}")


def _certification(serial: int) -> str:
    return ("bctmb", "cmtpt", "cnmt")[serial % 3 if serial % 5 else 0]


def _license(story: str, serial: int, today: date, jurisdiction: str) -> Held:
    terms = _license_terms(story, serial, today, jurisdiction)
    found = Held(
        "massage-license",
        terms,
        tuple(Result.CONFIRMED for _ in terms),
        jurisdiction,
        number=NUMBERS[jurisdiction].format(80_000 + serial * 37),
        source=LOOKED[jurisdiction],
    )
    if story in ("unverified", "differs"):
        last = Result.DIFFERS if story == "differs" else None
        return replace(found, looks=(*found.looks[:-1], last))
    said = _said(story, today)
    if story == "applied":
        return replace(found, terms=(), looks=(), number="", said=said)
    return replace(found, said=said) if said else found


def _said(story: str, today: date) -> Said | None:
    """What the board says where it says something else than `active`."""
    code, days, note = {
        "suspended": (StandingCode.SUSPENDED, 41, "Emergency order, case 24-118."),
        "restricted": (StandingCode.ACTIVE_RESTRICTED, 120, "Supervised practice for a year."),
        "revoked": (StandingCode.REVOKED, 210, "Final order of the board."),
        "applied": (StandingCode.PENDING_INITIAL, 20, ""),
        "pending-renewal": (StandingCode.PENDING_RENEWAL, 15, ""),
    }.get(story, (None, 0, ""))
    return Said(code, today - timedelta(days=days), note) if code else None


def _license_terms(story: str, serial: int, today: date, jurisdiction: str) -> tuple[tuple[date, date], ...]:
    days = {"license-soon": 6, "lapsed": -19, "pending-renewal": -8}.get(story, _spread(serial, 70, 640))
    if jurisdiction == "us-fl":
        last = _last_of_august(today)
        return _terms(_years(last, -2) if story == "not-renewed" else last, years=2, count=2)
    ends_on = today + timedelta(days=days)
    if jurisdiction == "us-nv":
        ends_on = (ends_on.replace(day=1) + timedelta(days=32)).replace(day=1)
    return _terms(ends_on, years=2, count=2)


def _last_of_august(today: date) -> date:
    """The next August 31 of an odd year: when every license in Florida ends."""
    year = today.year if today <= date(today.year, 8, 31) else today.year + 1
    return date(year + (year + 1) % 2, 8, 31)


def _terms(ends_on: date, *, years: int, count: int) -> tuple[tuple[date, date], ...]:
    """Terms one after the other, the last of which ends then; the first one begins on an anniversary."""
    ends = [_years(ends_on, -years * back) for back in reversed(range(count))]
    starts = [_years(ends[0], -years), *(each + timedelta(days=1) for each in ends[:-1])]
    return tuple(zip(starts, ends, strict=True))


def _years(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=day.year + years)


def _spread(serial: int, least: int, most: int) -> int:
    """A number of days that differs from person to person and is the same at every loading."""
    return least + serial * 61 % (most - least)
