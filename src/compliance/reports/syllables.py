"""What a syllable says when it is copied, searched or read aloud: its letters once.

Typst sets a sign that a font raises or lowers as a text of its own, and lets both texts say the whole syllable. Here
the sign is drawn within the text before it, at its own place, and both say the syllable together (`ActualText`,
ISO 32000-1, 14.9.4). It reads what
Typst writes and leaves alone whatever looks otherwise; nothing that is seen changes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

Objects = dict[int, bytes]
"""What stands between `obj` and `endobj`, by number."""

_PAGE: Final = re.compile(rb"/Type/Page\b.*?/Resources (\d+) 0 R.*?/Contents (\d+) 0 R", re.DOTALL)
_FONT: Final = re.compile(rb"/(f\d+) (\d+) 0 R")
_INSIDE: Final = re.compile(rb"/DescendantFonts\[(\d+) 0 R\].*?/ToUnicode (\d+) 0 R", re.DOTALL)
_SAID: Final = re.compile(rb"<([0-9A-F]{4})> <((?:[0-9A-F]{4})+)>\n")
_SAID_IN_TURN: Final = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4})> <((?:[0-9A-F]{4})+)>\n")
_WIDE: Final = re.compile(rb"/W ?\[([^\[\]]*)\]")
_STREAM: Final = re.compile(rb"stream\r?\n(.*)\nendstream", re.DOTALL)
_TEXT: Final = re.compile(rb"\bq 1 0 0 -1 (\S+) (\S+) cm[^\n]*\nBT(.*?)\nET\n", re.DOTALL)
_STRING: Final = rb"(?:\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|<[0-9A-F]*>)"
_PART: Final = re.compile(
    rb"(?:/Span<</ActualText<FEFF([0-9A-F]*)>>>BDC)?"
    rb"( \d Tr/(f\d+) \S+ Tf 1 0 0 -1 [-\d.]+ [-\d.]+ Tm(%b|\[(?:%b|[-\d. ]+)*\])T[jJ])(\nEMC)?" % (_STRING, _STRING),
    re.DOTALL,
)
_PLACE: Final = re.compile(rb"1 0 0 -1 ([-\d.]+) ([-\d.]+) Tm")
_STRINGS: Final = re.compile(_STRING, re.DOTALL)
_ESCAPED: Final = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_SHORT: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_HIGHEST: Final = 12.0
"""Points between a sign and its line; the next line is further away."""


@dataclass(frozen=True, slots=True)
class _Font:
    """What its glyphs say, and those that take room."""

    said: Mapping[int, str]
    wide: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a text that says something as a whole: where it stands in the stream, its syllables, the place of its
    text on the page. `narrow`: its glyphs take no room."""

    starts: int
    ends: int
    shown: bytes
    syllables: tuple[str, ...]
    narrow: bool
    x: float
    y: float

    def written(self) -> bytes:
        """The part as it says its syllables; nothing where none are left to it."""
        if not self.syllables:
            return b""
        said = "".join(self.syllables).encode("utf-16-be").hex().upper().encode()
        return b"/Span<</ActualText<FEFF%b>>>BDC%b\nEMC" % (said, self.shown)


def mended(objects: Objects) -> Objects:
    """The same objects, with the streams of pages in which syllables were said twice written anew."""
    found = dict(objects)
    for body in objects.values():
        page = _PAGE.search(body) if body.startswith(b"<</Type/Page/") else None
        if page:
            resources, contents = (int(each) for each in page.groups())
            fonts = dict(_fonts(objects, objects.get(resources, b"")))
            found[contents] = _stream(found[contents], fonts)
    return found


def _fonts(objects: Objects, resources: bytes) -> Iterator[tuple[bytes, _Font]]:
    for name, number in _FONT.findall(resources):
        inside = _INSIDE.search(objects[int(number)])
        if inside:
            widths = _WIDE.search(objects[int(inside[1])])
            yield name, _Font(_said(_content(objects[int(inside[2])])), _wide(widths[1] if widths else b""))


