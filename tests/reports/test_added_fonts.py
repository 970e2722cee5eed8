"""Fonts that an installation adds: which are taken, when they are used, and what a PDF says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.domain.audit_report import AuditReport
from compliance.reports import added_fonts, document, fonts_mark, render
from compliance.reports.added_fonts import added, fingerprint
from compliance.reports.glyphs import Cleaner, further, unprinted
from tests.reports.fonts_at_hand import folder_of, font
from tests.reports.reading import pdf_text, squeezed
from tests.reports.sample_reports import report_of, therapist

MINA = "મીના પટેલ"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("fonts"), gujarati=font())


def families(path: Path) -> list[str]:
    return [each.family for each in added(path)]


def test_an_added_font_prints_what_no_package_has_and_nothing_else_asks_for_it(folder: Path) -> None:
    fonts = further(f"Ana Ruiz, सीता, {MINA}", folder)
    assert [each.family for each in fonts] == ["Noto Sans Devanagari", "Test Siliguri"]
    assert Cleaner(fonts)(MINA) == MINA
    assert [each.family for each in further("Ana Ruiz, सीता", folder)] == ["Noto Sans Devanagari"]
    assert "Gujarati" in unprinted(None)
    assert set(unprinted(None)) - set(unprinted(folder)) == {"Gujarati"}


def test_of_two_fonts_the_one_that_prints_more_of_the_text_is_used(tmp_path: Path) -> None:
    folder_of(tmp_path, a=font("Half Siliguri", first=0xA80 - 64), b=font("Full Siliguri"))
    assert families(tmp_path) == ["Half Siliguri", "Full Siliguri"]
    assert [each.family for each in further("\u0a95\u0abe\u0abf", tmp_path)] == ["Full Siliguri"]
    assert [each.family for each in further("\u0a85\u0a86", tmp_path)] == ["Half Siliguri"]


def test_bold_slanted_bundled_and_broken_fonts_are_not_taken(tmp_path: Path) -> None:
    whole = font()
    folder_of(tmp_path, bold=font("Bold Siliguri", weight=700), slanted=font("Leant Siliguri", slanted=True))
    folder_of(tmp_path, bundled=font("Hind Siliguri"), empty=b"", text=b"no font at all", cut=whole[:900])
    (tmp_path / "font.txt").write_bytes(whole)
    assert families(tmp_path) == []
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "TEST.OTF").write_bytes(whole)
    folder_of(tmp_path, twice=whole)
    assert families(tmp_path) == ["Test Siliguri"]


def test_a_font_that_goes_before_it_is_read_spoils_no_other(tmp_path: Path) -> None:
    there = folder_of(tmp_path, b=font())
    gone = added_fonts._File("a.ttf", str(tmp_path / "a.ttf"), 9, 9)
    assert [each.family for each in added_fonts._read((gone, *added_fonts._files(there)))] == ["Test Siliguri"]


async def test_the_mark_of_the_set_changes_with_what_is_in_a_font(tmp_path: Path) -> None:
    folder_of(tmp_path, a=font())
    first = await fonts_mark(tmp_path)
    assert first == fingerprint(added(tmp_path))
    folder_of(tmp_path, a=font(first=0x1000))
    assert len({first, await fonts_mark(tmp_path), await fonts_mark(None), fingerprint(())}) == 3
    assert await fonts_mark(None) == ""


def of_mina() -> AuditReport:
    return report_of(therapist(0, MINA), therapist(1, "Ana Ruiz"))


async def test_a_pdf_prints_the_name_and_which_font_it_used_the_same_on_both_ways(folder: Path) -> None:
    made = await render(of_mina(), "pdf", added_fonts=folder)
    assert made == document.render(of_mina(), "us-letter", folder)
    text = squeezed(pdf_text(made))
    assert "TestSiliguri,SHA-256" + added(folder)[0].sha256 in text
    assert "\ufffd" not in text
    assert MINA.split()[0] in text


async def test_a_pdf_says_once_which_signs_no_font_has_and_nothing_where_all_are_printed(folder: Path) -> None:
    text = squeezed(pdf_text(await render(of_mina(), "pdf")))
    assert text.count(squeezed("stands for signs that no font here has: Gujarati.")) == 1
    plain = report_of(therapist(1, "Ana Ruiz"))
    assert await render(plain, "pdf", added_fonts=folder) == await render(plain, "pdf")
    assert "nofonthere" not in squeezed(pdf_text(await render(plain, "pdf")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("සුනිල්", ": Sinhala."),
        ("\U0001f468 a\x00b", ": U+0000, U+1F468."),
        ("\U000e0100 අ આ ᐊ ꦲ ߊ ᚠ ⴰ ᠠ Ꭰ ހ ܐ", " and "),
    ],
)
def test_the_signs_are_named_by_script_or_number(text: str, said: str) -> None:
    clean = Cleaner()
    clean("Ana Ruiz, \ufffd")
    assert clean.replaced() == ""
    clean(text)
    assert said in clean.replaced()
