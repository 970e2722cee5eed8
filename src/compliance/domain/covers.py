"""One status over a span of days: the piece that coverage is made of, and how pieces are cut and laid over others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from compliance.domain.credentials import Credential, Standing, Term, Waiver
from compliance.domain.periods import FOREVER, day_after, day_before


class Status(StrEnum):
    """What a requirement is on a day. `expiring` is `met` with an end in sight (assessment.py)."""

    MET = "met"
    EXPIRING = "expiring"
    UNVERIFIED = "unverified"
    LAPSED = "lapsed"
    MISSING = "missing"
    BLOCKED = "blocked"
    WAIVED = "waived"
    NOT_ASKED = "not-asked"
    UNKNOWN = "unknown"


CLEAR = frozenset({Status.MET, Status.EXPIRING, Status.WAIVED, Status.NOT_ASKED})


class Why(StrEnum):
    """The reason beside a status; `reasons.py` makes sentences of them."""

    IN_FORCE = "in-force"
    RESTRICTED = "restricted"
    PRACTICE_GOES_ON = "practice-goes-on"
    NOT_PROVEN = "not-proven"
    CORRECTED = "corrected"
    STALE = "stale"
    EARLIER_TERMS = "earlier-terms"
    STANDING = "standing"
    ENDED = "ended"
    NOTHING = "nothing"
    APPLIED_FOR = "applied-for"
    WAIVER = "waiver"
    PROVISION = "provision"


class Cover(NamedTuple):
    """One status over a span of days, with what it rests on."""

    starts_on: date
    ends_on: date
    status: Status
    why: Why
    credential: Credential | None = None
    term: Term | None = None
    standing: Standing | None = None
    waiver: Waiver | None = None


# The best of several credentials, on one day (semantics.md, section 1).
_RANK = {Status.MET: 0, Status.UNVERIFIED: 1, Status.BLOCKED: 2, Status.LAPSED: 3, Status.MISSING: 4}


def clipped(cover: Cover, start: date, end: date) -> Cover:
    if cover.starts_on >= start and cover.ends_on <= end:
        return cover
    return cover._replace(starts_on=max(cover.starts_on, start), ends_on=min(cover.ends_on, end))


def outside(spans: Iterable[Cover], start: date, end: date) -> list[Cover]:
    """What is left of the spans before and after a stretch of days."""
    left: list[Cover] = []
    for each in spans:
        if each.starts_on < start:
            left.append(clipped(each, each.starts_on, min(each.ends_on, day_before(start))))
        if each.ends_on > end:
            left.append(clipped(each, max(each.starts_on, day_after(end)), each.ends_on))
    return left


def best(layers: Sequence[Sequence[Cover]]) -> list[Cover]:
    """On each day the best of several layers; of equally good ones the one that lasts longest."""
    covers = [each for layer in layers for each in layer]
    starts = sorted(
        {each.starts_on for each in covers} | {day_after(c.ends_on) for c in covers if c.ends_on != FOREVER}
    )
    found: list[Cover] = []
    for index, start in enumerate(starts):
        end = day_before(starts[index + 1]) if index + 1 < len(starts) else FOREVER
        here = [each for each in covers if each.starts_on <= start and each.ends_on >= end]
        if here:
            found.append(clipped(min(here, key=lambda c: (_RANK[c.status], -c.ends_on.toordinal())), start, end))
    return found
