"""Packing changes how a PDF is written down, and nothing of what it says."""

from __future__ import annotations

import io

import pikepdf
import pytest

from compliance.domain.audit_report import AuditReport
from compliance.reports.document import prepared
from compliance.reports.packing import packed
from compliance.reports.typesetting import set_here
from tests.reports.sample_reports import NAMES, harbor, report_of, therapist


def loose(report: AuditReport, paper: str) -> bytes:
    """The PDF as Typst writes it."""
    return set_here(prepared(report, paper))


@pytest.fixture(scope="module")
def typeset() -> bytes:
    return loose(report_of(*(therapist(n, f"{NAMES[n % 3]} {n}") for n in range(60))), "us-letter")


def said(pdf: bytes) -> dict[tuple[int, int], bytes]:
    """Every object as text, streams with their content; without the objects that only hold others."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.check_pdf_syntax() == []
        return {thing.objgen: _said(thing) for thing in document.objects if not _holds_others(thing)}


def _said(thing: pikepdf.Object) -> bytes:
    content = thing.read_raw_bytes() if isinstance(thing, pikepdf.Stream) else b""
    return thing.unparse(resolved=True) + content


def _holds_others(thing: pikepdf.Object) -> bool:
    return isinstance(thing, pikepdf.Stream) and thing.get("/Type") in ("/ObjStm", "/XRef")


def test_every_object_says_what_it_said_before(typeset: bytes) -> None:
    before = said(typeset)
    assert len(before) > 1_000
    assert said(packed(typeset)) == before


def test_a_long_report_becomes_several_times_smaller(typeset: bytes) -> None:
    assert len(packed(typeset)) < len(typeset) / 3


def test_it_ends_with_a_line_feed_so_that_a_signature_can_follow(typeset: bytes) -> None:
    assert packed(typeset).endswith(b"%%EOF\n")


def test_the_same_file_is_packed_alike(typeset: bytes) -> None:
    assert packed(typeset) == packed(typeset)


def test_a_file_of_another_shape_is_refused(typeset: bytes) -> None:
    with pytest.raises(ValueError, match="no plain trailer"):
        packed(packed(typeset))
    with pytest.raises(ValueError, match="no plain trailer"):
        packed(b"%PDF-1.7\nnothing")
    with pytest.raises(ValueError, match="is not where it should be"):
        packed(typeset.replace(b"\n7 0 obj", b"\n8 0 obj", 1))


def test_a_short_report_is_packed_too() -> None:
    assert said(packed(loose(harbor(), "a4")))
