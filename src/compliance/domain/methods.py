"""How somebody looked at a primary source: by its website, on the phone, in person ..."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

METHODS: Final = {
    "website": "Website",
    "phone": "Phone call",
    "mail": "Letter or e-mail",
    "document": "Document seen",
    "in-person": "In person",
    "api": "Machine (API)",
}
"""By code: the words for it. A look without one was recorded before it was asked, or brought in without it."""

_TOLD: Final = {
    "website": ("web", "website", "online", "site", "internet", "portal", "lookup", "look", "search", "url"),
    "phone": ("phone", "telephone", "call", "called", "tel", "fax"),
    "mail": ("mail", "email", "letter", "post", "written"),
    "document": ("document", "documents", "copy", "card", "certificate", "pdf", "scan", "photo", "paper", "original"),
    "in-person": ("person", "visit", "counter", "office"),
    "api": ("api", "machine", "automatic", "automated", "feed"),
}


@lru_cache(maxsize=1024)  # a roster says the same few words in every row
def method_of(text: str) -> str | None:
    """The method that a roster's words mean; None where they name none or several."""
    words = set(re.findall(r"[a-z]+", text.casefold()))
    found = [code for code, told in _TOLD.items() if not words.isdisjoint(told)]
    return found[0] if len(found) == 1 else None


def method_words(code: str | None) -> str:
    """`Phone call`; empty where nobody wrote it down."""
    return METHODS.get(code or "", code or "")
