"""The main path in a browser: in by a link, find somebody, record what the board said, renew, hand out a report."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Page, expect

from compliance import clock
from tests.browser.conftest import Open, sign_in
from tests.browser.installation import Served
from tests.browser.lived_in import one_time_link
from tests.browser.watching import Watch

NEXT_YEAR = clock.today("America/New_York").year + 2

ASKED_BACK = 422
"""A renewal that ends on an unusual day is asked about once."""


def _not_today(page: Page) -> int:
    """How many may not practice today, as the first page says."""
    page.goto("/")
    found = re.match(r"(\d+|Nobody|One)", page.locator("h1").inner_text())
    assert found, page.locator("h1").inner_text()
    return int(found.group(1)) if found.group(1).isdigit() else {"Nobody": 0, "One": 1}[found.group(1)]


def _find(page: Page, name: str) -> None:
    page.get_by_role("searchbox", name="Search name or number").fill(name)
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name=re.compile(name)).first.click()
    expect(page.locator("p.name")).to_contain_text(name)


def _record_verification(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^Check at the board")).first.click()
    page.get_by_role("radio", name=re.compile("^Confirmed", re.IGNORECASE)).check()
    page.get_by_label("Where").fill("board website")
    page.get_by_role("button", name="Record verification").click()


def _renew(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^Record renewal")).first.click()
    page.get_by_label("New expiry").fill(f"{NEXT_YEAR}-02-28")
    page.get_by_role("button", name="Record renewal").click()
    sure = page.get_by_role("checkbox", name="The dates are right, as printed")
    if sure.is_visible():
        sure.check()
        page.get_by_role("button", name="Record renewal").click()


def _download_report(page: Page, clinic: str, into: Path) -> str:
    """The words of the report of one clinic."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    page.get_by_label("Clinic").select_option(label=clinic)
    page.get_by_role("button", name="Make the report").click()
    expect(page.locator("h1")).to_contain_text("is ready", timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    download.value.save_as(into)
    return " ".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(into))


def walk(page: Page, tmp_path: Path, *, unverified: str, lapsed: str, clinic: str) -> None:
    """The whole path, by somebody who is signed in."""
    before = _not_today(page)
    _find(page, unverified)
    expect(page.locator(".verdict")).not_to_have_attribute("data-status", "met")
    _record_verification(page)
    expect(page.locator("h1")).to_contain_text("Cleared for")
    assert _not_today(page) == before - 1

    _find(page, lapsed)
    expect(page.locator("h1")).not_to_contain_text("Cleared for")
    _renew(page)
    expect(page.get_by_role("main")).to_contain_text(f"Feb 28, {NEXT_YEAR}")
    words = _download_report(page, clinic, tmp_path / "report.pdf")
    assert unverified.split()[-1] in words
    assert "Cleared" in words


def test_the_main_path_from_a_one_time_link_on(
    open_as: Open, watches: list[Watch], demonstration: Served, tmp_path: Path
) -> None:
    page = open_as(None)
    watches[-1].expect(ASKED_BACK)
    sign_in(page, one_time_link(demonstration, "manager"))
    walk(page, tmp_path, unverified="Aisha Farouk", lapsed="Noah Grant", clinic="Reno")


def test_the_main_path_without_javascript(open_as: Open, watches: list[Watch], tmp_path: Path) -> None:
    page = open_as("owner", java_script_enabled=False)
    watches[-1].expect(ASKED_BACK)
    walk(page, tmp_path, unverified="Nguyễn Thị Ngọc Ánh", lapsed="Samuel Whitaker", clinic="Tampa")


@pytest.mark.postgres
def test_the_main_path_on_postgresql(
    open_as: Open, watches: list[Watch], on_postgresql: Served, tmp_path: Path
) -> None:
    page = open_as(None, served=on_postgresql)
    watches[-1].expect(ASKED_BACK)
    sign_in(page, on_postgresql.links["manager"])
    walk(page, tmp_path, unverified="Aisha Farouk", lapsed="Noah Grant", clinic="Reno")


def test_a_link_signs_in_once(open_as: Open, watches: list[Watch], on_postgresql: Served) -> None:
    sign_in(open_as(None, served=on_postgresql), on_postgresql.links["reviewer"])
    again = open_as(None, served=on_postgresql)
    watches[-1].expect(404)
    again.goto(on_postgresql.links["reviewer"])
    expect(again.get_by_role("button", name="Sign in")).to_have_count(0)