def _content(body: bytes) -> bytes:
    """What a stream holds."""
    stream = _STREAM.search(body)
    if stream is None:
        return b""
    return zlib.decompress(stream[1]) if b"/FlateDecode" in body[: stream.start()] else stream[1]


def _said(table: bytes) -> dict[int, str]:
    """What glyphs say by a table `ToUnicode`."""
    found = {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in _SAID.findall(table)}
    for first, last, text in _SAID_IN_TURN.findall(table):
        begins = bytes.fromhex(text.decode()).decode("utf-16-be")
        for glyph in range(int(first, 16), int(last, 16) + 1):
            found[glyph] = begins[:-1] + chr(ord(begins[-1]) + glyph - int(first, 16))
    return found


def _wide(widths: bytes) -> frozenset[int]:
    """The glyphs that take room: `first last width` in turns."""
    numbers = [float(each) for each in widths.split()]
    rows = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=False)
    return frozenset(glyph for first, last, width in rows if width for glyph in range(int(first), int(last) + 1))


def _stream(body: bytes, fonts: Mapping[bytes, _Font]) -> bytes:
    content = _content(body)
    changed = list(_joined(list(_parts(content, fonts))))
    if not changed:
        return body
    out, at = [], 0
    for part in changed:
        out += [content[at : part.starts], part.written()]
        at = part.ends
    data = zlib.compress(b"".join([*out, content[at:]]), 5)
    return b"<</Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (len(data), data)


def _parts(content: bytes, fonts: Mapping[bytes, _Font]) -> Iterator[_Part]:
    for text in _TEXT.finditer(content):
        x, y = float(text[1]), float(text[2])
        for part in _PART.finditer(content, *text.span(3)):
            font = fonts.get(part[3])
            if font is None:
                continue
            glyphs = _glyphs(part[4])
            whole = bytes.fromhex(part[1].decode()).decode("utf-16-be") if part[1] is not None else None
            said = (whole,) if whole is not None else tuple(font.said.get(each, "") for each in glyphs)
            narrow = font.wide.isdisjoint(glyphs)
            yield _Part(*part.span(), part[2], said, narrow, x, y)


def _glyphs(shown: bytes) -> list[int]:
    """The glyphs of a string, or of an array of strings and the moves between them: two bytes each."""
    content = b"".join(
        bytes.fromhex(each[1:-1].decode()) if each.startswith(b"<") else _ESCAPED.sub(_byte, each[1:-1])
        for each in _STRINGS.findall(shown)
    )
    return [high << 8 | low for high, low in zip(content[::2], content[1::2], strict=True)]


def _byte(escaped: re.Match[bytes]) -> bytes:
    """The byte behind a backslash: by its number, its short name, or itself."""
    given = escaped[1]
    return bytes([int(given, 8)]) if len(given) == 3 else _SHORT.get(given, given)


def _joined(parts: list[_Part]) -> Iterator[_Part]:
    """The parts that are to be written anew, in their order: with their signs, and the signs without anything."""
    at = 0
    while at < len(parts):
        base, signs = parts[at], _signs(parts, at)
        if signs:
            yield replace(base, shown=b"".join([base.shown, *(_moved(sign, base) for sign in signs)]))
            yield from (replace(sign, syllables=()) for sign in signs)
        at += 1 + len(signs)


def _signs(parts: list[_Part], at: int) -> list[_Part]:
    """The raised or lowered signs of the last syllable of a part, which say all of it again."""
    found: list[_Part] = []
    base = parts[at]
    for each in parts[at + 1 :]:
        height = abs(each.y - base.y)
        if not each.narrow or base.narrow or each.syllables != base.syllables[-1:] or not 0 < height < _HIGHEST:
            break
        found.append(each)
    return found


def _moved(sign: _Part, base: _Part) -> bytes:
    """What draws a sign at its place when it stands in the text of another."""

    def place(was: re.Match[bytes]) -> bytes:
        x, y = float(was[1]) + sign.x - base.x, float(was[2]) + base.y - sign.y
        return f"1 0 0 -1 {x:.4f} {y:.4f} Tm".encode()

    return b"\n" + _PLACE.sub(place, sign.shown.strip(), count=1)
