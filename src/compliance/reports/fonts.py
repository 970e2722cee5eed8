"""The fonts beside those that Typst carries: each is loaded only for a text with a character that only it prints.

They come from packages (`FURTHER`), and from the folder that an installation names (`added_fonts.py`).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final


@dataclass(frozen=True, slots=True)
class Font:
    """A font by its family, as Typst calls it, and by the installed package and the file in it.

    An added font has no package: `file` is its path then, and `sha256` says what is in it.
    """

    family: str
    package: str
    file: str
    sha256: str = ""

    def path(self) -> Path:
        """Where it lies. The package is not imported, only found."""
        if not self.package:
            return Path(self.file)
        from importlib.util import find_spec  # a dear import, and most reports need no further font

        found = find_spec(self.package)
        if found is None or not found.submodule_search_locations:
            raise FileNotFoundError(f"The package {self.package} with the font {self.family} is not installed.")
        return Path(found.submodule_search_locations[0], self.file)


def _noto(script: str) -> Font:
    return Font(f"Noto Sans {script}", f"fontpkg_noto_sans_{script.lower()}", f"files/NotoSans{script}[wdth,wght].ttf")


FURTHER: Final = (
    Font("Noto Sans CJK SC", "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc"),
    *(_noto(script) for script in ("Thai", "Devanagari", "Khmer", "Tamil", "Telugu")),
    Font("Hind Siliguri", "fontpkg_hind_siliguri", "files/HindSiliguri-Regular.ttf"),  # Bengali
)
"""In the order in which they are asked; the first comes first, since it also has signs of all kinds."""


def needed(codes: frozenset[int]) -> tuple[Font, ...]:
    """The further fonts for these code points, which the carried fonts do not print."""
    found: list[Font] = []
    for font in FURTHER:
        if codes and not codes.isdisjoint(printed := points(font)):
            codes -= printed
            found.append(font)
    return tuple(found)


def places(fonts: Sequence[Font]) -> tuple[str, ...]:
    """What Typst is to read, sorted: the folder of a package, and of the fonts that were added each file alone."""
    return tuple(sorted({str(font.path().parent if font.package else font.path()) for font in fonts}))


@cache
def points(font: Font) -> frozenset[int]:
    """The code points that a font prints; of a collection its first font counts."""
    with font.path().open("rb") as file:
        head = file.read(16)
        file.seek(struct.unpack(">I", head[12:16])[0] if head.startswith(b"ttcf") else 0)
        return frozenset(code_points(_cmap(file)))


def _cmap(file: BinaryIO) -> bytes:
    """The table `cmap` of the font that begins where the file stands."""
    directory = file.read(12 + 16 * 64)
    for at in range(12, 12 + 16 * struct.unpack(">H", directory[4:6])[0], 16):
        tag, _, offset, length = struct.unpack(">4sIII", directory[at : at + 16])
        if tag == b"cmap":
            file.seek(offset)
            return file.read(length)
    raise ValueError("the font has no character map")


def code_points(cmap: bytes) -> set[int]:
    """What a `cmap` table maps: its format 12 subtable holds all, else format 4 does (OpenType 1.9, section "cmap")."""
    starts = [struct.unpack_from(">I", cmap, 8 + 8 * at)[0] for at in range(struct.unpack_from(">H", cmap, 2)[0])]
    tables = {struct.unpack_from(">H", cmap, start)[0]: cmap[start:] for start in starts}
    if 12 in tables:
        return _groups(tables[12])
    if 4 in tables:
        return _segments(tables[4])
    raise ValueError("the font has no character map of format 12 or 4")


def _groups(subtable: bytes) -> set[int]:
    """Format 12: first and last code point of each group, and its first glyph."""
    count = struct.unpack(">I", subtable[12:16])[0]
    found: set[int] = set()
    for first, last, _ in struct.iter_unpack(">III", subtable[16 : 16 + 12 * count]):
        found.update(range(first, last + 1))
    return found


def _segments(subtable: bytes) -> set[int]:
    """Format 4: ends, starts, deltas and offsets of segments; glyph 0 is none, and U+FFFF closes the table."""
    size = struct.unpack_from(">H", subtable, 6)[0]
    places = (14, 16 + size, 16 + 2 * size, 16 + 3 * size)
    columns = (struct.unpack_from(f">{size // 2}H", subtable, place) for place in places)
    found: set[int] = set()
    for number, (last, first, delta, offset) in enumerate(zip(*columns, strict=True)):
        base = places[3] + 2 * number + offset
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = struct.unpack_from(">H", subtable, base + 2 * (code - first))[0] if offset else code + delta
            if glyph % 65536:
                found.add(code)
    return found
