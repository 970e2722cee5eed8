"""Everything can be done with the keyboard, and what opens does so without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

FOCUSED = "() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
PHONE = {"viewport": {"width": 375, "height": 667}}


def test_the_first_stop_skips_to_the_page(open_as: Open) -> None:
    page = open_as()
    page.goto("/therapists")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


@pytest.mark.parametrize("width", [1440, 375])
def test_a_slash_goes_to_the_search(open_as: Open, width: int) -> None:
    page = open_as(viewport={"width": width, "height": 800})
    page.goto("/clinics")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("Ruiz/")  # here it is a character like any other
    expect(page.locator("#q")).to_have_value("Ruiz/")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without"])
def test_the_menu_of_a_phone_opens_and_closes(open_as: Open, scripts: bool) -> None:
    page = open_as(**PHONE, java_script_enabled=scripts)
    page.goto("/")
    navigation = page.locator("#nav")
    expect(navigation).to_be_hidden()
    page.locator(".menu").press("Enter")
    expect(navigation).to_be_visible()
    expect(navigation.get_by_role("link", name="Therapists")).to_be_visible()
    out = navigation.get_by_role("button", name="Sign out")
    out.scroll_into_view_if_needed()
    expect(out).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(navigation).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without"])
def test_a_dialog_opens_with_its_form(open_as: Open, scripts: bool) -> None:
    page = open_as(java_script_enabled=scripts)
    page.goto("/therapists?q=Ruiz")
    page.get_by_role("main").get_by_role("link", name="Ana Ruiz").click()
    page.get_by_role("button", name="Waive", exact=True).first.press("Enter")
    dialog = page.locator("dialog#waive")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Reason")).to_be_editable()


def test_the_account_menu_opens_without_javascript(open_as: Open) -> None:
    page = open_as(java_script_enabled=False)
    page.goto("/")
    page.locator(".account-opener").press("Enter")
    expect(page.locator("#account").get_by_role("button", name="Sign out")).to_be_visible()


def _tab_to(page: Page, identity: str, most: int = 60) -> None:
    for _ in range(most):
        if page.evaluate("document.activeElement.id") == identity:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{identity} is not reached by {most} tabs, but {page.evaluate(FOCUSED)}")


def test_a_form_is_filled_in_and_sent_without_a_mouse(open_as: Open) -> None:
    page = open_as()
    page.goto("/therapists/new")
    _tab_to(page, "first_name")
    page.keyboard.type("Keyboard")
    _tab_to(page, "last_name")
    page.keyboard.type("Only")
    page.keyboard.press("Enter")
    expect(page.locator("p.name")).to_have_text("Keyboard Only")
