"""A font of a script that nothing here prints: a package's font, with another name and another table of characters."""

from __future__ import annotations

import struct
from pathlib import Path

from compliance.reports.fonts import FURTHER

GUJARATI = 0xA80
"""Where the block of the Gujarati script begins in Unicode."""
_GLYPH = 100
_LETTERS = 96


def font(family: str = "Test Siliguri", *, first: int = GUJARATI, weight: int = 400, slanted: bool = False) -> bytes:
    """A font of that family (13 letters at most) that prints the 96 code points from `first` on with some glyphs."""
    package = next(font for font in FURTHER if font.family == "Hind Siliguri")
    content = bytearray(package.path().read_bytes())
    for at in range(12, 12 + 16 * struct.unpack_from(">H", content, 4)[0], 16):
        tag, _, offset, length = struct.unpack_from(">4sIII", content, at)
        if tag == b"OS/2":
            struct.pack_into(">H", content, offset + 4, weight)
            struct.pack_into(">H", content, offset + 62, int(slanted))
        elif tag == b"name":
            _name(content, offset, offset + length, family)
        elif tag == b"cmap":
            content[offset : offset + length] = _characters(first).ljust(length, b"\0")
    return bytes(content)


def _name(content: bytearray, begins: int, ends: int, family: str) -> None:
    for encoding in ("utf-16-be", "mac-roman"):
        old, new = "Hind Siliguri".encode(encoding), family.ljust(13).encode(encoding)
        content[begins:ends] = content[begins:ends].replace(old, new)


def _characters(first: int) -> bytes:
    """A table `cmap` with one group of format 12."""
    group = struct.pack(">III", first, first + _LETTERS - 1, _GLYPH)
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + struct.pack(">HHIII", 12, 0, 28, 0, 1) + group


def folder_of(path: Path, **fonts: bytes) -> Path:
    """A folder with these fonts, by the name of the file without its end."""
    path.mkdir(exist_ok=True)
    for name, content in fonts.items():
        (path / f"{name}.ttf").write_bytes(content)
    return path
