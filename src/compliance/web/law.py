"""What is asked at a place, as pages show it: each requirement once, for which modalities, on what ground, how sure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from compliance.catalog import Catalog, load, telling
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Asked, Citation, Confidence, Holder, Provision, Requirement, Verify
from compliance.services.assessments import Frame
from compliance.web.labels import modality_title, type_title

SURE: Final = {**telling.SURE, Confidence.ANSWERED: "Answered by your organization"}
"""How sure a figure is, in words."""


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement on one day. `modalities` is empty where every modality asks for it; `sure` where it is law."""

    code: str
    title: str
    asked: Asked
    accepts: tuple[str, ...]
    looked_up: str
    citations: tuple[Citation, ...]
    sure: str
    question: str
    modalities: tuple[str, ...]
    of_clinic: bool
    changes_on: date | None
    jurisdiction: str


@dataclass
class _Alike:
    """What several modalities ask in the same words, each on its own ground."""

    requirement: Requirement
    provision: Provision
    modalities: list[str]
    citations: dict[Citation, None]


def lines(asked: Callable[[str], Iterable[Requirement]], day: date) -> list[Line]:
    """What `asked(modality)` says for each modality of the catalog, alike ones together, in the order of asking."""
    law = load()
    found: dict[tuple[str, Provision], _Alike] = {}
    for modality in law.modalities:
        for requirement in asked(modality):
            provision = requirement.provision_on(day)
            if provision is not None:
                key = (requirement.code, replace(provision, citation=_NO_CITATION))
                alike = found.setdefault(key, _Alike(requirement, provision, [], {}))
                alike.modalities.append(modality)
                alike.citations[provision.citation] = None
    return [_line(each, len(each.modalities) == len(law.modalities)) for each in found.values()]


def lines_with_clinics(rules: Frame, jurisdiction: str, day: date) -> list[Line]:
    """What law and organization ask at a place: of people for each modality, and of clinics themselves."""
    of_clinics = rules.asked_of_clinics(jurisdiction)

    def asked(modality: str) -> tuple[Requirement, ...]:
        of_people = rules.asked(modality, jurisdiction)
        return (*(each for each in of_people if each.holder is Holder.THERAPIST), *of_clinics)

    return lines(asked, day)


def of_one(requirement: Requirement, day: date) -> Line | None:
    """What one requirement says on a day: what counts, how often it is looked up, where it is written and how sure."""
    provision = requirement.provision_on(day)
    if provision is None:
        return None
    return _line(_Alike(requirement, provision, [], {provision.citation: None}), everywhere=True)


_NO_CITATION: Final = Citation("")


def _line(alike: _Alike, everywhere: bool) -> Line:
    requirement, provision = alike.requirement, alike.provision
    return Line(
        code=requirement.code,
        title=requirement.title,
        asked=provision.asked,
        accepts=tuple(type_title(each) for each in sorted(provision.accepts)),
        looked_up=looked_up(provision),
        citations=tuple(alike.citations),
        sure=SURE[provision.citation.confidence] if requirement.jurisdiction or provision.citation.url else "",
        question=provision.question,
        modalities=() if everywhere else tuple(map(modality_title, alike.modalities)),
        of_clinic=requirement.holder is Holder.CLINIC,
        changes_on=provision.ends_on if provision.ends_on != FOREVER else None,
        jurisdiction=requirement.jurisdiction or "",
    )


def looked_up(provision: Provision) -> str:
    """How often somebody has to look at the source."""
    if provision.verify is Verify.ONCE_PER_TERM:
        return "Verified at the source once each term"
    if provision.verify is Verify.EVERY_N_DAYS:
        return f"Verified at the source every {provision.every_days} days"
    return ""


def place_options(law: Catalog) -> list[tuple[str, str]]:
    """Jurisdictions to choose from, by name."""
    return sorted(((each.code, each.name) for each in law.jurisdictions.values()), key=lambda each: each[1])


ZONES: Final[Mapping[str, str]] = {
    "America/New_York": "Eastern time",
    "America/Detroit": "Eastern time (Detroit)",
    "America/Indiana/Indianapolis": "Eastern time (Indianapolis)",
    "America/Chicago": "Central time",
    "America/Menominee": "Central time (Menominee)",
    "America/Denver": "Mountain time",
    "America/Boise": "Mountain time (Boise)",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "America/Adak": "Hawaii-Aleutian time",
    "Pacific/Honolulu": "Hawaii time",
    "America/Puerto_Rico": "Atlantic time",
}


def zone_name(zone: str) -> str:
    """`Eastern time`; a zone without such a name reads as it is."""
    return ZONES.get(zone, zone.replace("_", " "))
