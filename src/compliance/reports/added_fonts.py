"""Fonts that an installation adds: those of the folder that COMPLIANCE_REPORT_FONTS names, after those of packages.

Only upright fonts of regular weight and width, drawn by outlines and free to be embedded, are taken; of two of one
family the first by file name. A report depends on the whole set: its fingerprint is part of the question of each PDF.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from compliance.reports.fonts import FURTHER, Font, needed, points

_TABLES: Final = frozenset({b"cmap", b"name", b"OS/2"})
_OUTLINES: Final = frozenset({b"glyf", b"CFF "})
_PICTURES: Final = frozenset({b"CBDT", b"sbix", b"COLR", b"SVG "})
_REGULAR: Final = (400, 5)
_FAMILY: Final = 1
_RESTRICTED: Final = 2
_TAKEN: Final = frozenset({"Libertinus Serif", "DejaVu Sans Mono", *(font.family for font in FURTHER)})


class _File(NamedTuple):
    """A file as it was found; another size or time means another content."""

    name: str
    path: str
    size: int
    changed_ns: int


def added(folder: Path | None) -> tuple[Font, ...]:
    """The fonts of a folder and of those in it, by file name; read again when a file there has changed."""
    return _read(tuple(sorted(_files(folder)))) if folder else ()


def fingerprint(fonts: Iterable[Font]) -> str:
    """One SHA-256 for the families and the contents of all these fonts; empty for none."""
    said = "".join(f"{font.sha256}  {font.family}\n" for font in fonts)
    return hashlib.sha256(said.encode()).hexdigest() if said else ""


def needed_with(codes: frozenset[int], folder: Path | None) -> tuple[Font, ...]:
    """The fonts for these code points: of packages first; then of the added ones whichever prints most of the rest."""
    found = list(needed(codes))
    codes = codes.difference(*map(points, found))
    while codes and (best := max(added(folder), key=lambda font: len(codes & points(font)), default=None)):
        if codes.isdisjoint(points(best)):
            break
        codes -= points(best)
        found.append(best)
    return tuple(found)


def _files(folder: Path) -> Iterator[_File]:
    for path in folder.rglob("*"):
        if path.suffix.lower() in (".ttf", ".otf") and path.is_file():
            found = path.stat()
            yield _File(path.name, str(path), found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=1)
def _read(files: tuple[_File, ...]) -> tuple[Font, ...]:
    families: dict[str, Font] = {}
    for file in files:
        font = _font(file.path)
        if font and font.family not in _TAKEN:
            families.setdefault(font.family, font)
    return tuple(families.values())


def _font(path: str) -> Font | None:
    """The font in a file; None for one that is not taken, is none, or may not be read."""
    try:
        content = Path(path).read_bytes()
        tables = dict(_tables(content))
        if not _fits(tables):
            return None
        family = _family(tables[b"name"])
        font = Font(family, "", path, hashlib.sha256(content).hexdigest())
        return font if family and points(font) else None
    except (OSError, struct.error, ValueError, IndexError):
        return None


def _tables(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The tables of a font by their tags (OpenType 1.9, section "Organization of an OpenType font")."""
    for at in range(12, 12 + 16 * struct.unpack_from(">H", content, 4)[0], 16):
        tag, _, offset, length = struct.unpack_from(">4sIII", content, at)
        yield tag, content[offset : offset + length]


def _fits(tables: dict[bytes, bytes]) -> bool:
    """Whether Typst embeds it as it is, and a bold or slanted one is not taken for the whole family."""
    tags = tables.keys()
    if not tags >= _TABLES or tags.isdisjoint(_OUTLINES) or not tags.isdisjoint(_PICTURES):
        return False
    weight, width, embedding = struct.unpack_from(">3H", tables[b"OS/2"], 4)
    slanted = struct.unpack_from(">H", tables[b"OS/2"], 62)[0] & 1
    return (weight, width) == _REGULAR and not slanted and embedding & 0xF != _RESTRICTED


def _family(names: bytes) -> str:
    """The name of the family as Typst takes it: the first entry of that kind that it can read."""
    count, texts = struct.unpack_from(">HH", names, 2)
    for at in range(6, 6 + 12 * count, 12):
        platform, encoding, _, kind, length, offset = struct.unpack_from(">6H", names, at)
        text = names[texts + offset : texts + offset + length]
        if kind == _FAMILY and platform in (0, 3):
            return text.decode("utf-16-be")
        if kind == _FAMILY and (platform, encoding) == (1, 0):
            return text.decode("mac-roman")
    return ""
