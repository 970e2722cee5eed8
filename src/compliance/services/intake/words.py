"""What the words on a roster mean in the catalog; what is not understood is told with what is allowed and nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from compliance.catalog import load
from compliance.domain.credential_types import CredentialType
from compliance.domain.credentials import StandingCode
from compliance.domain.matching import fold
from compliance.domain.requirements import Holder
from compliance.services.intake.lines import Line, folded

_BETWEEN: Final = re.compile(r"[;,|/\n+]|\band\b")
STANDINGS: Final[Mapping[str, str]] = {
    "current": "active", "in good standing": "active", "good standing": "active", "clear": "active",
    "active - current": "active", "licensed": "active", "valid": "active", "probation": "active-restricted",
    "restricted": "active-restricted", "active restricted": "active-restricted", "pending": "pending-initial",
    "applied": "pending-initial", "pending initial": "pending-initial", "pending renewal": "pending-renewal",
    "renewal pending": "pending-renewal", "lapsed": "expired", "delinquent": "expired", "grace period": "grace",
}  # fmt: skip


def understand(line: Line) -> None:
    """Finds the codes of a line's words, and notes a problem for each word that means nothing here."""
    meant = line.meant
    meant.type = _type(line)
    meant.jurisdiction = _jurisdiction(line)
    meant.standing = _standing(line)
    meant.modalities = _modalities(line)
    meant.clinic = folded(line["clinic"])
    if not meant.type:
        _needs_a_type(line)
        return
    _place(line, load().types[meant.type])


def _type(line: Line) -> str:
    given = line["credential_type"]
    if not given:
        return ""
    code, problem = type_word(given)
    line.refuse("credential_type", problem)
    return code


@lru_cache(maxsize=4096)
def type_word(given: str) -> tuple[str, str | None]:
    """The code of a credential type as written, or why there is none."""
    catalog = load()
    code = catalog.type_of(given)
    if not code:
        near = _nearest(given, {each.title: code for code, each in catalog.types.items()}, catalog.types)
        return "", f"“{given}” is no credential type known here. {near}Allowed are {', '.join(catalog.types)}."
    type_ = catalog.types[code]
    if type_.holder is not Holder.THERAPIST:
        return "", (
            f"{type_.title} is held by a clinic. Put it into the columns clinic_license_number and "
            "clinic_license_expires_on beside who works there, or record it on the clinic's page."
        )
    return code, None


def _nearest(given: str, titles: Mapping[str, str], codes: Iterable[str]) -> str:
    """A sentence with the nearest known words; "" when none is near."""
    words = {fold(title): code for title, code in titles.items()} | {code.replace("-", " "): code for code in codes}
    near = get_close_matches(fold(given), list(words), n=3, cutoff=0.62)
    found = list(dict.fromkeys(words[each] for each in near))
    return f"Is {' or '.join(found)} meant? " if found else ""


def _jurisdiction(line: Line) -> str:
    given = line["jurisdiction"]
    if not given:
        return ""
    code, problem = jurisdiction_word(given)
    line.refuse("jurisdiction", problem)
    return code


@lru_cache(maxsize=4096)
def jurisdiction_word(given: str) -> tuple[str, str | None]:
    """The code of a jurisdiction as written, or why there is none."""
    catalog = load()
    code = catalog.jurisdiction_of(given)
    if code:
        return code, None
    names = {each.name: code for code, each in catalog.jurisdictions.items()}
    allowed = ", ".join(f"{code} ({each.name})" for code, each in catalog.jurisdictions.items())
    near = _nearest(given, names, catalog.jurisdictions) if len(given) > 2 else ""
    return "", f"“{given}” is no jurisdiction known here. {near}Allowed are {allowed}."


def _standing(line: Line) -> str:
    given = line["standing"]
    if not given:
        return ""
    code, problem = standing_word(given)
    line.refuse("standing", problem)
    return code


@lru_cache(maxsize=4096)
def standing_word(given: str) -> tuple[str, str | None]:
    """The code of a standing as written; an unknown word of a board is for a person to look at, never `active`."""
    word = fold(given)
    code = word.replace(" ", "-")
    if code in set(StandingCode):
        return code, None
    if word in STANDINGS:
        return STANDINGS[word], None
    near = _nearest(given, {}, list(StandingCode))
    return "", f"“{given}” is no standing known here. {near}Allowed are {', '.join(StandingCode)}."


def _modalities(line: Line) -> tuple[str, ...]:
    given = line["modalities"]
    if not given:
        return ()
    codes, problem = modality_words(given)
    line.refuse("modalities", problem)
    return codes


@lru_cache(maxsize=4096)
def modality_words(given: str) -> tuple[tuple[str, ...], str | None]:
    """The codes of modalities as written in one cell, or why there are none."""
    catalog = load()
    whole = catalog.modality_of(given)
    if whole:
        return (whole,), None
    words = [each.strip() for each in _BETWEEN.split(given) if each.strip()]
    codes = {each: catalog.modality_of(each) for each in words}
    strange = [each for each, code in codes.items() if not code]
    if strange or not words:
        titles = {each.title: code for code, each in catalog.modalities.items()}
        near = _nearest(strange[0], titles, catalog.modalities) if strange else ""
        shown = ", ".join(f"“{each}”" for each in strange) or f"“{given}”"
        return (), f"{shown} is no modality known here. {near}Allowed are {', '.join(catalog.modalities)}."
    return tuple(dict.fromkeys(code for code in codes.values() if code)), None


def _needs_a_type(line: Line) -> None:
    """Facts of a credential without its type would be lost."""
    facts = ("number", "expires_on", "issued_on", "issuing_authority", "verified_on")
    orphan = next((each for each in facts if line[each]), "")
    if orphan and not line["credential_type"]:
        allowed = ", ".join(load().types)
        sentence = f"The row has {orphan} but no credential type. Say what it is; allowed are {allowed}."
        line.refuse("credential_type", sentence)


def _place(line: Line, type_: CredentialType) -> None:
    """The authority's own name, and the jurisdiction that the board tells where the cell is blank."""
    catalog, meant = load(), line.meant
    meant.authority, board = authority_word(type_, line["issuing_authority"])
    if board and not meant.jurisdiction and type_.jurisdiction_bound and not line["jurisdiction"]:
        meant.jurisdiction = board
    if board and type_.jurisdiction_bound and meant.jurisdiction and board not in catalog.chain(meant.jurisdiction):
        mine, its = catalog.jurisdictions[meant.jurisdiction].name, catalog.jurisdictions[board].name
        line.ask("issuing_authority", f"This is the board of {its}, but the row says {mine}. Which is right?")


@lru_cache(maxsize=4096)
def _authority(code: str, given: str) -> tuple[str, str]:
    catalog = load()
    known = catalog.types[code].authority_of(given) if given else None
    if known:
        return known.name, ""
    place = (catalog.board_of(given) if given else None) or ""
    board = catalog.jurisdictions[place].board if place else None
    return (board.name if board else given), place


def authority_word(type_: CredentialType, given: str) -> tuple[str, str]:
    """The authority by its own name where the catalog knows it, and the jurisdiction whose board it is, or ""."""
    return _authority(type_.code, given.strip())
