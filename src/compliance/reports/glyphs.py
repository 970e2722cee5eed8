"""Which characters the fonts can print, and the step that makes text printable.

PDF/A refuses a document with a character that no font holds, so such a character is printed as U+FFFD. The fonts are
two of those that Typst carries itself (Latin, Vietnamese, Greek, Cyrillic and Hebrew; Arabic) and, only when a text
needs it, Noto Sans CJK.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

FAMILIES: Final = ("Libertinus Serif", "DejaVu Sans Mono")
WIDE_FAMILY: Final = "Noto Sans CJK SC"
_TABLE: Final = Path(__file__).with_name("glyphs.txt")
_JOINERS: Final = frozenset("\u200b\u200c\u200d\u00a0")
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


def wide_font() -> Path:
    """The font for Chinese, Japanese and Korean."""
    from importlib.resources import files  # a dear import, and most reports need no wide font

    return Path(str(files("noto_cjk_sans_otc"))) / "NotoSansCJK-Regular.ttc"


@cache
def wide() -> frozenset[int]:
    """The code points that the font for Chinese, Japanese and Korean prints."""
    with wide_font().open("rb") as file:
        head = file.read(16)
        file.seek(struct.unpack(">I", head[12:16])[0])
        directory = file.read(12 + 16 * 64)
        offset, length = _cmap_place(directory)
        file.seek(offset)
        return frozenset(code_points(file.read(length)))


def _cmap_place(directory: bytes) -> tuple[int, int]:
    for at in range(12, 12 + 16 * struct.unpack(">H", directory[4:6])[0], 16):
        tag, _, offset, length = struct.unpack(">4sIII", directory[at : at + 16])
        if tag == b"cmap":
            return offset, length
    raise ValueError("the font has no character map")


def code_points(cmap: bytes) -> set[int]:
    """What a font's `cmap` table maps in its format 12 subtable (OpenType 1.9, section "cmap")."""
    for number in range(struct.unpack(">H", cmap[2:4])[0]):
        offset = struct.unpack(">I", cmap[8 + 8 * number : 12 + 8 * number])[0]
        if struct.unpack(">H", cmap[offset : offset + 2])[0] == 12:
            return _groups(cmap[offset:])
    raise ValueError("the font has no character map of format 12")


def _groups(subtable: bytes) -> set[int]:
    count = struct.unpack(">I", subtable[12:16])[0]
    found: set[int] = set()
    for first, last, _ in struct.iter_unpack(">III", subtable[16 : 16 + 12 * count]):
        found.update(range(first, last + 1))
    return found


def needs_wide(texts: str) -> bool:
    """Whether a text holds a character that only the wide font prints."""
    rest = {ord(char) for char in set(texts)} - carried()
    return bool(rest) and not rest.isdisjoint(wide())


def cleaner(*, with_wide: bool) -> Callable[[str], str]:
    """A function that makes one text printable: normalized, without direction tricks, endless words breakable."""
    printable = carried() | wide() if with_wide else carried()

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
    """A word that may not fit its column is offered places to break: after signs, else every eight letters."""
    parts = (part for part in re.split(r"(?<=[@._/\-])", word[0]) if part)
    return _BREAK.join(part[at : at + 8] for part in parts for at in range(0, len(part), 8))


def clean_tree(value: Any, clean: Callable[[str], str]) -> Any:
    """The same lists and dictionaries with every text made printable."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: clean_tree(inner, clean) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_tree(inner, clean) for inner in value]
    return value
