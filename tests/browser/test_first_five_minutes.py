"""The first five minutes: from an empty organization to the own roster, a true verdict and an audit report."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pypdfium2  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser.conftest import SAID, Open, sign_in
from tests.browser.installation import Served

ROSTER = Path(__file__).parent.parent / "data" / "roster-messy.csv"
PASSWORD = "correct horse battery staple"
FIVE_MINUTES = 300


def _begin(page: Page) -> None:
    page.locator(".account-opener").click()
    page.get_by_role("link", name="Start your own organization").click()
    page.get_by_label("Name", exact=True).fill("Harbor Trigger Point Clinics")
    page.get_by_label("Your name").fill("Olga Harbor")
    page.get_by_label("E-mail").fill("olga@harbor.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Start").click()
    expect(page.locator("h1")).to_have_text("Three steps to your first verdict.")


def _add_clinic(page: Page) -> None:
    page.get_by_role("link", name="Add clinic").click()
    page.get_by_label("Name", exact=True).fill("Downtown Tampa")
    page.get_by_label("State or city").select_option(label="Florida")
    page.get_by_label("Time zone").select_option(label="Eastern time")
    page.get_by_role("button", name="Add clinic").click()
    expect(page.locator("h1")).to_contain_text("Downtown Tampa")


def _import_roster(page: Page) -> None:
    page.get_by_role("link", name="Today").click()
    page.get_by_role("link", name="Import a roster").click()
    page.get_by_label("The roster").set_input_files(ROSTER)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_label("Kansas City").select_option("Kansas City=us-ks", timeout=60_000)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("h1")).to_have_text("24 therapists created, 0 changed.", timeout=60_000)


def _record_a_license(page: Page) -> None:
    """Florida asks one of the clinic itself; the import's page leads there first."""
    step = page.get_by_role("listitem").filter(has_text="Record the license: St. Pete Beach")
    step.get_by_role("link", name="Record the license").click()
    page.get_by_label("Number", exact=True).fill("MM 41208")
    page.get_by_label("Issued on").fill("01/05/2026")
    page.get_by_label("Expires on").fill("08/31/2027")
    page.get_by_role("button", name="Record credential").click()
    expect(page.locator("h1")).to_contain_text("St. Pete Beach")


def _read_a_verdict(page: Page) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Therapists").click()
    page.get_by_role("main").get_by_role("link", name="Dwayne Brooks").click()
    expect(page.locator(".verdict h1")).to_be_visible()
    page.get_by_label("The verdict on any day").fill("2026-11-23")
    page.get_by_role("button", name="Show that day").click()
    expect(page.locator(".verdict h1")).to_contain_text("until Feb 28, 2027")


def _open_a_report(page: Page) -> str:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    page.get_by_label("The day").fill("2026-11-23")
    page.get_by_role("button", name="Make the report").click()
    opener = page.get_by_role("link", name="Open the PDF")
    expect(opener).to_be_visible(timeout=60_000)
    answer = page.request.get(str(opener.get_attribute("href")))
    assert answer.headers["content-disposition"].startswith("inline")
    sheets = pypdfium2.PdfDocument(answer.body())
    return " ".join(each.get_textpage().get_text_range() for each in sheets)


def test_a_new_user_gets_from_nothing_to_a_verdict_and_a_report(
    open_as: Open, demonstration: Served, record_property: Callable[[str, object], None]
) -> None:
    page = open_as(None)
    began = perf_counter()
    sign_in(page, demonstration.links["reviewer"])
    _begin(page)
    _add_clinic(page)
    _import_roster(page)
    _record_a_license(page)
    _read_a_verdict(page)
    words = _open_a_report(page)
    took = perf_counter() - began
    assert re.search(r"Dwayne\s+Brooks", words)
    assert "MA80001" in words
    record_property(SAID, f"From an empty organization to a verdict and a report: {took:.1f} s of pages and waiting.")
    assert took < FIVE_MINUTES
