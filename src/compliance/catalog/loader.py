"""Reads the catalog once, from the files beside this one, and refuses what does not fit together.

The fingerprint is the hash of what the files say, not of how they are laid out: comments and order of keys do not
change it. Stored copies of the law's verdicts carry it, and reports print it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from compliance.catalog import asking, places
from compliance.catalog.building import Sources, credential_type, known, offer
from compliance.catalog.catalog import Catalog
from compliance.catalog.offers import of_clinic_rules, of_duties
from compliance.catalog.reading import read, shaped
from compliance.catalog.renewing import in_order, renewal_rule
from compliance.catalog.shapes import JurisdictionFile, ModalitiesFile, ModalityTable, PoliciesFile, TypesFile
from compliance.catalog.values import CatalogError, Jurisdiction, Modality
from compliance.catalog.words import index
from compliance.domain.credential_types import CredentialType
from compliance.domain.renewal import RenewalRule
from compliance.domain.requirements import Policy, Requirement

TYPES, MODALITIES, POLICIES = "credential_types.toml", "modalities.toml", "policies.toml"


@cache
def load() -> Catalog:
    """The catalog that the program ships with."""
    return read_catalog(files("compliance.catalog"))


def read_catalog(folder: Traversable) -> Catalog:
    """The catalog in a folder of the same layout; CatalogError says what is wrong with which file."""
    content = {name: read(folder / name) for name in (TYPES, MODALITIES, POLICIES)}
    for file in sorted((folder / "jurisdictions").iterdir(), key=lambda each: each.name.removesuffix(".toml")):
        if file.name.endswith(".toml"):
            content[file.name] = read(file)
    return _Reader(content).catalog()


class _Reader:
    """Holds what is needed while the files refer to each other."""

    def __init__(self, content: Mapping[str, dict[str, object]]) -> None:
        self.content = content
        self.types_file = shaped(TYPES, content[TYPES], TypesFile)
        self.modalities_file = shaped(MODALITIES, content[MODALITIES], ModalitiesFile)
        self.policies_file = shaped(POLICIES, content[POLICIES], PoliciesFile)
        names = [name for name in content if name not in (TYPES, MODALITIES, POLICIES)]
        self.files = {name: shaped(name, content[name], JurisdictionFile) for name in names}
        self.sources = {name: Sources(name, file.sources) for name, file in self.files.items()}
        self.meanings = {each.code: each for each in self.policies_file.requirement}
        self.types = self._types()

    def catalog(self) -> Catalog:
        """All of it, once it is checked."""
        jurisdictions = self._jurisdictions()
        modalities, asked = self._modalities(), self._asked()
        return Catalog(
            types=self.types,
            modalities=modalities,
            jurisdictions=jurisdictions,
            offers=self._offers(jurisdictions, asked),
            fingerprint=_fingerprint(self.content),
            rules=self._rules(),
            requirements=asking.requirements(modalities, jurisdictions, asked, self.meanings, self._licenses()),
            of_clinics=asking.of_clinics(jurisdictions, asked, self.meanings),
            spellings=_spellings(self.types, modalities, jurisdictions),
        )

    def _types(self) -> dict[str, CredentialType]:
        file, sources = self.types_file, Sources(TYPES, self.types_file.sources)
        return {each.code: credential_type(each, sources, file.default_ladder) for each in file.type}

    def _modalities(self) -> dict[str, Modality]:
        sources = Sources(MODALITIES, self.modalities_file.sources)
        return {each.code: self._modality(each, sources) for each in self.modalities_file.modality}

    def _modality(self, table: ModalityTable, sources: Sources) -> Modality:
        asks = tuple(known(MODALITIES, "requirement", each, self.meanings) for each in table.asks)
        profession = known(MODALITIES, "profession", table.profession, self._licenses())
        return Modality(table.code, table.title, table.short, table.aliases, asks, sources[table.source], profession)

    def _licenses(self) -> dict[str, str]:
        """By profession, the requirement that is its license."""
        found = {each.code: each.license for each in self.modalities_file.profession}
        for code, license in found.items():
            known(MODALITIES, "requirement", license, self.meanings)
            if self.meanings[license].profession != code:
                raise CatalogError(f"{MODALITIES}: {license} is no license of the profession {code}.")
        return found

    def _jurisdictions(self) -> dict[str, Jurisdiction]:
        for name, file in self.files.items():
            if name != f"{file.code}.toml":
                raise CatalogError(f"{name}: its code is {file.code}; file and code must agree.")
        found = {file.code: places.jurisdiction(file, self.sources[name]) for name, file in self.files.items()}
        for name, file in self.files.items():
            if file.parent is not None:
                known(name, "parent", file.parent, found)
        return found

    def _rules(self) -> dict[tuple[str | None, str], tuple[RenewalRule, ...]]:
        nationwide = Sources(TYPES, self.types_file.sources)
        rules = [renewal_rule(each, nationwide, None, self.types) for each in self.types_file.renewal]
        for name, file in self.files.items():
            rules += [renewal_rule(each, self.sources[name], file.code, self.types) for each in file.renewal]
        found: dict[tuple[str | None, str], list[RenewalRule]] = {}
        for rule in rules:
            found.setdefault((rule.jurisdiction, rule.type), []).append(rule)
        return {key: in_order(f"{key[0]}.toml" if key[0] else TYPES, wordings) for key, wordings in found.items()}

    def _offers(
        self, jurisdictions: Mapping[str, Jurisdiction], asked: Mapping[str, Mapping[str, Requirement]]
    ) -> dict[str, Policy]:
        own = Sources(POLICIES, self.policies_file.sources)
        found = {each.code: offer(each, own, None, self.types) for each in self.policies_file.offer}
        for name, file in self.files.items():
            found |= {each.code: offer(each, self.sources[name], file.code, self.types) for each in file.offer}
        nationwide = {each.requirement.code: each for each in found.values() if not each.jurisdictions}
        for code, place in jurisdictions.items():
            found |= of_duties(place, asked[code], nationwide) | of_clinic_rules(place, asked[code])
        return found

    def _asked(self) -> dict[str, dict[str, Requirement]]:
        for meaning in self.meanings.values():
            for code in meaning.accepts:
                known(POLICIES, "credential type", code, self.types)
                if self.types[code].holder is not meaning.holder:
                    raise CatalogError(f"{POLICIES}: {meaning.code} is the {meaning.holder}'s, {code} is not.")
        return {
            file.code: places.requirements(file, self.sources[name], self.meanings, self.types)
            for name, file in self.files.items()
        }


def _fingerprint(content: Mapping[str, object]) -> str:
    """SHA-256 over the canonical JSON of what the files say."""
    return sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _spellings(
    types: Mapping[str, CredentialType],
    modalities: Mapping[str, Modality],
    jurisdictions: Mapping[str, Jurisdiction],
) -> dict[str, Mapping[str, str]]:
    """Every folded spelling to its code, by kind of thing."""
    regions = jurisdictions.values()
    boards = ((each.code, (each.board.name, *each.board.aliases)) for each in regions if each.board)
    return {
        "type": index((each.code, (each.code, each.title, each.short, *each.aliases)) for each in types.values()),
        "modality": index(
            (each.code, (each.code, each.title, each.short, *each.aliases)) for each in modalities.values()
        ),
        "jurisdiction": index((each.code, (each.code, each.name, *each.aliases)) for each in regions),
        "board": index(boards),
    }
