"""A name with raised signs is copied out of a PDF as it was written, and nothing that is seen changes."""

from __future__ import annotations

import io
import re
import zlib

import pikepdf
import pypdfium2
import pytest

from compliance.reports import document
from compliance.reports.packing import packed
from compliance.reports.syllables import Objects, mended
from compliance.reports.typesetting import set_here
from tests.reports.reading import pdf_text, squeezed
from tests.reports.sample_reports import report_of, therapist

NAMES = (
    *("សុខា ចាន់ថា ស្រី", "សុសុខុម សុ", "น้ำทิพย์ ศรีสุวรรณ", "พิมพ์ขวัญ ตั้งใจ", "সুভাষ চৌধুরী", "শ্রী কৃষ্ণ", "శ్రీనివాస్ లక్ష్మి", "రాజ్యం"),
    *("x\u0304y", "Q\u0323\u030bB", "मुंबई क्षत्रिय", "முருகன்"),
)


@pytest.fixture(scope="module")
def as_typst_writes() -> bytes:
    report = report_of(*(therapist(number, f"«{name}»") for number, name in enumerate(NAMES)))
    given = document.prepared(report, "us-letter")
    assert given.marks
    return set_here(given)


@pytest.fixture(scope="module")
def made(as_typst_writes: bytes) -> bytes:
    return packed(as_typst_writes, marks=True)


