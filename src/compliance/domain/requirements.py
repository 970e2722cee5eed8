"""What is asked, in dated wordings. The catalog and an organization's policies both end up as these values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from compliance.domain.credentials import StandingCode
from compliance.domain.periods import BEGINNING, FOREVER, Period, day_after, day_before


class Asked(StrEnum):
    """Whether a provision asks for something; `unknown` means that the catalog does not say, and a person must."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Verify(StrEnum):
    """How often the primary source must be looked at before a term counts."""

    NO = "no"
    ONCE_PER_TERM = "once-per-term"
    EVERY_N_DAYS = "every-n-days"


class WhenStale(StrEnum):
    """What an old look does: ask for a new one, or stop practice."""

    REMIND = "remind"
    BLOCK = "block"


class Holder(StrEnum):
    """Who holds what is asked."""

    THERAPIST = "therapist"
    CLINIC = "clinic"


class Confidence(StrEnum):
    """How sure the catalog is of a figure."""

    PRIMARY = "primary"  # a statute's or board's own text
    BOARD_PAGE = "board-page"
    SECONDARY = "secondary"
    UNSURE = "unsure"
    ANSWERED = "answered"  # by the organization itself, where the catalog says that it does not know


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a figure comes from: the words to print, an address, the day it was read, and how sure it is."""

    text: str
    url: str = ""
    as_of: str = ""
    confidence: Confidence = Confidence.UNSURE


@dataclass(frozen=True, slots=True)
class DetailCondition:
    """A provision's demand on a detail of the credential: a least amount, or a value it must have."""

    name: str
    at_least: int | None = None
    equals: str | None = None

    def met_by(self, details: Mapping[str, object]) -> bool:
        """Whether the credential's details say so; a detail that is not recorded meets nothing."""
        given = details.get(self.name)
        if self.at_least is not None:
            return isinstance(given, int) and given >= self.at_least
        return given is not None and str(given) == self.equals


