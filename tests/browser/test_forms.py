"""A form that comes back: what was typed is there, the summary has the focus, and its links lead to the fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from compliance import clock
from tests.browser.conftest import Open
from tests.browser.watching import Watch

TODAY = clock.today("America/New_York")
AHEAD = TODAY + timedelta(days=2)  # in every zone


@dataclass(frozen=True)
class Mistake:
    """Where a form is, by which field it is known, what is typed, and which field is wrong."""

    at: str
    typed: dict[str, str]
    wrong: str
    chosen: dict[str, str] = field(default_factory=dict)
    by: str = ""
    """Where to begin: a link of the page, if the form's address is not known."""


MISTAKES = {
    "a number that is none": Mistake("/therapists/new", {"first_name": "Ada", "last_name": "Kept", "npi": "12"}, "npi"),
    "a clinic in no state": Mistake("/clinics/new", {"name": "Somewhere", "address": "1 Lane\nTown"}, "jurisdiction"),
    "an address without a place": Mistake("/people/invite", {"name": "Kim Kept", "email": "kim"}, "email"),
    "a period that ends early": Mistake(
        "/reports", {"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "ends_on", {"format": "xlsx"}
    ),
    "no password": Mistake(
        "/organizations/new", {"name": "Kept", "your_name": "Kim", "email": "kim@kept.example"}, "password"
    ),
    "a look in the future": Mistake(
        "/therapists?q=Ruiz",
        {"verified_on": str(AHEAD), "source": "by telephone"},
        "verified_on",
        {"result": "confirmed"},
        "/verifications/new",
    ),
    "an end before the beginning": Mistake(
        "/therapists?q=Ruiz",
        {"starts_on": "2027-03-02", "ends_on": "2027-03-01", "reason": "Kept"},
        "ends_on",
        by="/leaves/new",
    ),
}


def _go(page: Page, mistake: Mistake) -> None:
    page.goto(mistake.at)
    if not mistake.by:
        return
    page.get_by_role("main").get_by_role("link", name="Ana Ruiz").click()
    own = page.url.split("?")[0]
    if mistake.by == "/verifications/new":
        held = page.locator("main a[href^='/credentials/']").first.get_attribute("href") or ""
        own = "/".join(held.split("/")[:3])
    page.goto(own + mistake.by)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without"])
@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_form_that_comes_back_keeps_what_was_typed(
    open_as: Open, watches: list[Watch], mistake: Mistake, scripts: bool
) -> None:
    page = open_as(java_script_enabled=scripts)
    _go(page, mistake)
    form = page.locator("main form[method=post]").filter(has=page.locator(f"[name={mistake.wrong}]"))
    for summary in form.locator("summary").all():
        summary.click()
    for name, value in mistake.typed.items():
        form.locator(f"[name={name}]").fill(value)
    for name, value in mistake.chosen.items():
        form.locator(f"[name={name}][value={value}]").check()
    watches[-1].expect(422)
    form.locator("button:not([name])").last.click()

    problems = page.locator(".problems")
    expect(problems).to_be_visible()
    assert page.title().startswith("Error:")
    for name, value in mistake.typed.items():
        expect(page.locator(f"main form [name={name}]")).to_have_value(value)
    for name, value in mistake.chosen.items():
        expect(page.locator(f"main form [name={name}][value={value}]")).to_be_checked()
    if scripts:
        expect(problems).to_be_focused()
    problems.locator(f"a[href='#{mistake.wrong}']").click()
    expect(page.locator(f"#{mistake.wrong}")).to_be_focused()
    expect(page.locator(f"#{mistake.wrong}")).to_have_attribute("aria-invalid", "true")
