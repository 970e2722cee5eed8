"""Which characters the fonts can print, and the step that makes text printable.

PDF/A refuses a document with a character that no font holds, so such a character is printed as U+FFFD, and the report
says so. The fonts are two of those that Typst carries itself (Latin, Vietnamese, Greek, Cyrillic and Hebrew; Arabic)
and, only when a text needs them, those of `fonts.FURTHER` and of `added_fonts.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from compliance.reports.added_fonts import added, needed_with
from compliance.reports.fonts import Font, points

FAMILIES: Final = ("Libertinus Serif", "DejaVu Sans Mono")
_TABLE: Final = Path(__file__).with_name("glyphs.txt")
_JOINERS: Final = frozenset("\u200b\u200c\u200d\u00a0")
_JOINING: Final = frozenset(map(ord, _JOINERS))
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1780-\u17ff]")  # Thai, Lao, Khmer: no spaces between words
_VIRAMA: Final = 9  # the class of signs that put two consonants together, in Unicode's table
_BEFORE: Final = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4")  # of Thai and Lao
_BREAK: Final = "\u200b"
_INSTEAD: Final = "\ufffd"
_CALLED: Final = {"CJK": "Chinese", "MYANMAR": "Burmese", "ORIYA": "Odia"}
_MOST_NAMED: Final = 8
NOT_CARRIED: Final = {
    "Burmese": "\u1021", "Cherokee": "\u13a0", "Ethiopic": "\u12a0", "Gujarati": "\u0a97", "Gurmukhi": "\u0a17",
    "Kannada": "\u0c95", "Malayalam": "\u0d2e", "Odia": "\u0b13", "Sinhala": "\u0dc3", "Syriac": "\u0710",
    "Thaana": "\u0780", "Tibetan": "\u0f56",
}  # fmt: skip
"""Scripts of people's names for which no package has a font, each with a letter of it."""
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


def further(texts: str, folder: Path | None = None) -> tuple[Font, ...]:
    """The fonts that a text needs beside the carried ones: each prints a character that none before it does."""
    return needed_with(frozenset(map(ord, set(texts))) - carried() - _JOINING, folder)


def unprinted(folder: Path | None) -> tuple[str, ...]:
    """The scripts that stay replacement signs with the fonts of this folder."""
    printed = frozenset[int]().union(*map(points, added(folder)))
    return tuple(name for name, letter in NOT_CARRIED.items() if ord(letter) not in printed)


class _Shown(dict[int, str | None]):
    """What is printed for each code point that was met."""

    def __init__(self, printable: frozenset[int]) -> None:
        self.printable = printable

    def __missing__(self, code: int) -> str | None:
        self[code] = shown = _shown(chr(code), self.printable)
        return shown


class Cleaner:
    """Makes one text after the other printable with these fonts and the carried ones: normalized, without direction
    tricks, endless words breakable. It remembers what it could not print."""

    def __init__(self, fonts: tuple[Font, ...] = ()) -> None:
        self._table = _Shown(carried().union(*map(points, fonts)))

    def __call__(self, text: str) -> str:
        if text.isascii() and text.isprintable() and len(text) < 25:
            return text
        return _ENDLESS.sub(_breakable, unicodedata.normalize("NFC", text).translate(self._table))

    @property
    def marks(self) -> bool:
        """Whether any of what was printed is a sign that is put on a letter."""
        return any(shown and unicodedata.category(shown)[0] == "M" for shown in self._table.values())

    def replaced(self) -> str:
        """Which signs were replaced, as a sentence; empty when every one was printed."""
        codes = [code for code, shown in self._table.items() if shown == _INSTEAD and chr(code) != _INSTEAD]
        return f"{_INSTEAD} stands for signs that no font here has: {_named(codes)}." if codes else ""


def _named(codes: Iterable[int]) -> str:
    """`Gujarati, Sinhala, U+1F468`: scripts, and the numbers of what is no letter; the first few of them."""
    names = sorted({script(chr(code)) for code in codes})
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def script(char: str) -> str:
    """What a letter's script is called here; of another sign its number."""
    name = unicodedata.name(char, "")
    if unicodedata.category(char)[0] not in "LM" or not name:
        return f"U+{ord(char):04X}"
    first = re.split("[ -]", name)[0]
    return _CALLED.get(first, first.capitalize())


def _shown(char: str, printable: frozenset[int]) -> str | None:
    code, category = ord(char), unicodedata.category(char)
    if char in "\t\r\n":
        return " "
    if char in _JOINERS:
        return char
    if category == "Cf" or 0xFE00 <= code <= 0xFE0F:
        return None  # unseen by themselves; overrides of direction make a name read as another one
    return _INSTEAD if category in ("Cc", "Cs", "Co", "Cn") or code not in printable else char


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
