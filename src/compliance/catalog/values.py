"""What the catalog knows beside the domain's values: modalities, jurisdictions, their boards and open questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from compliance.domain.periods import BEGINNING
from compliance.domain.requirements import Asked, Citation, Confidence


class CatalogError(ValueError):
    """A file that is not understood, or a code that is not known; it says what was given and what is allowed."""


class Regulation(StrEnum):
    """Who regulates massage in a place."""

    LICENSE = "license"
    REGISTRATION = "registration"
    VOLUNTARY_CERTIFICATION = "voluntary-certification"
    LOCAL = "local"
    NONE = "none"


class Topic(StrEnum):
    """What a place may ask beside the license itself."""

    INSURANCE = "insurance"
    CPR = "cpr"
    ESTABLISHMENT = "establishment-license"
    DISPLAY = "display"
    TRAINING = "training"
    BACKGROUND = "background-check"
    NOTICE = "notice"
    DISCLOSURE = "disclosure"
    LICENSE_CHECK = "license-check"


ALWAYS_TOLD: Final = (Topic.INSURANCE, Topic.CPR, Topic.ESTABLISHMENT, Topic.DISPLAY)
"""Of these it is said that they are not known where a place's file is silent."""


@dataclass(frozen=True, slots=True)
class Modality:
    """What is practiced, and the codes of the requirements that the catalog's policy asks for it."""

    code: str
    title: str
    short: str
    aliases: tuple[str, ...]
    asks: tuple[str, ...]
    citation: Citation
    profession: str = "massage"


@dataclass(frozen=True, slots=True)
class Board:
    """Who keeps the register. Law counts days in its time zone; a look-up address may be unknown or unsure."""

    name: str
    time_zone: str
    aliases: tuple[str, ...] = ()
    lookup_url: str = ""
    lookup_confidence: Confidence = Confidence.UNSURE
    lookup_source: str = ""


@dataclass(frozen=True, slots=True)
class Exams:
    """Examinations that the board is known to honor, and those it asks beside; for reading, not for judging."""

    citation: Citation
    honored: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class AfterExpiry:
    """What the law says once a term has ended. `unknown` is not a no: it is a question for the board.

    `late_renewal_days` is how long it can be renewed late; `grace_days` what the law itself calls grace.
    """

    citation: Citation
    practice_while_pending: Asked = Asked.UNKNOWN
    practice_in_grace: Asked = Asked.UNKNOWN
    late_renewal: str = ""
    late_renewal_days: int | None = None
    grace_days: int | None = None
    ends_for_good: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """What a place asks beside the license, in words; `applies_on` is BEGINNING where its first day is not known."""

    topic: Topic
    asked: Asked
    says: str
    citation: Citation
    applies_on: date = BEGINNING


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sources that do not agree, and which of them is followed."""

    about: str
    says: tuple[str, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A state or a city: how massage is regulated there. The rules of its parent apply too.

    With more than one of `time_zones` a clinic has to say which; the first is the usual one.
    """

    code: str
    name: str
    regulation: Regulation
    time_zones: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    title: str = ""
    board: Board | None = None
    exams: Exams | None = None
    after_expiry: AfterExpiry | None = None
    duties: tuple[Duty, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    sources: tuple[Citation, ...] = ()


def left_to_cities(place: Jurisdiction) -> bool:
    """Whether the state itself says nothing, because its cities and counties do."""
    return place.regulation is Regulation.LOCAL and place.parent is None
