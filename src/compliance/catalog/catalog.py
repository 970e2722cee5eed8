"""The catalog as one value, and the questions asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from compliance.catalog.values import CatalogError, Jurisdiction, Modality
from compliance.catalog.words import fold
from compliance.domain.credential_types import CredentialType
from compliance.domain.periods import FOREVER
from compliance.domain.renewal import NoRenewal, RenewalRule
from compliance.domain.requirements import Holder, Policy, Requirement


@dataclass(frozen=True, eq=False)
class Catalog:
    """Types, modalities, jurisdictions, and the questions asked of them. Unknown codes raise CatalogError."""

    types: Mapping[str, CredentialType]
    modalities: Mapping[str, Modality]
    jurisdictions: Mapping[str, Jurisdiction]
    offers: Mapping[str, Policy]
    fingerprint: str
    rules: Mapping[tuple[str | None, str], tuple[RenewalRule, ...]]
    requirements: Mapping[tuple[str, str], tuple[Requirement, ...]]
    of_clinics: Mapping[str, tuple[Requirement, ...]]
    spellings: Mapping[str, Mapping[str, str]]

    def asked(self, modality: str, jurisdiction: str) -> tuple[Requirement, ...]:
        """What the modality asks at a place, its parents' rules included; the same objects at every call."""
        found = self.requirements.get((modality, jurisdiction))
        if found is None:
            self._known("modality", modality, self.modalities)
            self._known("jurisdiction", jurisdiction, self.jurisdictions)
            raise CatalogError(f"Nothing is written on {modality} in {jurisdiction}.")
        return found

    def asked_of_clinic(self, jurisdiction: str) -> tuple[Requirement, ...]:
        """What a place asks of the clinic itself, its parents' rules included; a silent file leaves a question."""
        self._known("jurisdiction", jurisdiction, self.jurisdictions)
        return self.of_clinics[jurisdiction]

    @cached_property
    def codes_of_clinics(self) -> tuple[str, ...]:
        """What is asked of clinics themselves anywhere, by code."""
        return tuple(sorted({each.code for found in self.of_clinics.values() for each in found}))

    def chain(self, jurisdiction: str) -> tuple[str, ...]:
        """The place after all its parents: ("us-ks", "us-ks-mission")."""
        self._known("jurisdiction", jurisdiction, self.jurisdictions)
        return ancestry(jurisdiction, self.jurisdictions)

    def renewal(self, jurisdiction: str | None, type: str, on: date = FOREVER) -> RenewalRule | None:
        """The rule by which a type is renewed there, as worded on a day; None if the catalog has none."""
        self._known("credential type", type, self.types)
        places = (*reversed(self.chain(jurisdiction)), None) if jurisdiction else (None,)
        rules = next((self.rules[place, type] for place in places if (place, type) in self.rules), ())
        return next((each for each in rules if each.applies_on <= on <= each.ends_on), None)

    def renewed_in(self, jurisdiction: str) -> tuple[str, ...]:
        """The types with a rule of renewal there: people's before clinics', what ends before what stands.

        The first is the usual one.
        """
        places = self.chain(jurisdiction)
        found = {type: rules[-1] for (place, type), rules in self.rules.items() if place in places}
        clinics = {type: self.types[type].holder is Holder.CLINIC for type in found}
        return tuple(sorted(found, key=lambda type: (clinics[type], isinstance(found[type].model, NoRenewal), type)))

    def type_of(self, text: str) -> str | None:
        """The code of a credential type as people write it."""
        return self.spellings["type"].get(fold(text))

    def modality_of(self, text: str) -> str | None:
        """The code of a modality as people write it."""
        return self.spellings["modality"].get(fold(text))

    def jurisdiction_of(self, text: str) -> str | None:
        """The code of a jurisdiction as people write it: FL, Florida, us-fl."""
        return self.spellings["jurisdiction"].get(fold(text))

    def board_of(self, text: str) -> str | None:
        """The jurisdiction whose board is written so."""
        return self.spellings["board"].get(fold(text))

    def _known(self, what: str, given: str, allowed: Mapping[str, object]) -> None:
        if given not in allowed:
            raise CatalogError(f"The {what} “{given}” is not known; there are {', '.join(sorted(allowed))}.")


def ancestry(code: str, jurisdictions: Mapping[str, Jurisdiction]) -> tuple[str, ...]:
    """The place after all its parents, the widest first; CatalogError if it is its own ancestor."""
    parent = jurisdictions[code].parent
    found = [code]
    while parent is not None:
        if parent in found:
            raise CatalogError(f"{code}: {parent} cannot lie within itself.")
        found.insert(0, parent)
        parent = jurisdictions[parent].parent
    return tuple(found)
