"""The flat file: no cell of it is a formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.reports import render
from compliance.reports.csv_file import COLUMNS, guarded, rows
from tests.reports.sample_reports import harbor, report_of, therapist


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠", "﹦", " =", "\u00a0="]
)
def test_what_a_spreadsheet_may_take_for_a_formula_begins_with_an_apostrophe(start: str) -> None:
    assert guarded(f"{start}SUM(A1)").startswith("'")


@pytest.mark.parametrize(
    "text", ["MA 90000", "Łucja", "王小明", "2027-08-31", "a=b", "", "#read", "<b>x</b>", "{{7*7}}"]
)
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert guarded(text) == text


@given(st.text())
def test_no_text_gets_past_the_guard_with_a_control_character_or_a_sign_in_front(text: str) -> None:
    cell = guarded(text)
    assert cell[:1] not in set("=+-@＝＋－＠")
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in cell)


def test_every_row_is_as_long_as_the_head() -> None:
    assert {len(row) for row in rows(harbor())} == {len(COLUMNS)}
    assert {len(row) for row in rows(report_of(therapist(1, "x")))} == {len(COLUMNS)}


async def test_spreadsheets_are_told_that_it_is_utf_8() -> None:
    assert (await render(harbor(), "csv")).startswith(b"\xef\xbb\xbfclinic,as_of,known_at,therapist")
