"""Every page that the program has, as its readers get it: axe-core finds nothing, nothing scrolls sideways, nothing is
inline, nothing is asked of another place. A new GET route is in the list by itself."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response

from compliance import clock
from tests.browser.addresses import NO_PAGES, Found, browser_of, follow, pages, routes
from tests.browser.axe import Axe
from tests.browser.conftest import PATIENCE, STILL, Open, SignedIn, sign_in
from tests.browser.installation import Served
from tests.browser.lived_in import Resident, therapists_link
from tests.browser.validating import complaints
from tests.browser.watching import Watch

INVITED = "/set-password/{token:str}"
PUBLIC = ("/sign-in", "/sign-in/{token:str}", "/forgot-password", INVITED, "/verify")
UNLINKED = (*PUBLIC, "/me", "/me/education", "/search", "/styleguide")
"""Pages that no link of an owner's pages leads to, or only from outside."""
WIDTHS = (1440, 768, 375, 320)
OF_PAGES = ("document", "stylesheet", "script", "fetch", "xhr")
HEAVIEST = 60_000
"""Bytes; a page has to be quick on a phone."""

MORE = {
    "a list without anybody": "/therapists?q=nobody-is-called-this",
    "who may not practice": "/therapists?verdict=no",
    "another day": "/?as_of=2026-03-01",
    "a page that is not there": "/therapists/00000000-0000-7000-8000-000000000000",
    "a day that cannot be": "/therapists?as_of=2026-02-30",
    "what a search finds, misspelled": "/search?q=Petrva",
    "what a search does not find": "/search?q=nobody-is-called-this",
}
"""Other faces of those pages."""


@pytest.fixture(scope="session")
def addresses(demonstration: Served, signed_in: SignedIn) -> dict[str, str]:
    """An address for each route, found by links in a demonstration in which everything was used once."""
    owner = signed_in.state(demonstration, "owner")
    starts = Resident(demonstration, owner, clock.today("America/New_York")).live()
    found, client = Found(), browser_of(owner, demonstration.address)
    follow(client, found, set(pages()) - set(UNLINKED), *starts, "/", "/organizations", "/reminders/start")
    invited = demonstration.installation.run(
        "user", "add", "new@example.org", "--organization", "Lantern Bodywork (demonstration)", "--role", "manager"
    )
    # The auditor's link is looked at and never used.
    public = {
        "/sign-in/{token:str}": demonstration.links["auditor"],
        INVITED: urlsplit(invited.split()[-1]).path,
    }
    plain = {path: path for path in UNLINKED if "{" not in path}
    return found.addresses | plain | public | MORE


@pytest.fixture(scope="module")
def states(demonstration: Served, signed_in: SignedIn, chromium: Browser, addresses: dict[str, str]) -> dict[str, Any]:
    """Who reads which page; all that are not named here are read by the owner."""
    therapist = addresses["/therapists/{therapist_id:uuid}"].split("?")[0].rsplit("/", 1)[1]
    context = chromium.new_context()
    sign_in(context.new_page(), therapists_link(demonstration, therapist))
    own = context.storage_state()
    context.close()
    return {"": signed_in.state(demonstration, "owner"), "/me": own, "/me/education": own} | dict.fromkeys(PUBLIC)


@pytest.fixture(scope="module")
def loaded() -> list[Response]:
    """What the page that is shown has asked for."""
    return []


@pytest.fixture(scope="module")
def sent() -> dict[str, str]:
    """The pages that were opened, as they were sent."""
    return {}


@pytest.fixture(scope="module", params=[*pages(), *MORE])
def shown(
    request: pytest.FixtureRequest,
    chromium: Browser,
    demonstration: Served,
    addresses: dict[str, str],
    states: dict[str, Any],
    loaded: list[Response],
    sent: dict[str, str],
) -> Iterator[Page]:
    """One page, opened once for all that is looked at on it; what it asks and complains about fails it in the end."""
    route: str = request.param
    assert route in addresses, f"no link leads to {route}: a person cannot find it"
    state = states.get(route, states[""])
    context = chromium.new_context(base_url=demonstration.address, storage_state=state, **STILL)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    watch = Watch(demonstration.address).on(page)
    page.on("response", lambda answer: loaded.append(answer))
    if route in MORE:
        watch.expect(400, 404)
    loaded.clear()
    answer = page.goto(addresses[route])
    assert answer
    sent[route] = answer.text()
    yield page
    context.close()
    assert watch.faults == []


@pytest.fixture(scope="module")
def axe() -> Axe:
    """One for all pages: what it has measured on one, it does not measure again on the next."""
    return Axe()


@pytest.mark.parametrize("width", [375, 1440])
def test_axe_finds_nothing_in_light_and_dark(shown: Page, axe: Axe, width: int) -> None:
    shown.set_viewport_size({"width": width, "height": 900})
    shown.emulate_media(color_scheme="light")
    assert axe.everything(shown) == []
    shown.emulate_media(color_scheme="dark")
    assert axe.colors(shown) == []


WIDER = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > width + 1)
    .slice(0, 5).map((each) => each.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways(shown: Page, width: int) -> None:
    shown.set_viewport_size({"width": width, "height": 800})
    assert shown.evaluate(WIDER) == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_is_light(shown: Page, loaded: list[Response]) -> None:
    """Compressed, with its style and scripts, and without its pictures."""
    mine = [each for each in loaded if each.request.resource_type in OF_PAGES and not 300 <= each.status < 400]
    weights = {each.url: len(gzip.compress(each.body())) for each in mine}
    assert len(weights) >= 3, "page, style and script"
    assert sum(weights.values()) < HEAVIEST, weights


INLINE = """() => [...document.querySelectorAll("[style], style, script:not([src])")].concat(
    [...document.querySelectorAll("body *")].filter((each) => each.getAttributeNames().some((name) => /^on/.test(name)))
  ).map((each) => each.outerHTML.slice(0, 120))"""


def test_nothing_is_inline_and_one_heading_leads(shown: Page) -> None:
    assert shown.evaluate(INLINE) == []
    assert shown.locator("h1").count() == 1
    assert shown.title()


def test_html_validate_finds_nothing(sent: dict[str, str], tmp_path: Path) -> None:
    assert sent, "asked of the pages that the tests above have opened"
    assert complaints(sent, tmp_path) == []


def test_html_validate_finds_what_is_wrong(tmp_path: Path) -> None:
    page = '<!DOCTYPE html><html lang="en"><head><title>One</title></head><body><p>1</i></p></body></html>'
    assert "one: close-order" in " ".join(complaints({"one": page}, tmp_path))


def test_every_route_is_a_page_or_said_to_be_none() -> None:
    assert set(NO_PAGES) <= set(routes())


@pytest.mark.parametrize(
    ("width", "opener"), [(375, ".menu"), (1440, ".account-opener"), (1440, "[popovertarget=waive]")]
)
def test_axe_finds_nothing_in_what_opens(open_as: Open, axe: Axe, width: int, opener: str) -> None:
    page = open_as(viewport={"width": width, "height": 900})
    page.goto("/therapists?q=Ruiz")
    page.get_by_role("main").get_by_role("link", name="Ana Ruiz").click()
    page.locator(opener).first.click()
    assert axe.everything(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe.colors(page) == []


def test_axe_measures_each_look_of_letters_even_after_many_others(open_as: Open, axe: Axe) -> None:
    page = open_as()
    page.goto("/account")
    assert axe.everything(page) == []
    page.locator("main p").first.evaluate("(each) => each.style.setProperty('color', '#bbb')")
    (said,) = axe.letters(page)
    assert said.startswith("color-contrast")
