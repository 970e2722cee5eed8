"""The PDF: what it declares, how it is tagged, and what it looks like to a reader."""

from __future__ import annotations

import io
import random
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest

from compliance.domain.audit_report import TherapistRecord
from compliance.reports import RenderFailed, document, render
from compliance.reports.pages import pages
from tests.reports.reading import pdf_text, squeezed
from tests.reports.sample_reports import HOSTILE, harbor, report_of, therapist


@pytest.fixture(scope="module")
def opened() -> pikepdf.Pdf:
    import asyncio

    return pikepdf.open(io.BytesIO(asyncio.run(render(harbor(), "pdf"))))


def test_the_first_page_answers_the_question_as_a_sentence(opened: pikepdf.Pdf) -> None:
    title = "6 of 9 therapists may not practice at Tampa on Nov 23, 2026."
    out = io.BytesIO()
    opened.save(out)
    assert squeezed(title) in squeezed(pdf_text(out.getvalue()))[:200]
    assert str(opened.docinfo["/Title"]) == title


def test_it_declares_pdf_a_3a_and_pdf_ua_1_and_is_tagged(opened: pikepdf.Pdf) -> None:
    with opened.open_metadata() as meta:
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"], meta["pdfuaid:part"]) == ("3", "A", "1")
    assert opened.Root.MarkInfo.Marked
    assert str(opened.Root.Lang) == "en-US"


def test_its_date_is_the_instant_of_knowing_and_nobody_is_named_as_its_maker(opened: pikepdf.Pdf) -> None:
    assert str(opened.docinfo["/CreationDate"]).startswith("D:20261123131005")
    assert str(opened.docinfo["/Author"]) == "Harbor Trigger Point Clinics"


def test_tables_have_header_cells_and_every_person_is_a_header_of_their_rows(opened: pikepdf.Pdf) -> None:
    roles = [str(thing.get("/S")) for thing in opened.objects if isinstance(thing, pikepdf.Dictionary)]
    assert roles.count("/Table") >= 6
    assert roles.count("/TH") > 18
    assert roles.count("/TD") > 100


def test_pages_are_us_letter_and_a4_by_a_setting(opened: pikepdf.Pdf) -> None:
    assert [float(side) for side in opened.pages[0].mediabox[2:]] == [612, 792]


async def test_a4_is_a_setting() -> None:
    with pikepdf.open(io.BytesIO(await render(report_of(), "pdf", paper="a4"))) as document:
        assert [round(float(side)) for side in document.pages[0].mediabox[2:]] == [595, 842]


async def test_arabic_letters_are_drawn_with_a_font_that_has_them() -> None:
    made = await render(report_of(therapist(4, "محمد الأحمد")), "pdf")
    text = pdf_text(made)
    assert set("محمدالأحمد") <= set(text)
    with pikepdf.open(io.BytesIO(made)) as document:
        fonts = {str(thing.get("/BaseFont", "")) for thing in document.objects if isinstance(thing, pikepdf.Dictionary)}
    assert any("DejaVuSansMono" in name for name in fonts)


async def test_letters_of_thailand_india_and_cambodia_are_drawn_with_fonts_that_have_them() -> None:
    names = ("สมชาย", "आशा", "সুভাষ", "முருகன்", "లక్ష్మి", "ចាន់")
    report = report_of(*(therapist(number, name) for number, name in enumerate(names)))
    made = await render(report, "pdf")
    assert made == document.render(report, "us-letter")
    with pikepdf.open(io.BytesIO(made)) as opened:
        fonts = " ".join(
            str(each.get("/BaseFont", "")) for each in opened.objects if isinstance(each, pikepdf.Dictionary)
        )
    scripts = ("NotoSansThai", "NotoSansDevanagari", "HindSiliguri", "NotoSansTamil", "NotoSansTelugu", "NotoSansKhmer")
    assert {script for script in scripts if script not in fonts} == set()
    assert "CJK" not in fonts
    assert {name for name in names if name not in pdf_text(made)} == set()
    assert "\ufffd" not in pdf_text(made)


