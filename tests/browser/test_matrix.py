"""The matrix in a browser: the keyboard goes from cell to cell, head and names stay, and paper holds every column."""

from __future__ import annotations

from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

WHERE = """() => {
  const cell = document.activeElement.closest("td, th");
  return cell ? [cell.parentElement.rowIndex, cell.cellIndex] : null;
}"""
TOPMOST = """([row, column]) => {
  const cell = document.querySelector(".matrix.people table").rows[row].cells[column];
  const box = cell.getBoundingClientRect();
  return cell.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""


def _matrix(open_as: Open, **options: object) -> Page:
    page = open_as(**options)
    page.goto("/matrix?modality=trigger-point-therapy")
    expect(page.locator(".matrix.people")).to_be_visible()
    return page


def test_arrows_go_from_cell_to_cell_and_nothing_covers_the_one_in_focus(open_as: Open) -> None:
    page = _matrix(open_as)
    page.locator(".matrix.people tbody tr").first.get_by_role("link").first.focus()
    last_column = page.locator(".matrix.people tbody tr").first.locator("th, td").count() - 1
    for key, where in (
        ("ArrowRight", [2, 1]),
        ("ArrowDown", [3, 1]),
        ("End", [3, last_column]),
        ("Home", [3, 0]),
        ("ArrowUp", [2, 0]),
    ):
        page.keyboard.press(key)
        assert page.evaluate(WHERE) == where, key
    page.keyboard.press("Control+End")
    last, _column = page.evaluate(WHERE)
    for _ in range(last - 2):
        page.keyboard.press("ArrowUp")
        assert page.evaluate(TOPMOST, page.evaluate(WHERE)), page.evaluate(WHERE)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url("**/therapists/**")


def test_tab_stops_once_in_the_matrix_and_comes_back_to_the_same_cell(open_as: Open) -> None:
    page = _matrix(open_as)
    page.locator(".matrix.people tbody a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate(WHERE) is None
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(WHERE) == [3, 0]


def test_without_javascript_every_cell_is_a_link_that_tab_reaches(open_as: Open) -> None:
    page = _matrix(open_as, java_script_enabled=False)
    page.locator(".matrix.people tbody a").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/therapists/**#license")


def test_filters_keep_the_keyboard_going(open_as: Open) -> None:
    page = _matrix(open_as)
    page.get_by_label("Show", exact=True).select_option("no")
    page.wait_for_url("**verdict=no**")
    page.locator(".matrix.people tbody a").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(WHERE) == [2, 1]


@pytest.mark.parametrize("width", [1440, 375])
def test_head_and_names_stay_while_the_rest_scrolls(open_as: Open, width: int) -> None:
    page = _matrix(open_as, viewport={"width": width, "height": 700})
    places = """() => [document.querySelector(".matrix.people thead b").getBoundingClientRect().y,
      document.querySelector(".matrix.people tbody tr:nth-child(9) th").getBoundingClientRect().x]"""
    before = page.evaluate(places)
    page.locator(".matrix.people").evaluate("(each) => each.scrollTo(200, 300)")
    assert page.locator(".matrix.people").evaluate("(each) => each.scrollTop") > 0
    assert page.evaluate(places) == before


def _tight(text: str) -> str:
    """Without spaces, which a PDF of narrow letters does not have for sure."""
    return "".join(text.split())


@pytest.mark.parametrize("paper", ["A3", "Letter"])
def test_paper_holds_every_column_and_everybody(open_as: Open, tmp_path: Path, paper: str) -> None:
    page = open_as()
    page.goto("/matrix")
    heads = [*page.locator(".matrix.people thead b").all_inner_texts()]
    names = page.locator(".matrix.people tbody bdi").all_inner_texts()
    file = tmp_path / "matrix.pdf"
    page.pdf(path=file, format=paper, landscape=True, prefer_css_page_size=False)
    document = pypdfium2.PdfDocument(file)
    texts = [sheet.get_textpage().get_text_bounded() for sheet in document]
    flat = [_tight(text) for text in texts]
    named = [name for name in names if name < "\u0590"]  # of Arabic, a PDF holds shapes and not letters
    assert len(named) > 30
    assert [name for name in named if not any(_tight(name) in text for text in flat)] == []
    for sheet, text in zip(document, flat, strict=True):
        assert sheet.get_width() > sheet.get_height()
        if any(_tight(name) in text for name in named):  # the last sheet may have the legend alone
            assert [head for head in heads if _tight(head) not in text] == []
    document.close()
