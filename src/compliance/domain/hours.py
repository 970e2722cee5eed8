"""What a rule asks of continuing education, as a value: hours in a window, minima, limits, exceptions.

The catalog's tables have the same names (`docs/adding.md`). `None` always means that nobody knows: whoever counts says
so and asks. Courses are counted against the rule in `balance.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final

from compliance.domain.requirements import Citation


class Form(StrEnum):
    """How a course was taken. A recorded webinar is self-study (NCBTMB: home study)."""

    LIVE = "live"
    WEBINAR = "webinar"
    SELF_STUDY = "self-study"


FORM_WORDS: Final[Mapping[str, tuple[Form, ...]]] = {
    "online": (Form.WEBINAR, Form.SELF_STUDY),
    "distance": (Form.WEBINAR, Form.SELF_STUDY),
    "self-study": (Form.SELF_STUDY,),
    "self-instruction": (Form.SELF_STUDY,),
    "live": (Form.LIVE,),
    "in person": (Form.LIVE,),
}
"""Words that say how a course was taken where a rule could name a subject; any other word is a subject."""


@dataclass(frozen=True, slots=True)
class Which:
    """The minutes that a minimum or a limit speaks of: of these subjects, taken so, with an approval or without.

    An empty list is any. `approved` None: whether the provider is approved does not matter. Subjects are compared in
    lower case, which is how courses have them.
    """

    subjects: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    approved: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "subjects", tuple(each.lower() for each in self.subjects))


@dataclass(frozen=True, slots=True)
class Minimum:
    """At least so many hours of something.

    `hours` 0: one course of it, however long. `beside`: on top of the rule's hours, not a part of them. `once`: once in
    a career; `every_years`: once in so many years; neither: in each window. `from_renewal` 2: not at the first renewal.
    """

    what: str
    hours: float = 0
    which: Which = field(default_factory=Which)
    beside: bool = False
    once: bool = False
    every_years: int | None = None
    from_renewal: int = 1


@dataclass(frozen=True, slots=True)
class Maximum:
    """At most so many hours of something, in the window or on one day."""

    what: str
    hours: float
    which: Which = field(default_factory=Which)
    per_day: bool = False

    @property
    def words(self) -> str:
        """`12 hours (online, on one day)`."""
        return f"{self.hours:g} hours ({self.what}{', on one day' if self.per_day else ''})"


@dataclass(frozen=True, slots=True)
class First:
    """Hours at the first renewal of someone licensed for fewer months than this (None: however long); 0 is exempt."""

    hours: float
    under_months: int | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """Hours of someone who was first licensed at least so many years ago."""

    from_years: int
    hours: float


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day of the year in which the term ends, or of one so many years before: the window's own first or last day."""

    month: int
    day: int
    years_before: int = 0


@dataclass(frozen=True)
class ContinuingEducation:
    """Hours asked in a window of years.

    The window ends with the term unless one of these says otherwise: `window_anchor`, a day on which one window ended
    (they follow each other every `window_years`, whatever the license does); `window_from_issue`, windows of
    `window_years` one after the other from the first issue; `opens` and `closes`, days of the year of the expiry.

    `minima` and `maxima` are short for a `minimum` and a `maximum` of one subject or form ("ethics": 2, "online": 12).
    `carry_over` 0: nothing is kept; n: at most n hours of what is over; `carry_over_percent` of it, if not all.
    `first` and `first_hours_per_month` say what the first renewal asks; `first_minima` which minima hold then
    (None: all, if any hours are asked). `first_renewal` says it in words. `approved_only`: nothing counts without an
    approval number. `not_counted` are subjects that never count. `besides` are things to do that are not counted in
    hours. `instead` are credential types that replace the hours.
    """

    citation: Citation
    hours: float | None = None
    window_years: int | None = None
    minutes_per_hour: int | None = None
    minima: Mapping[str, float] = field(default_factory=dict)
    maxima: Mapping[str, float] = field(default_factory=dict)
    carry_over: float | None = None
    first_renewal: str = ""
    besides: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    keep_years: int | None = None
    reported_to: str = ""
    question: str = ""
    minimum: tuple[Minimum, ...] = ()
    maximum: tuple[Maximum, ...] = ()
    window_anchor: date | None = None
    window_from_issue: bool = False
    opens: YearDay | None = None
    closes: YearDay | None = None
    carry_over_percent: int = 100
    first: tuple[First, ...] = ()
    first_hours_per_month: float | None = None
    first_minima: tuple[str, ...] | None = None
    tier: tuple[Tier, ...] = ()
    approved_only: bool = False
    not_counted: tuple[str, ...] = ()

    @cached_property
    def never(self) -> frozenset[str]:
        """The subjects that never count, in lower case."""
        return frozenset(each.lower() for each in self.not_counted)

    @cached_property
    def least(self) -> tuple[Minimum, ...]:
        """Every minimum, the short ones first."""
        return (*(Minimum(what, hours, which(what)) for what, hours in self.minima.items()), *self.minimum)

    @cached_property
    def most(self) -> tuple[Maximum, ...]:
        """Every limit, the short ones first."""
        return (*(Maximum(what, hours, which(what)) for what, hours in self.maxima.items()), *self.maximum)

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The subjects that this rule tells apart, as written in it."""
        named = [*(each.which for each in self.least), *(each.which for each in self.most)]
        return tuple(dict.fromkeys((*(word for each in named for word in each.subjects), *sorted(self.never))))

    def as_json(self) -> dict[str, object]:
        """Plain values for scripts; the citation becomes its words, minima and maxima hold the long ones as well."""
        short = {
            "minima": {each.what: each.hours for each in self.least},
            "maxima": {each.what: each.hours for each in self.most},
        }
        cited = {"citation": self.citation.text, "confidence": self.citation.confidence.value}
        return {name: _plain(value) for name, value in ({**asdict(self), **short, **cited}).items()}


def _plain(value: object) -> object:
    """Whole numbers of hours as such, also deep inside: 24 and not 24.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def which(word: str) -> Which:
    """What a short minimum or limit speaks of: a form where the word is one, else the subject of that name.

    "ethics or jurisprudence" are two subjects, either of which will do; "laws and rules" is one.
    """
    forms = FORM_WORDS.get(word)
    if forms:
        return Which(forms=forms)
    either = [part for piece in word.split(" or ") for part in piece.split(", ")] if " or " in word else [word]
    return Which(subjects=tuple(part.strip() for part in either))
