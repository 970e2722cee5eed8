"""The shapes of the catalog's files. A key that is not named here is refused."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct, field

from compliance.catalog.values import Regulation
from compliance.domain.requirements import Asked, Confidence, Holder, Verify, WhenStale


class Strict(Struct, forbid_unknown_fields=True, kw_only=True):
    """A table of a file."""


class SourceTable(Strict):
    """Where a figure comes from; other tables name it by its key."""

    text: str
    as_of: str
    confidence: Confidence
    url: str = ""


class AuthorityTable(Strict):
    code: str
    name: str
    aliases: tuple[str, ...] = ()
    url: str = ""


class DetailTable(Strict):
    name: str
    title: str
    kind: Literal["text", "integer", "money", "boolean", "date", "choice"] = "text"
    unit: str = ""
    choices: tuple[str, ...] = ()


class LadderTable(Strict):
    therapist: tuple[int, ...] = ()
    manager: tuple[int, ...] = ()
    owner: tuple[int, ...] = ()


class TypeTable(Strict):
    code: str
    title: str
    short: str
    holder: Holder = Holder.THERAPIST
    aliases: tuple[str, ...] = ()
    expires: bool = True
    longest_months: int | None = None
    usual_months: int | None = None
    jurisdiction_bound: bool = False
    authority_asked: bool = False
    authority: tuple[AuthorityTable, ...] = ()
    detail: tuple[DetailTable, ...] = ()
    ladder: LadderTable | None = None
    notes: tuple[str, ...] = ()
    source: str | None = None


class EducationTable(Strict):
    source: str
    hours: int | None = None
    window_years: int | None = None
    minutes_per_hour: int | None = None
    minima: dict[str, int] = field(default_factory=dict)
    maxima: dict[str, int] = field(default_factory=dict)
    carry_over: int | None = None
    first_renewal: str = ""
    besides: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    keep_years: int | None = None
    reported_to: str = ""
    question: str = ""


class RenewalTable(Strict):
    """`model` holds the name of its shape and that shape's figures."""

    type: str
    model: dict[str, str | int]
    source: str
    window_days_before: int | None = None
    window_source: str | None = None
    continuing_education: EducationTable | None = None
    notes: tuple[str, ...] = ()
    applies_on: date | None = None
    ends_on: date | None = None


class TypesFile(Strict):
    default_ladder: LadderTable
    sources: dict[str, SourceTable]
    type: tuple[TypeTable, ...]
    renewal: tuple[RenewalTable, ...] = ()


class ModalityTable(Strict):
    code: str
    title: str
    short: str
    asks: tuple[str, ...]
    source: str
    aliases: tuple[str, ...] = ()


class ModalitiesFile(Strict):
    sources: dict[str, SourceTable]
    modality: tuple[ModalityTable, ...]


class RequirementTable(Strict):
    """What a requirement accepts wherever it is asked; `by_jurisdiction`: a place's file says whether it is."""

    code: str
    title: str
    accepts: tuple[str, ...]
    verify: Verify = Verify.NO
    by_jurisdiction: bool = False
    question: str = ""


class ConditionTable(Strict):
    name: str
    at_least: int | None = None
    equals: str | None = None


class OfferTable(Strict):
    """What an organization may adopt as its own policy; in a jurisdiction's file it speaks of that place alone."""

    code: str
    requirement: str
    title: str
    accepts: tuple[str, ...]
    source: str
    holder: Holder = Holder.THERAPIST
    verify: Verify = Verify.NO
    widens: bool = False
    modalities: tuple[str, ...] = ()
    details: tuple[ConditionTable, ...] = ()


class PoliciesFile(Strict):
    sources: dict[str, SourceTable]
    requirement: tuple[RequirementTable, ...]
    offer: tuple[OfferTable, ...]


class BoardTable(Strict):
    name: str
    time_zone: str
    aliases: tuple[str, ...] = ()
    lookup_url: str = ""
    lookup_confidence: Confidence = Confidence.UNSURE
    lookup_source: str = ""


class ExamsTable(Strict):
    source: str
    honored: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    note: str = ""


class AfterExpiryTable(Strict):
    source: str
    practice_while_pending: Asked = Asked.UNKNOWN
    practice_in_grace: Asked = Asked.UNKNOWN
    late_renewal: str = ""
    late_renewal_days: int | None = None
    ends_for_good: str = ""


class ConflictTable(Strict):
    about: str
    says: tuple[str, ...]
    source: str


class AskedTable(Strict):
    """One dated wording: whether the requirement is asked here. Without days it holds always."""

    requirement: str
    asked: Asked
    source: str
    applies_on: date | None = None
    ends_on: date | None = None
    accepts: tuple[str, ...] | None = None
    verify: Verify | None = None
    every_days: int | None = None
    when_stale: WhenStale = WhenStale.REMIND
    details: tuple[ConditionTable, ...] = ()
    question: str = ""


class JurisdictionFile(Strict):
    code: str
    name: str
    regulation: Regulation
    time_zones: tuple[str, ...]
    sources: dict[str, SourceTable]
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    title: str = ""
    notes: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    board: BoardTable | None = None
    exams: ExamsTable | None = None
    after_expiry: AfterExpiryTable | None = None
    asked: tuple[AskedTable, ...] = ()
    renewal: tuple[RenewalTable, ...] = ()
    conflict: tuple[ConflictTable, ...] = ()
    offer: tuple[OfferTable, ...] = ()
