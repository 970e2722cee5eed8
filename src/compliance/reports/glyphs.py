"""Which characters the fonts can print, and the step that makes text printable.

PDF/A refuses a document with a character that no font holds, so such a character is printed as U+FFFD. The fonts are
two of those that Typst carries itself (Latin, Vietnamese, Greek, Cyrillic and Hebrew; Arabic) and, only when a text
needs them, those of `fonts.FURTHER`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from compliance.reports.fonts import Font, needed, points

FAMILIES: Final = ("Libertinus Serif", "DejaVu Sans Mono")
_TABLE: Final = Path(__file__).with_name("glyphs.txt")
_JOINERS: Final = frozenset("\u200b\u200c\u200d\u00a0")
_JOINING: Final = frozenset(map(ord, _JOINERS))
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1780-\u17ff]")  # Thai, Lao, Khmer: no spaces between words
_VIRAMA: Final = 9  # the class of signs that put two consonants together, in Unicode's table
_BEFORE: Final = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4")  # of Thai and Lao
_BREAK: Final = "\u200b"
_ENDLESS: Final = re.compile(r"(?<!\S)(?![0-9a-f]{64}(?!\S))\S{25,}")
"""Words too long for a column. A SHA-256 stays whole, to be copied; its column is made for it."""


@cache
def carried() -> frozenset[int]:
    """The code points that Typst's own fonts print, from the table beside this file."""
    found: set[int] = set()
    for line in _TABLE.read_text("ascii").split():
        first, _, last = line.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)


def further(texts: str) -> tuple[Font, ...]:
    """The fonts that a text needs beside the carried ones: each prints a character that none before it does."""
    return needed(frozenset(map(ord, set(texts))) - carried() - _JOINING)


def cleaner(fonts: tuple[Font, ...] = ()) -> Callable[[str], str]:
    """A function that makes one text printable with these fonts and the carried ones: normalized, without direction
    tricks, endless words breakable."""
    printable = carried().union(*map(points, fonts))

    class Shown(dict[int, str | None]):
        def __missing__(self, code: int) -> str | None:
            self[code] = shown = _shown(chr(code), printable)
            return shown

    table = Shown()

    def clean(text: str) -> str:
        if text.isascii() and text.isprintable() and len(text) < 25:
            return text
        return _ENDLESS.sub(_breakable, unicodedata.normalize("NFC", text).translate(table))

    return clean


def _shown(char: str, printable: frozenset[int]) -> str | None:
    code, category = ord(char), unicodedata.category(char)
    if char in "\t\r\n":
        return " "
    if char in _JOINERS:
        return char
    if category == "Cf" or 0xFE00 <= code <= 0xFE0F:
        return None  # unseen by themselves; overrides of direction make a name read as another one
    return "\ufffd" if category in ("Cc", "Cs", "Co", "Cn") or code not in printable else char


def _breakable(word: re.Match[str]) -> str:
    """A word that may not fit its column is offered places to break: after signs, else every few letters."""
    parts = (part for part in re.split(r"(?<=[@._/\-])", word[0]) if part)
    return _BREAK.join(piece for part in parts for piece in _pieces(part))


def _pieces(part: str) -> Iterator[str]:
    """Eight letters each, or as many more as belong to the last of them; sixteen where Typst finds the words itself."""
    begins, most = 0, 16 if _UNSPACED.search(part) else 8
    for at in range(1, len(part)):
        if at - begins >= most and not _one(part[at - 1], part[at]):
            yield part[begins:at]
            begins = at
    yield part[begins:]


def _one(left: str, right: str) -> bool:
    """Whether the two are drawn as one: a mark with its letter, what a joiner or a virama joins, a vowel with the
    consonant that it stands before."""
    return (
        unicodedata.category(right).startswith("M")
        or not _JOINERS.isdisjoint((left, right))
        or unicodedata.combining(left) == _VIRAMA
        or left in _BEFORE
    )


def clean_tree(value: Any, clean: Callable[[str], str]) -> Any:
    """The same lists and dictionaries with every text made printable."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: clean_tree(inner, clean) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_tree(inner, clean) for inner in value]
    return value
