"""A renewal from a phone: from the mail to the photo without a password or a script, reviewed at the desk, and over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from compliance import clock
from tests.browser.conftest import Open
from tests.browser.watching import Watch

PHONE = {"viewport": {"width": 375, "height": 780}, "has_touch": True}
NEW_END = f"{clock.today('America/New_York').year + 2}-06-30"
ROUNDS = 60
"""Half-seconds to wait for the planner's first round."""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A photo as a phone takes it."""
    path = tmp_path / "IMG_0042.jpg"
    Image.new("RGB", (1600, 1200), "#e9e2d0").save(path, quality=85)
    return path


def link_for(page: Page, about: str, place: int = 0) -> str:
    """The link in a reminder about such a credential, as it lies in the mailbox; the first of them or a later one."""
    for _ in range(ROUNDS):
        page.goto("/mailbox")
        letter = page.get_by_role("link", name=re.compile(f"^Your {about}")).nth(place)
        if letter.count():
            letter.click()
            found = page.locator("a[href*='/renew/']").first.get_attribute("href")
            assert found
            return found
        page.wait_for_timeout(500)
    raise AssertionError(f"no reminder about a {about} is in the mailbox")


def sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_a_photo_sent_from_a_phone_without_scripts_becomes_a_new_term(
    open_as: Open, watches: list[Watch], card: Path
) -> None:
    desk = open_as("manager")
    link = link_for(desk, "Texas massage license ends")
    phone = open_as(None, java_script_enabled=False, **PHONE)
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("your Texas massage license")
    phone.get_by_label("Photo or PDF of the new one").set_input_files(card)
    phone.get_by_role("button", name=re.compile("^Fill in")).click()
    expect(phone.get_by_role("main")).to_contain_text("IMG_0042.jpg is here already.")
    expect(phone.get_by_label("New last day")).not_to_have_value("")
    phone.get_by_role("button", name=re.compile("^Send to")).click()
    expect(phone.get_by_role("main")).to_contain_text("Thank you. It is sent.")
    watches[0].expect(422)  # a day that the rule does not expect is asked about once
    review(desk)
    watches[-1].expect(410)
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_have_text("This link opens nothing any more")


def review(desk: Page) -> None:
    """The manager follows the work list, looks at the picture, and accepts."""
    desk.goto("/decisions")
    desk.get_by_role("link", name=re.compile("^Review renewal")).first.click()
    picture = desk.get_by_role("img", name=re.compile("IMG_0042.jpg"))
    expect(picture).to_be_visible()
    desk.wait_for_load_state("load")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    desk.get_by_role("button", name="Accept renewal").click()
    sure = desk.get_by_role("checkbox", name="The dates are right, as printed")
    if sure.is_visible():
        sure.check()
        desk.get_by_role("button", name="Accept renewal").click()
    expect(desk.get_by_role("main")).to_contain_text("is renewed until")


def test_what_was_typed_and_the_photo_stay_when_a_day_is_wrong(open_as: Open, watches: list[Watch], card: Path) -> None:
    link = link_for(open_as("manager"), "AMTA membership ends")
    phone = open_as(None, **PHONE)
    phone.goto(link)
    assert not sideways(phone)
    phone.get_by_label("Photo or PDF of the new one").set_input_files(card)
    phone.get_by_label("New last day").fill("2020-01-31")
    watches[-1].expect(422)
    phone.get_by_role("button", name=re.compile("^Send to")).click()
    expect(phone.get_by_role("main")).to_contain_text("IMG_0042.jpg is here already.")
    expect(phone.get_by_label("New last day")).to_have_value("2020-01-31")
    assert not sideways(phone)
    phone.get_by_label("New last day").fill(NEW_END)
    phone.get_by_role("button", name=re.compile("^Send to")).click()
    expect(phone.get_by_role("main")).to_contain_text("There is nothing more to do.")
