"""The table of printable characters, held against the fonts themselves."""

from __future__ import annotations

import mmap
import re
import struct
import unicodedata
from pathlib import Path

import pytest
import typst

from compliance.reports.fonts import FURTHER, code_points, places, points
from compliance.reports.glyphs import NOT_CARRIED, Cleaner, carried, further


def fonts_inside(binary: Path) -> dict[str, set[int]]:
    """Full name and code points of every font that a program carries uncompressed."""
    found: dict[str, set[int]] = {}
    with binary.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for start in (match.start() for match in re.finditer(rb"OTTO|\x00\x01\x00\x00", data)):
            tables = _tables(data[start : start + 12 + 16 * 64])
            if {b"cmap", b"name", b"OS/2"} <= tables.keys():
                offset, length = tables[b"cmap"]
                name = _name(data, start, tables[b"name"])
                found[name] = code_points(data[start + offset : start + offset + length])
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


def test_the_table_says_what_the_carried_fonts_hold() -> None:
    binary = next(Path(typst.__file__).parent.glob("*.so"))
    inside = fonts_inside(binary)
    assert carried() == inside["Libertinus Serif Regular"] | inside["DejaVu Sans Mono"]


@pytest.mark.parametrize("text", ["Łódź", "Nguyễn Thị Ngọc Ánh", "محمد", "Σοφία", "Дмитрий", "שרה", "a\u200db", "නම"])
def test_these_letters_ask_for_no_further_font(text: str) -> None:
    assert further(text) == ()


@pytest.mark.parametrize("text", ["Łódź", "Nguyễn Thị Ngọc Ánh", "محمد", "Σοφία", "Дмитрий", "שרה"])
def test_these_letters_are_printed_by_the_carried_fonts(text: str) -> None:
    assert Cleaner()(text) == text


@pytest.mark.parametrize(
    ("text", "family"),
    [
        *((text, "Noto Sans CJK SC") for text in ("王小明", "さくら", "김민준")),
        ("สมชาย", "Noto Sans Thai"),
        ("क्\u200dष आशा", "Noto Sans Devanagari"),
        ("សុខា", "Noto Sans Khmer"),
        ("முருகன்", "Noto Sans Tamil"),
        ("లక్ష్మి", "Noto Sans Telugu"),
        ("সুভাষ ৰ", "Hind Siliguri"),
    ],
)
def test_these_letters_ask_for_one_further_font_and_no_other(text: str, family: str) -> None:
    fonts = further(f"Ana Ruiz, {text}")
    assert [font.family for font in fonts] == [family]
    assert Cleaner(fonts)(text) == text
    assert "\ufffd" in Cleaner()(text)


def test_a_text_of_two_scripts_asks_for_two_fonts_from_sorted_places() -> None:
    fonts = further("สมชาย 王小明")
    assert [font.family for font in fonts] == ["Noto Sans CJK SC", "Noto Sans Thai"]
    assert places(fonts) == tuple(sorted(str(font.path().parent) for font in fonts))
    assert places(()) == ()


def test_every_further_font_is_there_and_prints_a_script_of_its_own() -> None:
    for font in FURTHER:
        others = carried().union(*(points(other) for other in FURTHER if other is not font))
        assert len({code for code in points(font) - others if code < 0xE000}) > 50, font.family


def test_a_map_with_gaps_and_listed_glyphs_is_read() -> None:
    """Format 4: A and B by delta, a to c by a list in which b has no glyph, and the end."""
    words = (4, 46, 0, 6, 0, 0, 0, 0x42, 0x63, 0xFFFF, 0, 0x41, 0x61, 0xFFFF, 65472, 0, 1, 0, 4, 0, 7, 0, 8)
    assert code_points(struct.pack(">HHHHI", 0, 1, 3, 1, 12) + struct.pack(">23H", *words)) == {0x41, 0x42, 0x61, 0x63}


@pytest.mark.parametrize("name", ["ศูนย์นวดแผนไทยเพื่อสุขภาพและความงาม", "क्षत्रियश्रीकृष्णमूर्तिसुब्रह्मण्यम्", "x\u0304" * 30])
def test_an_endless_word_is_broken_where_nothing_is_drawn_as_one(name: str) -> None:
    parts = Cleaner(further(name))(name).split("\u200b")
    assert "".join(parts) == name
    assert len(parts) > 1
    assert {part for part in parts[1:] if unicodedata.category(part[0])[0] == "M"} == set()
    assert {part for part in parts[:-1] if part[-1] in "्เแโใไ"} == set()


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
    assert Cleaner()(given) == printed


PRINTED = {
    "Armenian": "Արամ Պետրոսյան", "Georgian": "გიორგი", "Lao": "ສົມສັກ", "Korean": "김민준", "Japanese": "田中さくら",
    "Hebrew": "דוד", "Arabic": "محمد", "Vietnamese": "Nguyễn Thị Ánh", "Greek": "Σοφία", "Cyrillic": "Їжакевич",
    "Thai": "สมชาย", "Khmer": "សុខា", "Devanagari": "आशा", "Bengali": "রহিম", "Tamil": "முருகன்", "Telugu": "లక్ష్మి",
}  # fmt: skip
NOT_PRINTED = {
    "Burmese": "အောင်", "Ethiopic": "አበበ", "Gujarati": "મીના", "Gurmukhi": "ਗੁਰ", "Kannada": "ಕನ್ನಡ", "Malayalam": "മലയാളം",
    "Odia": "ଓଡ଼ିଆ", "Sinhala": "සුනිල්", "Tibetan": "བསྟན", "Cherokee": "ᏣᎳᎩ", "Syriac": "ܣܘܪܝܬ", "Thaana": "ދިވެހި",
}  # fmt: skip


def test_the_scripts_that_the_documents_name_are_printed_and_the_others_are_not() -> None:
    clean = Cleaner(FURTHER)
    assert {script: clean(name) for script, name in PRINTED.items()} == PRINTED
    assert {script for script, name in NOT_PRINTED.items() if set(clean(name)) != {"\ufffd"}} == set()
    assert set(NOT_PRINTED) == set(NOT_CARRIED)
