"""Names of files, as strangers give them."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST_NAME = 120
_LONGEST_SUFFIX = 12
_NAMELESS = "file"
# With these a spreadsheet begins a formula, wherever the name is pasted.
_FORMULAS = "=+-@. "
# Joiners shape letters in several scripts. Every other format character may be there to deceive.
_JOINERS = "\u200c\u200d"


def clean_name(name: str) -> str:
    """The name to show and to offer for download: the last part of a path, normalized, at most 120
    characters.

    Control characters, direction overrides and other invisible signs are gone, and so are the characters that
    a file system may refuse. Never empty, never `.` or `..`. It is for people: no file is ever stored under
    it.
    """
    visible = "".join(c for c in unicodedata.normalize("NFC", name) if _may_stay(c))
    last = re.split(r"[/\\]", visible.rstrip("/\\ "))[-1]
    plain = re.sub(r'[<>:"|?*]', "_", " ".join(last.split())).strip(". ").lstrip(_FORMULAS)
    return _shortened(plain) or _NAMELESS


def suffix_of(name: str) -> str:
    """The ending that says what a file claims to be, in lower case: `.pdf`; empty when there is none."""
    return PurePosixPath(clean_name(name)).suffix.lower()


def _may_stay(character: str) -> bool:
    category = unicodedata.category(character)
    return character.isspace() or character in _JOINERS or not category.startswith("C")


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix) <= _LONGEST_SUFFIX else ""
    return name[: LONGEST_NAME - len(suffix)].rstrip(". ") + suffix
