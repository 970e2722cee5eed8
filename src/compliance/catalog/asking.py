"""What each modality asks in each place, made once: a place's own rules, its parents', and the modality's policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from compliance.catalog.catalog import ancestry
from compliance.catalog.places import unanswered
from compliance.catalog.shapes import RequirementTable
from compliance.catalog.values import CatalogError, Jurisdiction, Modality, left_to_cities
from compliance.domain.requirements import Holder, Provision, Requirement

Asks = Mapping[str, Requirement]


def requirements(
    modalities: Mapping[str, Modality],
    jurisdictions: Mapping[str, Jurisdiction],
    asked: Mapping[str, Asks],
    meanings: Mapping[str, RequirementTable],
    licenses: Mapping[str, str],
) -> dict[tuple[str, str], tuple[Requirement, ...]]:
    """By (modality, jurisdiction); `licenses` has each profession's. Requirements are shared: callers memoise them."""
    policies = {each.code: _policy(each, meanings) for each in modalities.values()}
    found: dict[tuple[str, str], tuple[Requirement, ...]] = {}
    for code, place in jurisdictions.items():
        lineage = ancestry(code, jurisdictions)
        here = {each: _here(place, lineage, asked, meanings, each, license) for each, license in licenses.items()}
        found |= {
            (each.code, code): _merged(policies[each.code], here[each.profession]) for each in modalities.values()
        }
    return found


def of_clinics(
    jurisdictions: Mapping[str, Jurisdiction], asked: Mapping[str, Asks], meanings: Mapping[str, RequirementTable]
) -> dict[str, tuple[Requirement, ...]]:
    """What each place asks of clinics themselves; where its file is silent that is a question, and asked of nobody."""
    held = {code: meaning for code, meaning in meanings.items() if meaning.holder is Holder.CLINIC}
    found = {}
    for code, place in jurisdictions.items():
        here = _said(ancestry(code, jurisdictions), asked, lambda each: each in held)
        silent = (
            {}
            if left_to_cities(place)
            else {each: replace(unanswered(place, held[each]), silent=True) for each in held}
        )
        found[code] = tuple((silent | here).values())
    return found


def _policy(modality: Modality, meanings: Mapping[str, RequirementTable]) -> Asks:
    """What the modality's policy asks in the same words everywhere."""
    own = (meanings[code] for code in modality.asks if not meanings[code].by_jurisdiction)
    return {meaning.code: _anywhere(modality, meaning) for meaning in own}


def _anywhere(modality: Modality, meaning: RequirementTable) -> Requirement:
    provision = Provision(accepts=frozenset(meaning.accepts), verify=meaning.verify, citation=modality.citation)
    return Requirement(meaning.code, meaning.title, (provision,))


def _here(
    place: Jurisdiction,
    lineage: tuple[str, ...],
    asked: Mapping[str, Asks],
    meanings: Mapping[str, RequirementTable],
    profession: str,
    license: str,
) -> Asks:
    """What the place and its parents ask of a profession, the license first; of a license nobody may be silent."""

    def of_them(code: str) -> bool:
        return meanings[code].holder is Holder.THERAPIST and meanings[code].profession == profession

    found = _said(lineage, asked, of_them)
    return {license: found.pop(license, None) or unanswered(place, meanings[license]), **found}


def _said(lineage: tuple[str, ...], asked: Mapping[str, Asks], wanted: Callable[[str], bool]) -> dict[str, Requirement]:
    found: dict[str, Requirement] = {}
    for place in lineage:
        here = {code: each for code, each in asked[place].items() if wanted(code)}
        twice = found.keys() & here.keys()
        if twice:
            raise CatalogError(
                f"{place}.toml: {', '.join(sorted(twice))} is already said by a parent, whose rules apply too."
            )
        found |= here
    return found


def _merged(policy: Asks, here: Asks) -> tuple[Requirement, ...]:
    """The place's rules before the policy's; a place that words a requirement of the policy itself is followed."""
    return tuple({**here, **{code: each for code, each in policy.items() if code not in here}}.values())
