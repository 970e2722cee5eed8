"""Names of folders and files that every system takes and no two of which are one on any of them.

Letters of all scripts stay. What a system may refuse, reserve or take for the same name (case, accents that are written
in two ways, dots at the end) is changed or told apart by a number.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from compliance.uploads.names import clean_name

LONGEST: Final = 100
"""Bytes in UTF-8, with room for a number: three levels stay under what old systems take for a path."""

_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class Folder:
    """Gives names inside one folder, each once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def name(self, wanted: str, otherwise: str = "file") -> str:
        """The wanted name made safe, with a number where it is taken."""
        stem, suffix = _parts(wanted, otherwise)
        found = stem + suffix
        number = 2
        while _same(found) in self._given:
            found, number = f"{stem} ({number}){suffix}", number + 1
        self._given.add(_same(found))
        return found


def _parts(wanted: str, otherwise: str) -> tuple[str, str]:
    """The name without its ending, and the ending; short enough together."""
    slashless = re.sub(r"[/\\]", "-", wanted).strip()
    plain = clean_name(slashless) if any(each.isalnum() for each in slashless) else otherwise
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    found = re.search(r"\.[A-Za-z0-9]{1,8}$", plain)
    suffix = found[0] if found and found.start() else ""
    stem = plain.removesuffix(suffix)
    return _cut(stem, LONGEST - len(suffix)).rstrip(". ") or otherwise, suffix


def _cut(text: str, most: int) -> str:
    """So many bytes at most; no letter is torn apart, and none loses its accent alone."""
    short = text.encode()[:most].decode("utf-8", "ignore")
    while len(short) < len(text) and short and unicodedata.combining(text[len(short)]):
        short = short[:-1]
    return short


def _same(name: str) -> str:
    """What systems that know no case or one way to write an accent take it for."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
