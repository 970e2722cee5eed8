"""Passkeys: made, used, refused when anything about the answer is off, and taken off again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from compliance.services import organizations
from compliance.web.passkeys import REFUSED
from compliance.web.sessions import cookie_name
from tests.web.authenticator import PRESENT, Device
from tests.web.conftest import Browser, Site

NEW, SIGN_IN = "/account/passkeys/new", "/sign-in/passkey"


@pytest.fixture
def named(site: Site) -> Site:
    """The same site at an address with a name, as passkeys need it."""
    site.settings = replace(site.settings, public_url="http://app.localhost:8000")
    site.app.state["settings"] = site.settings
    return site


def options(browser: Browser) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', browser.page)
    assert found, browser.words
    asked: dict[str, Any] = json.loads(unescape(found.group(1)))
    return asked


async def make(browser: Browser, device: Device, name: str = "blue phone") -> Any:
    await browser.get(NEW)
    return await browser.send_form(NEW, {"name": name, "credential": device.make(options(browser))})


async def use(site: Site, device: Device, path: str = SIGN_IN) -> tuple[Browser, Any]:
    browser = site.browser()
    await browser.get(path)
    asked = options(browser)
    return browser, await browser.send_form(SIGN_IN, {"credential": device.use(asked), "next": "/account"})


async def test_a_passkey_is_made_signs_in_without_a_password_and_is_taken_off(named: Site) -> None:
    device, owner = Device(), await named.sign_in("owner")
    answer = await make(owner, device)
    assert answer.status_code == 200, owner.words
    assert "recovery codes" in owner.words
    browser, answer = await use(named, device)
    assert answer.headers["location"] == "/account"
    await browser.get("/account/second-factor")
    assert "blue phone" in browser.words
    assert "last used" in browser.words
    found = re.search(r"/account/passkeys/([0-9a-f-]{36})/remove", browser.page)
    assert found
    assert (await browser.send_form(found.group(0))).status_code == 303
    _, answer = await use(named, device)
    assert answer.status_code == 422


async def test_a_passkey_is_two_factors_where_an_organization_demands_them(named: Site) -> None:
    device = Device()
    async with named.database.write.begin() as session:
        await organizations.change(session, act=named.act(), demands_second_factor=True)
    manager = await named.sign_in("manager")
    assert (await manager.get("/therapists")).headers["location"] == "/account/second-factor"
    assert (await make(manager, device)).status_code == 200
    assert (await manager.get("/therapists")).status_code == 200
    browser, _ = await use(named, device)
    assert (await browser.get("/therapists")).status_code == 200


@pytest.mark.parametrize(
    ("what", "bent"),
    [
        ("no finger and no PIN", {"flags": PRESENT}),
        ("a page elsewhere", {"origin": "http://evil.example"}),
        ("a copy whose count runs backwards", {"count": -1}),
        ("another key under the same id", {"key": Device().key}),
        ("a key that nobody knows", {"id": b"unknown"}),
        ("another person's handle", {"user": "AAAAAAAAAAAAAAAAAAAAAA"}),
    ],
)
async def test_an_answer_that_is_off_opens_nothing(named: Site, what: str, bent: dict[str, Any]) -> None:
    device = Device(count=5)
    await make(await named.sign_in("owner"), device)
    browser, answer = await use(named, replace(device, **bent))
    assert (answer.status_code, REFUSED in browser.words) == (422, True), what
    assert cookie_name(named.settings) not in browser.cookies
    assert (await use(named, device))[1].status_code == 303, "the device itself still does"


async def test_an_answer_opens_once_and_to_the_browser_that_was_asked_alone(named: Site) -> None:
    device = Device()
    await make(await named.sign_in("owner"), device)
    browser, other = named.browser(), named.browser()
    await browser.get(SIGN_IN)
    kept, answer = dict(browser.cookies), device.use(options(browser))
    await other.get(SIGN_IN)
    assert (await other.send_form(SIGN_IN, {"credential": answer})).status_code == 422
    assert (await browser.send_form(SIGN_IN, {"credential": answer})).status_code == 303
    thief = named.browser()
    for name, value in kept.items():
        thief.bring(name, value)
    assert (await thief.send_form(SIGN_IN, {"credential": answer})).status_code == 422
    await browser.get(SIGN_IN)
    late = device.use(options(browser))
    named.clock.forward(minutes=11)
    assert (await browser.send_form(SIGN_IN, {"credential": late})).status_code == 422


NONSENSE = (
    "{}", "[]", "null", '{"id": 1}', '{"id": "x", "response": 5}', "not json", "[" * 15_000, '{"a":' * 3_000,
    '{"id": "\\u0000", "response": {}}', '{"id": "\\ud800", "response": {}}',
    '{"id": "x", "response": {"transports": 5}}',
)  # fmt: skip


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
async def test_nonsense_in_place_of_an_answer_is_no_defect(named: Site, nonsense: str) -> None:
    browser = named.browser()
    await browser.get(SIGN_IN)
    assert (await browser.send_form(SIGN_IN, {"credential": nonsense})).status_code == 422
    owner = await named.sign_in("owner")
    await owner.get(NEW)
    assert (await owner.send_form(NEW, {"name": "x", "credential": nonsense})).status_code == 422


async def test_a_passkey_made_without_finger_or_pin_or_kept_already_is_not_kept(named: Site) -> None:
    owner, device = await named.sign_in("owner"), Device()
    assert (await make(owner, Device(flags=PRESENT))).status_code == 422
    assert (await make(owner, device)).status_code == 200
    assert (await make(owner, device, "again")).status_code == 422
    assert "kept already" in owner.words


async def test_an_address_of_numbers_says_where_passkeys_work(site: Site) -> None:
    browser = site.browser()
    await browser.get(SIGN_IN)
    assert "http://localhost:8000/sign-in/passkey" in browser.words
