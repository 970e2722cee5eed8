"""How people write the same thing: folded spellings, and an index of them that refuses two meanings for one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from compliance.catalog.values import CatalogError


def fold(text: str) -> str:
    """Letters and figures alone, without case and accents; the British `licence` becomes `license`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", " ", plain.replace("&", " and ")).strip().replace("licence", "license")


def index(spellings: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, str]:
    """Folded spelling to code; CatalogError if one spelling means two codes."""
    found: dict[str, str] = {}
    for code, words in spellings:
        for word in words:
            if found.setdefault(fold(word), code) != code:
                raise CatalogError(
                    f"“{word}” is written for both {found[fold(word)]} and {code}; it can mean only one."
                )
    return found