async def test_a_letter_that_no_font_has_prints_as_the_replacement_sign() -> None:
    assert "A\ufffdB" in pdf_text(await render(report_of(therapist(0, "A\u0d85B")), "pdf"))


def test_no_mixture_of_letters_and_marks_stops_the_pdf() -> None:
    pick = random.Random(7)
    near = [*range(0x20, 0x250), *range(0x300, 0x370), *range(0x5D0, 0x700), *range(0x1E00, 0x2070)]
    joined = [*range(0x900, 0xA00), *range(0xB80, 0xC80), *range(0xE00, 0xE60), *range(0x1780, 0x17FA), 0x200C, 0x200D]
    code_points = [*near, *range(0x4E00, 0x4E40), *(pick.randrange(0xE000, 0x110000) for _ in range(600))]
    names = ["".join(map(chr, pick.choices(code_points, k=6))) for _ in range(300)]
    names += ["".join(map(chr, pick.choices(joined, k=5) + pick.choices(near, k=1))) for _ in range(200)]
    report = report_of(*(TherapistRecord(name) for name in names))
    assert document.render(report, "us-letter").startswith(b"%PDF-1.7")


async def test_very_long_names_stay_on_the_page() -> None:
    made = await render(report_of(therapist(0, "Wolfeschlegelsteinhausen" * 12)), "pdf")
    document = pypdfium2.PdfDocument(made)
    for number in range(len(document)):
        page, width = document[number].get_textpage(), document[number].get_width()
        assert all(page.get_charbox(at)[2] <= width - 40 for at in range(page.count_chars()))
    document.close()


async def test_more_rows_than_a_pdf_holds_are_refused_with_what_to_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MOST_ROWS", 4)
    with pytest.raises(RenderFailed, match="has 6 rows and a PDF holds at most 4; ask for xlsx, csv or json"):
        document.render(report_of(therapist(2, "x")), "a4")


async def test_a_reason_of_several_pages_is_printed_whole() -> None:
    long = therapist(1, "Ana", "lapsed")
    finding = replace(long.modalities[0].findings[0], reason="Word. " * 1_500 + "Last word.")
    long = replace(long, modalities=(replace(long.modalities[0], findings=(finding,)),))
    text = squeezed(pdf_text(await render(report_of(long), "pdf")))
    assert text.count("Word.") >= 1_500
    assert "Lastword." in text


async def test_status_is_a_word_and_a_shape_beside_its_color() -> None:
    made = await render(harbor(), "pdf")
    assert {"Met", "Expiring", "Lapsed", "Missing", "Blocked", "Waived", "Unverified"} <= set(pdf_text(made).split())
    page = pypdfium2.PdfDocument(made)[0]
    shapes = [thing for thing in page.get_objects() if thing.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH]
    assert len(shapes) > 20


async def test_a_hostile_file_name_or_reason_is_text_too() -> None:
    people = [therapist(number, name) for number, name in enumerate(HOSTILE)]
    made = await render(report_of(*people, organization='"] #panic("x") ['), "pdf")
    assert squeezed('"]#panic("x")[') in squeezed(pdf_text(made))


@pytest.mark.parametrize(
    ("limited", "names", "row", "head"),
    [
        (("Tampa",), (), ["Clinic", "Tampa, 1200 Bayshore Boulevard, Tampa, FL 33606"], "Tampa"),
        ((), ("Austin", "Miami", "Tampa"), ["Clinics", "All 3 clinics: Austin, Miami, Tampa"], "All 3 clinics"),
    ],
)
def test_all_clinics_are_named_and_not_called_by_the_organization(
    limited: tuple[str, ...], names: tuple[str, ...], row: list[str], head: str
) -> None:
    given = harbor()
    question, clinic = replace(given.question, clinics=limited), replace(given.clinic, names=names)
    said = pages(replace(given, question=question, clinic=clinic))
    assert row in said["facts"]
    assert said["clinic"] == head
