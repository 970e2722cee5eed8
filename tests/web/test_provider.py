"""Signing in at a provider elsewhere, against a real one on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from compliance.channels.openid import Provider
from compliance.settings import WrongSetting, read_settings
from compliance.web.provider import LINK, REUSED, SENTENCES, STRANGER
from compliance.web.sessions import cookie_name
from tests.web.conftest import Browser, Site
from tests.web.open_id import CLIENT, OTHER_KEY, SECRET, Elsewhere, provider
from tests.web.test_second_factor import has_app, hashed

__all__ = ["hashed"]
NAME = "Harbor SSO"


@pytest.fixture
def elsewhere(site: Site) -> Iterator[Elsewhere]:
    with provider(site.clock.now) as made:
        given = Provider(made.issuer, CLIENT, SECRET, NAME)
        site.settings = replace(site.settings, provider=given)
        site.app.state["settings"] = site.settings
        yield made


async def sign_in(browser: Browser, elsewhere: Elsewhere, subject: str = "dana-1", path: str = "") -> Any:
    left = await browser.get(path or "/sign-in/provider?next=/account")
    assert left.status_code == 303
    return await browser.get(elsewhere.sign_in(left.headers["location"], subject))


async def linked(site: Site, elsewhere: Elsewhere, role: str = "owner") -> Browser:
    browser = await site.sign_in(role)
    answer = await sign_in(browser, elsewhere, path=LINK)
    assert answer.headers["location"] == "/account"
    return browser


async def said(browser: Browser, answer: Any) -> str:
    assert answer.headers["location"] in ("/sign-in", "/account")
    await browser.get(answer.headers["location"])
    return browser.words


def is_in(site: Site, browser: Browser) -> bool:
    return cookie_name(site.settings) in browser.cookies


async def test_who_has_linked_their_account_signs_in_with_it_until_it_is_unlinked(
    site: Site, elsewhere: Elsewhere
) -> None:
    owner = await linked(site, elsewhere)
    browser = site.browser()
    await browser.get("/sign-in")
    assert f"Sign in with {NAME}" in browser.words
    assert (await sign_in(browser, elsewhere)).headers["location"] == "/account"
    assert (await browser.get("/account")).status_code == 200
    await owner.get("/account")
    assert (await owner.send_form("/account/provider/unlink")).status_code == 303
    again = site.browser()
    assert STRANGER.format(name=NAME) in await said(again, await sign_in(again, elsewhere))


async def test_an_address_alone_links_and_opens_nothing(site: Site, elsewhere: Elsewhere) -> None:
    """The provider says that this is the owner's address, and verified: it is still nobody's account here."""
    browser = site.browser()
    assert STRANGER.format(name=NAME) in await said(browser, await sign_in(browser, elsewhere))
    assert not is_in(site, browser)


async def test_one_account_elsewhere_is_one_persons(site: Site, elsewhere: Elsewhere) -> None:
    await linked(site, elsewhere)
    manager = await site.sign_in("manager")
    assert "linked with somebody else" in await said(manager, await sign_in(manager, elsewhere, path=LINK))


async def test_a_state_works_once_and_in_the_browser_that_left_alone(site: Site, elsewhere: Elsewhere) -> None:
    await linked(site, elsewhere)
    browser, other = site.browser(), site.browser()
    left = await browser.get("/sign-in/provider")
    kept, back = dict(browser.cookies), elsewhere.sign_in(left.headers["location"])
    assert REUSED in await said(other, await other.get(back))
    assert (await browser.get(back)).status_code == 303
    assert is_in(site, browser)
    thief = site.browser()
    for name, value in kept.items():
        thief.bring(name, value)
    assert REUSED in await said(thief, await thief.get(back))
    assert not is_in(site, thief)


async def test_a_crowd_that_begins_to_sign_in_is_no_crowd_at_the_provider(site: Site, elsewhere: Elsewhere) -> None:
    for _ in range(5):
        await site.browser().get("/sign-in/provider")
    assert elsewhere.asked == ["/.well-known/openid-configuration"]
    await linked(site, elsewhere)
    assert elsewhere.asked[1:] == ["/token", "/keys"], "keys are asked for each time: one may have been taken back"


async def test_a_provider_that_cannot_be_reached_has_its_sentence(site: Site, elsewhere: Elsewhere) -> None:
    nowhere = replace(site.settings.provider, issuer="http://127.0.0.1:9")  # type: ignore[type-var]
    site.app.state["settings"] = replace(site.settings, provider=nowhere)
    browser = site.browser()
    answer = await browser.get("/sign-in/provider")
    assert SENTENCES["unreachable"].format(name=NAME) in await said(browser, answer)


async def test_a_provider_that_calls_itself_otherwise_has_its_sentence(site: Site, elsewhere: Elsewhere) -> None:
    elsewhere.calls_itself = "https://evil.example"
    browser = site.browser()
    answer = await browser.get("/sign-in/provider")
    assert SENTENCES["wrong-issuer"].format(name=NAME) in await said(browser, answer)


@pytest.mark.parametrize(
    ("bent", "reason"),
    [
        ({"iss": "https://evil.example"}, "wrong-issuer"),
        ({"aud": "another client"}, "refused"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "refused"),
        ({"nonce": "another"}, "refused"),
        ({"exp": 1}, "refused"),
        ({"sub": None}, "refused"),
    ],
)
async def test_a_token_that_is_off_opens_nothing(
    site: Site, elsewhere: Elsewhere, bent: dict[str, Any], reason: str
) -> None:
    await linked(site, elsewhere)
    elsewhere.bent = bent
    browser = site.browser()
    sentence = SENTENCES[reason].format(name=NAME)
    assert sentence in await said(browser, await sign_in(browser, elsewhere))
    assert not is_in(site, browser)


async def test_a_token_signed_by_somebody_else_opens_nothing(site: Site, elsewhere: Elsewhere) -> None:
    await linked(site, elsewhere)
    elsewhere.key = OTHER_KEY
    browser = site.browser()
    assert SENTENCES["refused"].format(name=NAME) in await said(browser, await sign_in(browser, elsewhere))


async def test_who_comes_back_from_another_issuer_or_without_a_code_is_not_let_in(
    site: Site, elsewhere: Elsewhere
) -> None:
    for changed, reason in (("iss=https%3A%2F%2Fevil.example", "wrong-issuer"), ("error=access_denied", "refused")):
        browser = site.browser()
        left = await browser.get("/sign-in/provider")
        back = elsewhere.sign_in(left.headers["location"])
        state = back.partition("state=")[2].partition("&")[0]
        answer = await browser.get(f"/sign-in/provider/callback?state={state}&{changed}")
        assert SENTENCES[reason].format(name=NAME) in await said(browser, answer)


async def test_the_second_factor_here_is_asked_unless_the_provider_has_asked_for_several(
    site: Site, elsewhere: Elsewhere, hashed: str
) -> None:
    await linked(site, elsewhere)
    await has_app(site, hashed)
    elsewhere.now = site.clock.now
    browser = site.browser()
    assert (await sign_in(browser, elsewhere)).headers["location"] == "/sign-in/second-factor"
    assert not is_in(site, browser)
    elsewhere.bent = {"amr": ["pwd", "mfa"]}
    assert (await sign_in(browser, elsewhere)).headers["location"] == "/account"


async def test_where_no_provider_is_named_there_is_no_such_page(site: Site) -> None:
    assert (await site.browser().get("/sign-in/provider")).status_code == 404
    assert (await site.browser().get("/sign-in/provider/callback?state=x&code=y")).status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        {"OIDC_ISSUER": "https://id.example"},
        {"OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"},
        {"OIDC_ISSUER": "https://a:b@id.example", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"},
        {"OIDC_ISSUER": "id.example", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"},
    ],
)
def test_half_a_provider_or_one_without_tls_stops_the_start(given: dict[str, str]) -> None:
    with pytest.raises(WrongSetting, match="COMPLIANCE_OIDC"):
        read_settings({f"COMPLIANCE_{name}": value for name, value in given.items()})
