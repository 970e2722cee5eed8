"""What the board says, painted over what the dates say: a suspended license is none, whatever is printed on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypeVar

from compliance.domain.covers import Cover, Status, Why, clipped, outside
from compliance.domain.credentials import Credential, Standing, StandingCode
from compliance.domain.periods import Period, difference
from compliance.domain.requirements import Provision, Verify

_BY_THE_DATES = frozenset({StandingCode.ACTIVE, StandingCode.ACTIVE_RESTRICTED})
_RENEWING = frozenset({StandingCode.PENDING_RENEWAL, StandingCode.GRACE})
_PAINTS = {
    StandingCode.PENDING_INITIAL: (Status.MISSING, Why.APPLIED_FOR),
    StandingCode.EXPIRED: (Status.LAPSED, Why.STANDING),
    StandingCode.UNKNOWN: (Status.UNVERIFIED, Why.STANDING),
}


class Spanning(Protocol):
    """Anything with a first and a last day."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...


S = TypeVar("S", bound=Spanning)


def standing_on(standings: Sequence[S], day: date) -> S | None:
    """Which of the standings, in the order of their recording, holds on a day: the one that began last, and of two
    that began together the one recorded last. One that ends gives way again to the one before it.
    """
    held = [(each.starts_on, place) for place, each in enumerate(standings) if each.starts_on <= day <= each.ends_on]
    return standings[max(held)[1]] if held else None


def with_standings(spans: list[Cover], credential: Credential, provision: Provision) -> list[Cover]:
    """What the board says, painted over what the dates say, each standing on the days on which it holds."""
    for days, standing in _in_force(credential.standings):
        if standing.standing is not StandingCode.ACTIVE:
            spans = _painted(spans, standing, days, credential, provision)
    return spans


def _in_force(standings: Sequence[Standing]) -> list[tuple[Period, Standing]]:
    """The days on which each standing holds, as `standing_on` says of every one of them."""
    found: list[tuple[Period, Standing]] = []
    for each in sorted(standings, key=lambda standing: standing.starts_on):
        if each.ends_on < each.starts_on:
            continue
        mine = Period(each.starts_on, each.ends_on)
        found = [(part, other) for days, other in found for part in difference([days], [mine])]
        found.append((mine, each))
    return found


def _painted(
    spans: list[Cover], standing: Standing, days: Period, credential: Credential, provision: Provision
) -> list[Cover]:
    """One standing over one stretch of days."""
    code, (start, end) = standing.standing, days
    inside = [clipped(each, start, end) for each in spans if each.starts_on <= end and each.ends_on >= start]
    if code in _BY_THE_DATES:
        painted = [_restricted(each, standing) for each in inside]
    elif code in _RENEWING:
        painted = [_renewing(each, standing, provision) for each in inside]
    else:
        status, why = _PAINTS.get(code, (Status.BLOCKED, Why.STANDING))
        term = inside[0].term if inside else None
        painted = [Cover(start, end, status, why, credential, term, standing)]
        if status is Status.UNVERIFIED:  # an unknown word cannot make a lapsed license better
            painted = [_doubted(each, standing) for each in inside]
    return [*outside(spans, start, end), *painted]


def _restricted(cover: Cover, standing: Standing) -> Cover:
    if cover.status is Status.MET:
        return cover._replace(why=Why.RESTRICTED, standing=standing)
    return cover


def _renewing(cover: Cover, standing: Standing, provision: Provision) -> Cover:
    """Inside a term its dates count; after it, only the law's word that practice goes on."""
    if cover.status is not Status.LAPSED:
        return cover
    if standing.standing in provision.practice_while and (provision.verify is Verify.NO or _is_proven(cover)):
        return cover._replace(status=Status.MET, why=Why.PRACTICE_GOES_ON, standing=standing)
    return cover._replace(why=Why.STANDING, standing=standing)


def _is_proven(cover: Cover) -> bool:
    """Whether somebody confirmed the term that the cover rests on."""
    if cover.credential is None or cover.term is None:
        return False
    return bool(cover.credential.proofs(cover.term))


def _doubted(cover: Cover, standing: Standing) -> Cover:
    if cover.status is Status.MET:
        return cover._replace(status=Status.UNVERIFIED, why=Why.STANDING, standing=standing)
    return cover
