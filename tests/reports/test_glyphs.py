"""The table of printable characters, held against the fonts themselves."""

from __future__ import annotations

import mmap
import re
import struct
from pathlib import Path

import pytest
import typst

from compliance.reports.glyphs import carried, cleaner, code_points, needs_wide, wide


def fonts_inside(binary: Path) -> dict[str, set[int]]:
    """Full name and code points of every font that a program carries uncompressed."""
    found: dict[str, set[int]] = {}
    with binary.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for start in (match.start() for match in re.finditer(rb"OTTO|\x00\x01\x00\x00", data)):
            tables = _tables(data[start : start + 12 + 16 * 64])
            if {b"cmap", b"name", b"OS/2"} <= tables.keys():
                offset, length = tables[b"cmap"]
                name = _name(data, start, tables[b"name"])
                found[name] = _mapped(data[start + offset : start + offset + length])
    return found


def _tables(head: bytes) -> dict[bytes, tuple[int, int]]:
    count = struct.unpack(">H", head[4:6])[0]
    if not 5 < count < 40:
        return {}
    entries = (struct.unpack(">4sIII", head[at : at + 16]) for at in range(12, 12 + 16 * count, 16))
    return {tag: (offset, length) for tag, _, offset, length in entries if re.fullmatch(rb"[ -~]{4}", tag)}


def _name(data: mmap.mmap, start: int, place: tuple[int, int]) -> str:
    table = data[start + place[0] : start + sum(place)]
    count, texts = struct.unpack(">HH", table[2:6])
    for at in range(6, 6 + 12 * count, 12):
        platform, _, _, kind, length, offset = struct.unpack(">HHHHHH", table[at : at + 12])
        if (platform, kind) == (3, 4):
            return table[texts + offset : texts + offset + length].decode("utf-16-be")
    return ""


def _mapped(cmap: bytes) -> set[int]:
    try:
        return code_points(cmap)
    except ValueError:
        return _segments(cmap)


def _segments(cmap: bytes) -> set[int]:
    """What the format 4 subtable maps: ends, starts, deltas and offsets of segments."""
    records = (struct.unpack(">HHI", cmap[at : at + 8]) for at in range(4, 4 + 8 * cmap[3], 8))
    table = next(cmap[offset:] for _, _, offset in records if cmap[offset : offset + 2] == b"\x00\x04")
    half = struct.unpack(">H", table[6:8])[0]
    words = [
        struct.unpack(f">{half // 2}H", table[14 + gap : 14 + gap + half])
        for gap in (0, half + 2, 2 * half + 2, 3 * half + 2)
    ]
    found: set[int] = set()
    for number, (last, first, delta, offset) in enumerate(zip(*words, strict=True)):
        base = 16 + 3 * half + 2 * number + offset
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code + delta if not offset else struct.unpack_from(">H", table, base + 2 * (code - first))[0]
            if glyph % 65536:
                found.add(code)
    return found


def test_the_table_says_what_the_carried_fonts_hold() -> None:
    binary = next(Path(typst.__file__).parent.glob("*.so"))
    inside = fonts_inside(binary)
    assert carried() == inside["Libertinus Serif Regular"] | inside["DejaVu Sans Mono"]


@pytest.mark.parametrize("text", ["Łódź", "Nguyễn Thị Ngọc Ánh", "محمد", "Σοφία", "Дмитрий", "שרה"])
def test_these_letters_are_printed_without_the_wide_font(text: str) -> None:
    assert cleaner(with_wide=False)(text) == text
    assert not needs_wide(text)


@pytest.mark.parametrize("text", ["王小明", "さくら", "김민준"])
def test_these_letters_ask_for_the_wide_font(text: str) -> None:
    assert needs_wide(text)
    assert {ord(char) for char in text} <= wide()
    assert cleaner(with_wide=True)(text) == text


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("a\u202eb", "ab"),
        ("a\x00b", "a\ufffdb"),
        ("\u200fמחמד\u00ad\ufeff", "מחמד"),
        ("a\ue000b", "a\ufffdb"),
        ("line\nbreak", "line break"),
        ("e\u0301", "é"),
        ("\U0001f468", "\ufffd"),
        ("first.last@some-long-host.example", "first.\u200blast@\u200bsome-\u200blong-\u200bhost.\u200bexample"),
        ("0123456789abcdef" * 4, "0123456789abcdef" * 4),
    ],
)
def test_text_is_made_printable(given: str, printed: str) -> None:
    assert cleaner(with_wide=False)(given) == printed


PRINTED = {
    "Armenian": "Արամ Պետրոսյան", "Georgian": "გიორგი", "Lao": "ສົມສັກ", "Korean": "김민준", "Japanese": "田中さくら",
    "Hebrew": "דוד", "Arabic": "محمد", "Vietnamese": "Nguyễn Thị Ánh", "Greek": "Σοφία", "Cyrillic": "Їжакевич",
}  # fmt: skip
NOT_PRINTED = {
    "Thai": "สมชาย", "Khmer": "សុខា", "Burmese": "အောင်", "Ethiopic": "አበበ", "Devanagari": "आशा", "Bengali": "রহিম",
    "Tamil": "முருகன்", "Sinhala": "සුනිල්", "Tibetan": "བསྟན",
}  # fmt: skip


def test_the_scripts_that_the_documents_name_are_printed_and_the_others_are_not() -> None:
    clean = cleaner(with_wide=True)
    assert {script: clean(name) for script, name in PRINTED.items()} == PRINTED
    assert {script for script, name in NOT_PRINTED.items() if set(clean(name)) != {"\ufffd"}} == set()
