"""All that a jurisdiction's file says, as lines to read: each with its source, or said to be unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from compliance.catalog.catalog import Catalog
from compliance.catalog.rule_words import day_before_words, education_words, model_words, surname_words
from compliance.catalog.values import ALWAYS_TOLD, AfterExpiry, Jurisdiction, Regulation, Topic, left_to_cities
from compliance.domain.deadlines import DayBefore
from compliance.domain.months import in_words
from compliance.domain.periods import BEGINNING
from compliance.domain.renewal import NoRenewal, RenewalRule, SurnameInitial
from compliance.domain.requirements import Asked, Citation, Confidence, Holder, Requirement

NOT_KNOWN: Final = "Not known."
SURE: Final = {
    Confidence.PRIMARY: "Read in the rule's own text",
    Confidence.BOARD_PAGE: "Read on the board's own page",
    Confidence.SECONDARY: "Read in a secondary source",
    Confidence.UNSURE: "Not checked: confirm it with the board",
}
"""How sure the catalog is of a figure, in words."""

REGULATED: Final = {
    Regulation.LICENSE: "License",
    Regulation.REGISTRATION: "Registration",
    Regulation.VOLUNTARY_CERTIFICATION: "Voluntary certificate",
    Regulation.LOCAL: "Cities and counties",
    Regulation.NONE: "Not regulated",
}
TOPICS: Final = {
    Topic.INSURANCE: "Insurance",
    Topic.CPR: "CPR",
    Topic.ESTABLISHMENT: "Establishment license",
    Topic.DISPLAY: "Display of the license",
    Topic.TRAINING: "School",
    Topic.BACKGROUND: "Background check",
    Topic.NOTICE: "To be reported",
    Topic.DISCLOSURE: "To be handed to clients",
    Topic.LICENSE_CHECK: "Checking of licenses",
}
ASKED: Final = {Asked.YES: "Asked.", Asked.NO: "Not asked.", Asked.UNKNOWN: NOT_KNOWN}
GOES_ON: Final = {Asked.YES: "Practice may go on.", Asked.NO: "No practice.", Asked.UNKNOWN: NOT_KNOWN}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is told; without a citation it is not known. `since` is BEGINNING where its first day is not."""

    what: str
    says: tuple[str, ...]
    citation: Citation | None = None
    since: date = BEGINNING

    @property
    def dated(self) -> bool:
        """Whether its first day is known."""
        return self.since != BEGINNING


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading; `code` names it."""

    code: str
    title: str
    lines: tuple[Line, ...]


def sections(law: Catalog, place: Jurisdiction, on: date) -> tuple[Section, ...]:
    """What is told of a place itself (not of its parents), as worded on a day; empty headings are left out."""
    parts = (
        ("renewal", "Renewal", (*_renewal(law, place, on),)),
        ("wordings", "Worded otherwise", (*_other_wordings(law, place, on),)),
        ("after", "After the end", (*_after_expiry(law, place, on),)),
        ("exams", "Examinations", (*_exams(law, place),)),
        ("duties", "Asked besides", (*_duties(place, on),)),
        ("conflicts", "Sources that do not agree", tuple(Line(c.about, c.says, c.citation) for c in place.conflicts)),
    )
    return tuple(Section(*each) for each in parts if each[2])


@dataclass(frozen=True, slots=True)
class Overview:
    """A place in one row. `term` and `education` are empty where nothing is renewed there."""

    place: Jurisdiction
    regulated: str
    term: str
    education: str
    citation: Citation | None


def overview(law: Catalog, place: Jurisdiction, on: date) -> Overview:
    """How the place regulates, when its usual credential ends, how many hours it asks."""
    first = next((each for each in rules(law, place, on) if not isinstance(each.model, NoRenewal)), None)
    if first is None:
        found = next(iter(rules(law, place, on)), None)
        return Overview(place, REGULATED[place.regulation], "", "", found.citation if found else None)
    asked = first.continuing_education
    education = education_words(asked, {})[0] if asked else NOT_KNOWN
    return Overview(place, REGULATED[place.regulation], f"{model_words(first.model)}.", education, first.citation)


def rules(law: Catalog, place: Jurisdiction, on: date) -> tuple[RenewalRule, ...]:
    """The place's own rules of renewal on a day, what ends before what stands."""
    found = (law.renewal(place.code, type, on) for type in law.renewed_in(place.code))
    return tuple(each for each in found if each is not None and each.jurisdiction == place.code)


def asked(law: Catalog, place: Jurisdiction, on: date) -> Section:
    """What the place itself asks of whoever practices massage: what verdicts are made from."""
    lines = []
    for requirement in law.asked("massage-therapy", place.code):
        provision = requirement.provision_on(on)
        if provision and requirement.jurisdiction == place.code:
            says = (ASKED[provision.asked], *((provision.question,) if provision.question else ()))
            lines.append(Line(law_title(requirement, place), says, provision.citation, provision.applies_on))
    return Section("asked", "Asked", tuple(lines))


