"""The head of every page: it leads only where its reader may go, and its number is that of the list behind it."""

from __future__ import annotations

import re

import pytest

from compliance.services import accounts
from tests.web import people
from tests.web.conftest import ROLES, Browser, Site
from tests.web.test_imports import HEAD, SOFIA, upload, work


def leads(browser: Browser) -> list[str]:
    """Where the main navigation of the page leads."""
    head = browser.page.partition('<nav class="nav"')[2].partition("</ul>")[0]
    return re.findall(r'<a href="([^"]+)"', head)


async def somebody(site: Site, role: str) -> Browser:
    if role != "therapist":
        return await site.sign_in(role)
    own = await people.therapist(site, email="sofia@example.org")
    async with site.database.write.begin() as session:
        email = "sofia@example.org"
        invited = await accounts.invite(session, act=site.act(), email=email, role=role, therapist_id=own)
    return await site.sign_in_person(invited.person_id, site.ours.id)


@pytest.mark.parametrize("role", [*ROLES, "therapist"])
async def test_the_head_leads_only_where_its_reader_may_go(site: Site, role: str) -> None:
    browser = await somebody(site, role)
    await browser.get("/account")
    addresses = leads(browser)
    assert addresses
    assert ('role="search"' in browser.page) == (role != "therapist")
    assert {each: (await browser.get(each, follow_redirects=True)).status_code for each in addresses} == dict.fromkeys(
        addresses, 200
    )


def waiting(browser: Browser) -> tuple[str, str]:
    """How many wait: as the list says, and as the head says."""
    listed = re.search(r"(\d+) things? waits? for a person|Nothing waits", browser.words)
    counted = re.search(r"To decide (\d+)", browser.words)
    assert listed
    return listed.group(1) or "", counted.group(1) if counted else ""


async def test_the_number_beside_to_decide_is_that_of_the_list(site: Site) -> None:
    browser = await site.sign_in("owner")
    path = await upload(site, browser, HEAD + SOFIA.replace("08/31/2027", "07/31/2027"))
    await browser.send_form(f"{path}/confirm", {"deed": "apply"})
    await work(site)
    await browser.get("/decisions")
    listed, counted = waiting(browser)
    assert listed == counted != ""
    await browser.get(f"{path}/undo")
    await browser.send_form(f"{path}/undo", {"reason": "The wrong file."})
    await work(site)
    await browser.get("/decisions")
    assert waiting(browser) == ("", "")