def said(pdf: bytes) -> str:
    """What the pages say in the order in which they are drawn: the words of a marked text, else those of its glyphs."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            marks: list[bool] = []
            table: dict[str, str] = {}
            for each in pikepdf.parse_content_stream(page):
                operator, operands = str(each.operator), each.operands
                if operator == "BDC":
                    words = operands[1].get("/ActualText") if isinstance(operands[1], pikepdf.Dictionary) else None
                    found += [str(words)] if words is not None and not any(marks) else []
                    marks.append(words is not None)
                elif operator == "EMC":
                    marks.pop()
                elif operator == "Tf":
                    table = glyphs(page.Resources.Font[str(operands[0])])
                elif operator in ("Tj", "TJ") and not any(marks):
                    strings = operands[0] if operator == "TJ" else [operands[0]]
                    drawn = b"".join(bytes(part) for part in strings if isinstance(part, pikepdf.String)).hex().upper()
                    found += [table.get(drawn[at : at + 4], "") for at in range(0, len(drawn), 4)]
    return squeezed("".join(found))


def glyphs(font: pikepdf.Object) -> dict[str, str]:
    pairs = re.findall("<(....)> <([0-9A-F]+)>\n", font.ToUnicode.read_bytes().decode())
    return {glyph: bytes.fromhex(text).decode("utf-16-be") for glyph, text in pairs}


def names(text: str) -> set[str]:
    return {each.partition("»")[0] for each in text.split("«")[1:]}


def test_every_name_says_its_letters_once_wherever_it_is_printed(as_typst_writes: bytes, made: bytes) -> None:
    whole = {squeezed(name) for name in NAMES}
    assert names(said(packed(as_typst_writes))) != whole
    assert names(said(made)) == whole


def test_a_browser_copies_them_so_too_but_for_a_sign_that_it_takes_to_be_behind_the_next_letter(made: bytes) -> None:
    assert {squeezed(name) for name in NAMES} - names(squeezed(pdf_text(made))) == {squeezed("พิมพ์ขวัญ ตั้งใจ")}


def test_the_file_is_whole_and_every_text_that_was_opened_is_closed(made: bytes) -> None:
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert opened.check_pdf_syntax() == []
        for page in opened.pages:
            operators = [str(each.operator) for each in pikepdf.parse_content_stream(page)]
            assert operators.count("BDC") + operators.count("BMC") == operators.count("EMC")
            assert operators.count("BT") == operators.count("ET") > 0


def of(texts: bytes, said: bytes, widths: bytes = b"0 0 500 1 1 600 3 3 600") -> Objects:
    """One page with one font, whose glyph 2 takes no room."""
    return {
        1: b"<</Type/Page/Resources 2 0 R/MediaBox[0 0 9 9]/Contents 3 0 R>>",
        2: b"<</Font<</f0 4 0 R>>>>",
        3: b"<</Length %d>>\nstream\n%b\nendstream" % (len(texts), texts),
        4: b"<</Type/Font/DescendantFonts[5 0 R]/ToUnicode 6 0 R>>",
        5: b"<</Type/Font/W[%b]/DW 0>>" % widths,
        6: b"<</Length %d>>\nstream\n%b\nendstream" % (len(said), said),
    }


def text(height: str, shown: bytes) -> bytes:
    return b"q 1 0 0 -1 70 %b cm/c0 cs 0 scn\nBT 0 Tr/f0 9 Tf 1 0 0 -1 0 0 Tm%b\nET\nQ\n" % (height.encode(), shown)


def spans_of(objects: Objects) -> list[str]:
    """What the parts of the page say that say it themselves."""
    content = zlib.decompress(mended(objects)[3].partition(b"stream\n")[2].removesuffix(b"\nendstream"))
    return [
        bytes.fromhex(each.partition(b">")[0].decode()).decode("utf-16-be")
        for each in content.split(b"/ActualText<FEFF")[1:]
    ]


SAID = b"<0001> <17950E38>\n<0002> <17950E38>\n<0003> <0061>\n"


@pytest.mark.parametrize(
    "shown",
    [b"[(\\000\\003\\000\\001)]TJ", b"[(\\000\\003)-3(\\000\\001)]TJ", b"<00030001>Tj", b"[<0003>-3<0001>]TJ"],
)
def test_a_syllable_and_its_sign_say_it_together_however_the_glyphs_are_written(shown: bytes) -> None:
    assert spans_of(of(text("700", shown) + text("700.4", b"(\\000\\002)Tj"), SAID)) == ["a\u1795\u0e38"]


def test_glyphs_that_say_letters_in_turn_are_read() -> None:
    said = b"<0001> <0002> <0E01>\n"
    assert mended(of(text("700", b"(\\000\\001)Tj") + text("701", b"(\\000\\002)Tj"), said))[3].startswith(b"<</Length")
    same = b"<0001> <0001> <17950E38>\n<0002> <0002> <17950E38>\n"
    assert spans_of(of(text("700", b"(\\000\\001)Tj") + text("701", b"(\\000\\002)Tj"), same)) == ["\u1795\u0e38"]


@pytest.mark.parametrize(
    "texts",
    [
        text("700", b"(\\000\\001)Tj") + text("700", b"(\\000\\002)Tj"),  # on its line: the font says so already
        text("700", b"(\\000\\001)Tj") + text("680", b"(\\000\\002)Tj"),  # on the next line
        text("700", b"(\\000\\001)Tj") + text("701", b"(\\000\\001)Tj"),  # a syllable of its own
        text("700", b"(\\000\\003)Tj") + text("701", b"(\\000\\002)Tj"),  # of another syllable
        text("700", b"(\\000\\002)Tj") + text("701", b"(\\000\\002)Tj"),  # nothing to stand on
        b"BT /f0 9 Tf <0001> Tj ET\nBT 0 1 Td <0002> Tj ET\n",  # not as Typst writes it
    ],
)
def test_whatever_is_no_raised_sign_of_the_syllable_before_stays(texts: bytes) -> None:
    objects = of(texts, SAID)
    assert mended(objects) == objects


def test_nothing_that_is_seen_changes(as_typst_writes: bytes, made: bytes) -> None:
    before, after = drawn(packed(as_typst_writes)), drawn(made)
    assert packed(as_typst_writes) != made
    assert len(after) > 2
    assert before == after


def drawn(pdf: bytes) -> list[bytes]:
    """Every page as a picture."""
    opened = pypdfium2.PdfDocument(pdf)
    pictures = [bytes(page.render(scale=1).buffer) for page in opened]
    opened.close()
    return pictures


def test_a_report_without_such_signs_is_not_looked_through() -> None:
    assert not document.prepared(report_of(therapist(0, "Łucja Żółkiewska, Nguyễn Thị Ánh, 王小明")), "us-letter").marks