def law_title(requirement: Requirement, place: Jurisdiction) -> str:
    """`Massage license`: the requirement's title without the place in front."""
    return _capital(requirement.title.removeprefix(place.name).strip())


def _renewal(law: Catalog, place: Jurisdiction, on: date) -> Iterator[Line]:
    for rule in rules(law, place, on):
        title = law.types[rule.type].title
        stands = isinstance(rule.model, NoRenewal) and rule.notes
        says = [*(() if stands else (f"{model_words(rule.model)}.",)), *rule.notes]
        if isinstance(rule.model, SurnameInitial):
            says[1:1] = [f"{each}." for each in surname_words(rule.model)]
        yield Line(title, tuple(says), rule.citation, rule.applies_on)
        if not isinstance(rule.model, NoRenewal) and law.types[rule.type].holder is Holder.THERAPIST:
            yield from _around_the_end(rule, _titles(law))


def _around_the_end(rule: RenewalRule, titles: Mapping[str, str]) -> Iterator[Line]:
    days = rule.window_days_before
    opens = rule.opens or (None if days is None else DayBefore(days=days))
    if opens is None:
        yield Line("Renewal opens", (NOT_KNOWN,))
    else:
        yield Line("Renewal opens", (f"{_capital(day_before_words(opens))}.",), rule.window_citation or rule.citation)
    if rule.apply_by:
        yield Line("Apply by", (f"{_capital(day_before_words(rule.apply_by))}.",), rule.citation)
    asked = rule.continuing_education
    if asked is None:
        yield Line("Continuing education", (NOT_KNOWN,))
    else:
        yield Line("Continuing education", education_words(asked, titles), asked.citation, rule.applies_on)


def _titles(law: Catalog) -> dict[str, str]:
    return {each.code: each.title for each in law.types.values()}


def _other_wordings(law: Catalog, place: Jurisdiction, on: date) -> Iterator[Line]:
    """Rules of renewal that held before, or will hold later."""
    for (code, type), wordings in law.rules.items():
        for rule in wordings if code == place.code else ():
            if rule.applies_on <= on <= rule.ends_on:
                continue
            until = f"until {in_words(rule.ends_on)}" if rule.ends_on < on else f"from {in_words(rule.applies_on)}"
            asked = education_words(rule.continuing_education, _titles(law)) if rule.continuing_education else ()
            says = (f"{model_words(rule.model)}.", *asked)
            source = rule.continuing_education.citation if rule.continuing_education else rule.citation
            yield Line(f"{law.types[type].title}, {until}", says, source)


def _after_expiry(law: Catalog, place: Jurisdiction, on: date) -> Iterator[Line]:
    if all(isinstance(each.model, NoRenewal) for each in rules(law, place, on)):
        return
    after = place.after_expiry
    if after is None:
        yield Line("Late renewal, grace and practice meanwhile", (NOT_KNOWN,))
        return
    yield Line("Late renewal", (after.late_renewal or NOT_KNOWN,), after.citation if after.late_renewal else None)
    yield from _practice(after)
    yield Line("For good", (after.ends_for_good or NOT_KNOWN,), after.citation if after.ends_for_good else None)


def _practice(after: AfterExpiry) -> Iterator[Line]:
    pending, grace = after.practice_while_pending, after.practice_in_grace
    if pending is grace:
        yield Line("Practice meanwhile", (GOES_ON[pending],), None if pending is Asked.UNKNOWN else after.citation)
        return
    for what, said in (("Practice while a renewal is pending", pending), ("Practice after the end", grace)):
        yield Line(what, (GOES_ON[said],), None if said is Asked.UNKNOWN else after.citation)


def _exams(law: Catalog, place: Jurisdiction) -> Iterator[Line]:
    exams = place.exams
    if exams is None:
        if place.regulation is Regulation.LICENSE:
            yield Line("Honored", (NOT_KNOWN,))
        return
    says = []
    if exams.honored:
        says.append(f"{', '.join(law.types[each].short for each in exams.honored)}.")
    if exams.besides:
        says.append(f"Besides: {', '.join(law.types[each].title.lower() for each in exams.besides)}.")
    yield Line("Honored", (*says, *((exams.note,) if exams.note else ())) or (NOT_KNOWN,), exams.citation)


def _duties(place: Jurisdiction, on: date) -> Iterator[Line]:
    told = [each for each in place.duties if each.applies_on <= on]
    for topic in Topic:
        said = [each for each in told if each.topic is topic]
        for each in said:
            unsure = (NOT_KNOWN,) if each.asked is Asked.UNKNOWN else ()
            yield Line(TOPICS[topic], (*unsure, each.says), each.citation, each.applies_on)
        if not said and topic in ALWAYS_TOLD and not left_to_cities(place):
            yield Line(TOPICS[topic], (NOT_KNOWN,))


def _capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"