@dataclass(frozen=True, slots=True)
class Provision:
    """A requirement's wording from one effective day to the next.

    `accepts` are credential types; `jurisdiction` is where the credential must be from (None: anywhere);
    `practice_while` are the standings after expiry under which the law lets practice go on.
    """

    applies_on: date = BEGINNING
    ends_on: date = FOREVER
    asked: Asked = Asked.YES
    accepts: frozenset[str] = frozenset()
    jurisdiction: str | None = None
    verify: Verify = Verify.NO
    every_days: int | None = None
    when_stale: WhenStale = WhenStale.REMIND
    practice_while: frozenset[StandingCode] = frozenset()
    details: tuple[DetailCondition, ...] = ()
    citation: Citation = field(default_factory=lambda: Citation(""))
    question: str = ""  # what to find out, when `asked` is unknown

    @property
    def period(self) -> Period:
        """The days for which this wording holds."""
        return Period(self.applies_on, self.ends_on)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing asked, by its code (`license`, `licensing-exam` ...), at a place, with its dated provisions.

    `silent`: no file speaks of it, so that its unknown wording is a question about the place and none of its rules.
    """

    code: str
    title: str
    provisions: tuple[Provision, ...]
    jurisdiction: str | None = None
    holder: Holder = Holder.THERAPIST
    silent: bool = False

    def provision_on(self, day: date) -> Provision | None:
        """The wording that holds on a day."""
        return next((p for p in self.provisions if p.applies_on <= day <= p.ends_on), None)


@dataclass(frozen=True, slots=True)
class Policy:
    """An employer's own requirement, or its widening of a catalog one. Same shape, kept in the database.

    `modalities` and `jurisdictions` say where it is asked (empty: everywhere). With `widens` the provision's accepted
    types are added to the catalog requirement of that code instead of asking for one thing more; with `tightens` its
    looks at the source and its details are asked of what that requirement accepts. With `answers` it says what the
    catalog does not know: whether that requirement is asked, or, with a code of PRACTICE, whether practice goes on
    while a renewal is pending or in grace. Once the catalog knows, it counts no more.
    """

    requirement: Requirement
    modalities: frozenset[str] = frozenset()
    jurisdictions: frozenset[str] = frozenset()
    widens: bool = False
    answers: bool = False
    tightens: bool = False

    def concerns(self, modality: str, jurisdictions: Iterable[str]) -> bool:
        """Whether the policy speaks of this modality at a place that lies in these jurisdictions."""
        here = not self.jurisdictions or not self.jurisdictions.isdisjoint(jurisdictions)
        return here and (not self.modalities or modality in self.modalities)


PRACTICE: Final = {
    "practice-while-pending": StandingCode.PENDING_RENEWAL,
    "practice-in-grace": StandingCode.GRACE,
}
"""Questions about a place that an answer may settle, by their code: under which standing practice would go on."""


def with_policies(asked: Iterable[Requirement], policies: Collection[Policy]) -> tuple[Requirement, ...]:
    """The catalog's requirements with an organization's policies: answered, widened, then joined by its own."""
    found = list(asked)
    own: dict[str, Requirement] = {}
    for policy in sorted(policies, key=lambda each: not each.answers):
        if policy.answers:
            found = [_answered(each, policy.requirement) for each in found]
        elif policy.widens or policy.tightens:
            change = _accepting_more if policy.widens else _stricter
            found = [_changed(each, policy.requirement, change) for each in found]
        else:
            _join(own, policy.requirement)
    for policy in policies:
        if policy.answers:
            own = {code: _answered(each, policy.requirement) for code, each in own.items()}
    codes = {each.code for each in found}
    return (*found, *(replace(each, code=f"own-{each.code}") if each.code in codes else each for each in own.values()))


def _join(own: dict[str, Requirement], requirement: Requirement) -> None:
    """A policy that was ended and asked again is one requirement with several dated provisions."""
    earlier = own.get(requirement.code)
    provisions = (*(earlier.provisions if earlier else ()), *requirement.provisions)
    ordered = tuple(sorted(provisions, key=lambda each: each.applies_on))
    own[requirement.code] = replace(requirement, provisions=ordered)


Change = Callable[[Provision, Provision], dict[str, Any]]


def _changed(requirement: Requirement, by: Requirement, change: Change) -> Requirement:
    if requirement.code != by.code:
        return requirement
    provisions: list[Provision] = list(requirement.provisions)
    for extra in by.provisions:
        provisions = [part for each in provisions for part in _split(each, extra, **change(each, extra))]
    return replace(requirement, provisions=tuple(provisions))


def _answered(requirement: Requirement, by: Requirement) -> Requirement:
    """What the catalog does not know is as the organization answered; what it knows stays."""
    if by.code not in (requirement.code, *PRACTICE) or requirement.jurisdiction != by.jurisdiction:
        return requirement
    provisions: list[Provision] = list(requirement.provisions)
    for said in by.provisions:
        provisions = [part for each in provisions for part in _said(each, said, PRACTICE.get(by.code))]
    return replace(requirement, provisions=tuple(provisions))


def _said(provision: Provision, said: Provision, standing: StandingCode | None) -> tuple[Provision, ...]:
    """A wording with an answer: on whether it is asked, or on whether practice goes on under a standing."""
    if standing is None and provision.asked is Asked.UNKNOWN:
        return _split(provision, said, asked=said.asked, citation=said.citation, question="")
    if standing is not None and provision.asked is Asked.YES and said.asked is Asked.YES:
        law = provision.citation
        both = replace(law, text=f"{law.text}. That practice goes on meanwhile: {said.citation.text}")
        return _split(provision, said, practice_while=provision.practice_while | {standing}, citation=both)
    return (provision,)


def _split(provision: Provision, extra: Provision, **changes: Any) -> tuple[Provision, ...]:
    """The provision before, under and after the days on which the organization says something else."""
    start, end = max(provision.applies_on, extra.applies_on), min(provision.ends_on, extra.ends_on)
    if start > end:
        return (provision,)
    parts = [replace(provision, applies_on=start, ends_on=end, **changes)]
    if provision.applies_on < start:
        parts.insert(0, replace(provision, ends_on=day_before(start)))
    if end < provision.ends_on:
        parts.append(replace(provision, applies_on=day_after(end)))
    return tuple(parts)


def _accepting_more(provision: Provision, extra: Provision) -> dict[str, Any]:
    return {"accepts": provision.accepts | extra.accepts}


_OFTEN = (Verify.NO, Verify.ONCE_PER_TERM, Verify.EVERY_N_DAYS)


def _stricter(provision: Provision, extra: Provision) -> dict[str, Any]:
    """Whichever looks more often, and stops sooner; what the law asks is never asked less."""
    every = [each.every_days for each in (provision, extra) if each.verify is Verify.EVERY_N_DAYS and each.every_days]
    stale = WhenStale.BLOCK if WhenStale.BLOCK in (provision.when_stale, extra.when_stale) else WhenStale.REMIND
    return {
        "verify": max(provision.verify, extra.verify, key=_OFTEN.index),
        "every_days": min(every, default=None),
        "when_stale": stale,
        "details": tuple(dict.fromkeys((*provision.details, *extra.details))),
    }
