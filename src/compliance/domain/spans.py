"""One credential's terms as covers: in force and proven or not, lapsed between and after, unknown before.

What the board says is painted over them at the end (`standings.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from compliance.domain.covers import Cover, Status, Why, best
from compliance.domain.credentials import Credential, StandingCode, Term, Verification
from compliance.domain.periods import BEGINNING, FOREVER, day_after, day_before
from compliance.domain.requirements import Provision, Verify, WhenStale
from compliance.domain.standings import with_standings


def credential_covers(credential: Credential, provision: Provision) -> list[Cover]:
    """What one credential gives under a provision; days before it are left out."""
    spans = _spans(credential, provision)
    if any(each.standing is not StandingCode.ACTIVE for each in credential.standings):
        spans = with_standings(spans, credential, provision)
    return spans


def _spans(credential: Credential, provision: Provision) -> list[Cover]:
    """Terms as covers: in force, lapsed after each end until the next begins, and unknown before an inferred start."""
    terms = sorted(credential.terms, key=_by_start) if len(credential.terms) > 1 else credential.terms
    spans: list[Cover] = []
    latest: Term | None = None  # the one that reaches furthest so far
    for term in terms:
        if latest is None:
            spans.extend(_before_first(credential, term))
        elif term.starts_on > day_after(latest.ends_on):
            spans.append(_between(credential, latest, term))
        elif term.starts_on <= latest.ends_on:
            return _overlapping(credential, provision)
        spans.extend(_proven(credential, term, provision))
        latest = term
    if latest is not None and latest.ends_on != FOREVER:
        spans.append(Cover(day_after(latest.ends_on), FOREVER, Status.LAPSED, Why.ENDED, credential, latest))
    return spans


def _by_start(term: Term) -> tuple[date, date]:
    return term.starts_on, term.ends_on


def _before_first(credential: Credential, term: Term) -> list[Cover]:
    """Where the first recorded term's start was only inferred, earlier terms existed and nobody recorded them."""
    start = credential.first_issued_on or (BEGINNING if term.inferred else term.starts_on)
    if start >= term.starts_on:
        return []
    return [Cover(start, day_before(term.starts_on), Status.UNVERIFIED, Why.EARLIER_TERMS, credential, term)]


def _between(credential: Credential, earlier: Term, later: Term) -> Cover:
    start, end = day_after(earlier.ends_on), day_before(later.starts_on)
    if later.inferred:
        return Cover(start, end, Status.UNVERIFIED, Why.EARLIER_TERMS, credential, later)
    return Cover(start, end, Status.LAPSED, Why.ENDED, credential, earlier)


def _overlapping(credential: Credential, provision: Provision) -> list[Cover]:
    """Terms that overlap: each is a layer of its own, the best counts, and what is between them has lapsed."""
    layers = [_proven(credential, term, provision) for term in credential.terms]
    spans: list[Cover] = []
    latest = min(credential.terms, key=_by_start)
    spans.extend(_before_first(credential, latest))
    for term in sorted(credential.terms, key=_by_start):
        if term.starts_on > day_after(latest.ends_on):
            spans.append(_between(credential, latest, term))
        latest = max(latest, term, key=lambda each: each.ends_on)
    if latest.ends_on != FOREVER:
        spans.append(Cover(day_after(latest.ends_on), FOREVER, Status.LAPSED, Why.ENDED, credential, latest))
    return best([*layers, spans])


def _proven(credential: Credential, term: Term, provision: Provision) -> list[Cover]:
    """A term's days: met where it is proven as often as asked, else unverified."""
    if provision.verify is Verify.NO:
        return [Cover(term.starts_on, term.ends_on, Status.MET, Why.IN_FORCE, credential, term)]
    looks = credential.proofs(term)
    if not looks:
        why = Why.CORRECTED if credential.confirmed(term) else Why.NOT_PROVEN
        return [Cover(term.starts_on, term.ends_on, Status.UNVERIFIED, why, credential, term)]
    if provision.verify is Verify.EVERY_N_DAYS and provision.when_stale is WhenStale.BLOCK and provision.every_days:
        return _fresh(credential, term, looks, timedelta(days=provision.every_days))
    return [Cover(term.starts_on, term.ends_on, Status.MET, Why.IN_FORCE, credential, term)]


def _fresh(credential: Credential, term: Term, looks: Sequence[Verification], reach: timedelta) -> list[Cover]:
    """Met from the term's start while each look is fresh, unverified once the last one is stale."""
    covers: list[Cover] = []
    start = term.starts_on
    for index, look in enumerate(looks):
        fresh_until = FOREVER if FOREVER - look.verified_on <= reach else look.verified_on + reach
        following = looks[index + 1].verified_on if index + 1 < len(looks) else FOREVER
        end = min(term.ends_on, fresh_until)
        if end >= start:
            covers.append(Cover(start, end, Status.MET, Why.IN_FORCE, credential, term))
            start = day_after(end)
        stale_until = min(term.ends_on, day_before(following) if following != FOREVER else FOREVER)
        if start <= stale_until and end < term.ends_on:
            covers.append(Cover(start, stale_until, Status.UNVERIFIED, Why.STALE, credential, term))
            start = day_after(stale_until)
    return covers
