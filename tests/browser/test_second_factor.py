"""A second factor and a passkey in a real browser: set up, signed out, signed in again with each."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
from playwright.sync_api import Page, expect

from compliance.services.demonstration.loading import NAME
from tests.browser.conftest import Open
from tests.browser.installation import Served

EMAIL, PASSWORD = "pia@harbor.example", "harbor lantern seven kites"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def _look(page: Page, name: str) -> None:
    """Pictures for whoever wants to look: `LOOK=folder`."""
    folder = os.environ.get("LOOK")
    for width in (1440, 375) if folder else ():
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.screenshot(path=Path(str(folder)) / f"{name}-{width}-{scheme}.png", full_page=True)
    if folder:
        page.set_viewport_size({"width": 1440, "height": 900})


def _password(page: Page) -> None:
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def _sign_out(page: Page) -> None:
    page.locator(".account-opener").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.locator("h1")).to_have_text("Sign in")


def test_a_person_sets_up_an_app_and_a_passkey_and_signs_in_with_each(open_as: Open, demonstration: Served) -> None:
    here = demonstration.address.replace("127.0.0.1", "localhost")
    page = open_as(None, served=replace(demonstration, address=here))
    said = demonstration.installation.run("user", "add", EMAIL, "--organization", NAME, "--role", "reviewer")
    page.goto(here + urlsplit(said.strip()).path)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("Once more").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    _look(page, "sign-in")
    _password(page)
    page.goto(f"{here}/account/second-factor")
    _look(page, "factors-none")
    page.get_by_role("link", name="Set up an app").click()
    _look(page, "app")
    seed = re.sub(r"\s", "", str(page.locator("b.mono").text_content()))
    page.get_by_label("The code that the app shows now").fill(pyotp.TOTP(seed).now())
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator("ol.codes li")).to_have_count(10)
    _look(page, "codes")
    code = str(page.locator("ol.codes li").first.text_content())
    page.get_by_role("link", name="I have kept them").click()

    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.get_by_role("link", name="Add a passkey").click()
    _look(page, "passkey-new")
    page.get_by_label("What you call it").fill("blue phone")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url(f"{here}/account/second-factor")  # the device answers first, and only then is the form sent
    expect(page.locator("main")).to_contain_text("blue phone")
    _look(page, "factors")
    page.goto(f"{here}/account")
    _look(page, "account")

    _sign_out(page)
    _password(page)
    expect(page.locator("h1")).to_have_text("One more step")
    _look(page, "second-factor")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".account-opener")).to_be_visible()

    _sign_out(page)
    page.get_by_role("link", name="Sign in with a passkey").click()
    _look(page, "sign-in-passkey")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.locator(".account-opener")).to_be_visible()
    page.goto(f"{here}/account/second-factor")
    expect(page.locator("main")).to_contain_text("last used just now")
