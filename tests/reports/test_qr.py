"""The QR code on a report leads to where it can be checked, and is described to whoever cannot see it."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pypdfium2
import segno
from PIL import Image

from compliance.reports import render
from compliance.reports.qr import qr_svg
from tests.reports.reading import pdf_text, squeezed
from tests.reports.sample_reports import harbor

ADDRESS = "https://clinics.example.org/verify/0192f3aa-1111-8abc-9def-001122334455"


async def with_address() -> bytes:
    report = harbor()
    note = "compliance-trail/x\n1\nhash=\n\n— compliance-trail/x signature=\n"
    made_from = replace(report.provenance, verify_at=ADDRESS, checkpoint=note)
    return await render(replace(report, provenance=made_from), "pdf")


def drawn(pdf: bytes) -> Image.Image:
    """The last page in black and white, four dots a point, without all that stands left of the code."""
    document = pypdfium2.PdfDocument(pdf)
    pictures = [page.render(scale=4).to_pil().convert("L") for page in document]
    page = next(each for each in reversed(pictures) if _square(each))
    return page.crop(_square(page))


def _square(page: Image.Image) -> tuple[int, int, int, int] | None:
    """Where the code lies: the black dots in the right fifth of the page that are as many across as down."""
    left = page.width * 75 // 100
    black = page.crop((left, page.height // 20, page.width, page.height)).point(lambda dot: 255 * (dot < 40))
    rows = [y for y in range(black.height) if black.crop((0, y, black.width, y + 1)).histogram()[255] > 40]
    for start in rows:
        box = black.crop((0, start, black.width, min(start + 300, black.height))).getbbox()
        if box and box[2] - box[0] > 150 and abs((box[2] - box[0]) - (box[3] - box[1])) < 6:
            top = start + page.height // 20
            return left + box[0], top + box[1], left + box[2], top + box[3]
    return None


async def test_the_squares_on_the_page_are_those_of_the_address() -> None:
    picture, code = drawn(await with_address()), segno.make_qr(ADDRESS, error="m")
    wanted = [[bool(module) for module in row] for row in code.matrix]
    step = picture.width / len(wanted)
    read = [
        [picture.getpixel((int((x + 0.5) * step), int((y + 0.5) * step))) < 128 for x in range(len(wanted))]
        for y in range(len(wanted))
    ]
    assert read == wanted


async def test_the_address_and_the_checkpoint_are_printed_and_the_code_is_described() -> None:
    pdf = await with_address()
    text = squeezed(pdf_text(pdf))
    assert squeezed(ADDRESS) in text
    assert squeezed("compliance-trail/x signature=") in text
    with pikepdf.open(io.BytesIO(pdf)) as document:
        alts = {str(thing.get("/Alt", "")) for thing in document.objects if isinstance(thing, pikepdf.Dictionary)}
    assert "QR code of the address beside it" in alts


async def test_a_report_without_an_address_has_no_code() -> None:
    assert "Check it yourself" not in pdf_text(await render(harbor(), "pdf"))


def test_the_same_address_is_drawn_alike() -> None:
    assert qr_svg(ADDRESS) == qr_svg(ADDRESS) != qr_svg(ADDRESS + "6")
