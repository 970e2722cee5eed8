"""From the page behind a reminder's link to a sign-in: by a fresh link, in the browser that asked or with its code."""

from __future__ import annotations

import re

import pytest

from compliance.services import accounts
from tests.web.conftest import Site
from tests.web.renewals import Phone, phone


@pytest.fixture
async def card(site: Site) -> Phone:
    return await phone(site)


async def with_account(site: Site, card: Phone) -> None:
    async with site.database.write.begin() as session:
        await accounts.invite(
            session, act=site.act(), email="own@example.org", name="Sofia", role="therapist",
            therapist_id=card.therapist,
        )  # fmt: skip


async def mailed_link(card: Phone) -> str:
    (letter,) = await card.letters("sign-in-link")
    assert letter.recipient_address == "own@example.org"
    found = re.search(r"/sign-in/\S+", letter.text)
    assert found
    return found.group()


async def test_who_has_no_account_is_offered_none(card: Phone) -> None:
    await card.open()
    assert "Mail me a sign-in link" not in card.browser.words
    await card.send("sign-in")
    assert await card.letters("sign-in-link") == []


async def test_a_fresh_sign_in_link_works_once_in_the_browser_that_asked(site: Site, card: Phone) -> None:
    await with_account(site, card)
    await card.open()
    assert "Mail me a sign-in link" in card.browser.words
    await card.send("sign-in")
    link = await mailed_link(card)
    elsewhere = site.browser()
    assert (await elsewhere.get(link)).status_code == 200
    assert "a code of six digits" in elsewhere.words
    assert (await elsewhere.post(link)).status_code == 422
    assert (await card.browser.get(link)).status_code == 200
    assert (await card.browser.post(link)).status_code == 303
    assert (await card.browser.get("/me")).status_code == 200
    assert "Sofia Papadopoulou" in card.browser.words
    again = site.browser()
    again.bring("asked", card.browser.cookies["asked"])
    assert (await again.post(link)).status_code == 404


def shown_code(card: Phone) -> str:
    found = re.search(r"asked for this code: (\d{3} \d{3})", card.browser.words)
    assert found
    return found.group(1)


async def test_in_another_browser_a_fresh_sign_in_link_asks_for_the_code_that_the_first_one_shows(
    site: Site, card: Phone
) -> None:
    await with_account(site, card)
    await card.open()
    await card.send("sign-in")
    code, link, elsewhere = shown_code(card), await mailed_link(card), site.browser()
    wrong = "000000" if code != "000 000" else "000001"
    assert (await elsewhere.post(link, data={"code": wrong})).status_code == 422
    assert "This is not the code" in elsewhere.words
    assert (await elsewhere.post(link, data={"code": code})).status_code == 303
    assert (await elsewhere.get("/me")).status_code == 200
    for browser in (card.browser, site.browser()):
        assert (await browser.post(link, data={"code": code})).status_code == 404


async def test_after_five_wrong_codes_the_right_one_opens_nothing_either(site: Site, card: Phone) -> None:
    await with_account(site, card)
    await card.open()
    await card.send("sign-in")
    code, link, elsewhere = shown_code(card), await mailed_link(card), site.browser()
    for number in range(5):
        wrong = f"{(int(code.replace(' ', '')) + number + 1) % 10**6:06d}"
        assert (await elsewhere.post(link, data={"code": wrong})).status_code == 422
    assert (await elsewhere.post(link, data={"code": code})).status_code == 422
    assert (await card.browser.post(link)).status_code == 303


async def test_a_fresh_sign_in_link_is_over_after_ten_minutes(site: Site, card: Phone) -> None:
    await with_account(site, card)
    await card.send("sign-in")
    link = await mailed_link(card)
    site.clock.forward(minutes=11)
    assert (await card.browser.post(link)).status_code == 404


async def test_sign_in_links_are_not_mailed_without_end(site: Site, card: Phone) -> None:
    await with_account(site, card)
    for _ in range(8):
        await card.send("sign-in")
    assert len(await card.letters("sign-in-link")) <= 4
