"""The shapes of the catalog's files. A key that is not named here is refused."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from compliance.catalog.education_shapes import EducationTable
from compliance.catalog.strict import CitedTable, Strict
from compliance.catalog.values import Regulation, Topic
from compliance.domain.requirements import Asked, Confidence, Holder, Verify, WhenStale


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


class DayBeforeTable(Strict):
    days: int | None = None
    months: int | None = None
    month: int | None = None
    day: int | None = None


class RenewalTable(Strict):
    """`model` holds the name of its shape and that shape's figures. With `applies_on` it follows an earlier wording."""

    type: str
    model: dict[str, Any]
    source: str
    window_days_before: int | None = None
    opens: DayBeforeTable | None = None
    window_source: str | None = None
    apply_by: DayBeforeTable | None = None
    continuing_education: EducationTable | None = None
    notes: tuple[str, ...] = ()
    applies_on: date | None = None
    ends_on: date | None = None


class TypesFile(Strict):
    default_ladder: LadderTable
    sources: dict[str, SourceTable]
    type: tuple[TypeTable, ...]
    renewal: tuple[RenewalTable, ...] = ()


class ProfessionTable(Strict):
    """Who practices: what their license is called among the requirements. Of it no place may be silent."""

    code: str
    title: str
    license: str


class ModalityTable(Strict):
    code: str
    title: str
    short: str
    asks: tuple[str, ...]
    source: str
    aliases: tuple[str, ...] = ()
    profession: str = "massage"


class ModalitiesFile(Strict):
    sources: dict[str, SourceTable]
    profession: tuple[ProfessionTable, ...]
    modality: tuple[ModalityTable, ...]


class RequirementTable(Strict):
    """What a requirement accepts; `by_jurisdiction`: a place's file says whether it is asked of the `profession`."""

    code: str
    title: str
    accepts: tuple[str, ...]
    verify: Verify = Verify.NO
    holder: Holder = Holder.THERAPIST
    by_jurisdiction: bool = False
    profession: str = "massage"
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


class ExamsTable(CitedTable):
    honored: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    note: str = ""


class AfterExpiryTable(CitedTable):
    practice_while_pending: Asked = Asked.UNKNOWN
    practice_in_grace: Asked = Asked.UNKNOWN
    late_renewal: str = ""
    late_renewal_days: int | None = None
    grace_days: int | None = None
    ends_for_good: str = ""


class DutyTable(CitedTable):
    """What a place asks beside the license, for people to read; `asked` tables are what verdicts are made from."""

    topic: Topic
    asked: Asked
    says: str
    applies_on: date | None = None


class ConflictTable(CitedTable):
    about: str
    says: tuple[str, ...]


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
    duty: tuple[DutyTable, ...] = ()
    renewal: tuple[RenewalTable, ...] = ()
    conflict: tuple[ConflictTable, ...] = ()
    offer: tuple[OfferTable, ...] = ()
