"""Sessions: a new token each time, an end that holds, and nothing that a stolen or planted cookie could do."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from compliance.crypto.tokens import token_hash
from compliance.db.records import SessionRow
from compliance.services import accounts, sign_in
from compliance.settings import Settings, read_settings
from compliance.web.sessions import cookie_name, session_cookie
from tests.web.conftest import KEY, Browser, Site


async def is_in(browser: Browser) -> bool:
    answer = await browser.get("/account")
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


async def test_the_database_knows_only_the_hash_of_a_token(site: Site) -> None:
    browser = await site.sign_in("owner")
    token = browser.cookies[cookie_name(site.settings)]
    async with site.database.read() as session:
        kept = (await session.scalars(select(SessionRow.token_hash))).all()
    assert list(kept) == [token_hash(token)]


async def test_a_browser_that_asks_for_nothing_for_half_an_hour_is_signed_out(site: Site) -> None:
    browser = await site.sign_in("owner")
    site.clock.forward(minutes=29)
    assert await is_in(browser)
    site.clock.forward(minutes=29)
    assert await is_in(browser)
    site.clock.forward(minutes=31)
    assert not await is_in(browser)


async def test_after_twelve_hours_a_session_ends_however_busy_it_is(site: Site) -> None:
    browser = await site.sign_in("owner")
    for _ in range(24):
        site.clock.forward(minutes=29, seconds=50)
        assert await is_in(browser)
    site.clock.forward(minutes=5)
    assert not await is_in(browser)


async def test_signing_out_ends_the_token_and_not_only_the_cookie(site: Site) -> None:
    browser = await site.sign_in("owner")
    token = browser.cookies[cookie_name(site.settings)]
    await browser.get("/account")
    answer = await browser.send_form("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert "Max-Age=0" in next(each for each in answer.headers.get_list("set-cookie") if each.startswith("session="))
    thief = site.browser()
    thief.bring(cookie_name(site.settings), token)
    assert not await is_in(thief)


async def test_a_request_still_under_way_does_not_wake_a_session_that_was_signed_out(site: Site) -> None:
    browser = await site.sign_in("owner")
    mine = token_hash(browser.cookies[cookie_name(site.settings)])
    async with site.database.write.begin() as session:
        await sign_in.revoke_sessions(session, now=site.clock.now, session_hash=mine)
    async with site.database.write.begin() as session:
        await sign_in.touch_session(session, session_hash=mine, now=site.clock.now)
    assert not await is_in(browser)


async def test_a_token_that_somebody_chose_is_never_taken_over(site: Site) -> None:
    """Session fixation: signing in gives a token that nobody could have planted before."""
    browser = site.browser()
    browser.bring(cookie_name(site.settings), "planted")
    assert not await is_in(browser)
    async with site.database.read() as session:
        assert (await session.scalars(select(SessionRow.token_hash))).all() == []


async def test_who_only_looks_leaves_no_session(site: Site) -> None:
    for _ in range(5):
        await site.browser().get("/sign-in")
    async with site.database.read() as session:
        assert (await session.scalars(select(SessionRow.token_hash))).all() == []


async def test_another_organization_is_another_token(site: Site) -> None:
    async with site.database.write.begin() as session:
        await accounts.invite(session, act=site.act(site.theirs.id), email="owner@harbor.example", role="auditor")
    browser = await site.sign_in("owner")
    before = browser.cookies[cookie_name(site.settings)]
    await browser.get("/organizations")
    answer = await browser.send_form("/organizations", {"organization_id": str(site.theirs.id), "next": "/account"})
    assert answer.headers["location"] == "/account"
    assert browser.cookies[cookie_name(site.settings)] != before
    await browser.get("/account")
    assert "Somebody Else's Clinics" in browser.words
    old = site.browser()
    old.bring(cookie_name(site.settings), before)
    assert not await is_in(old)


async def test_nobody_opens_an_organization_that_they_do_not_belong_to(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/organizations")
    answer = await browser.send_form("/organizations", {"organization_id": str(site.theirs.id)})
    assert answer.status_code == 404


async def test_a_person_without_an_organization_is_led_to_choose_one(site: Site) -> None:
    browser = await site.sign_in_person(site.ours.people["owner"], None)
    assert (await browser.get("/organizations")).status_code == 200
    assert "Harbor Trigger Point Clinics" in browser.words


@pytest.mark.parametrize("change", ["leaves", "has another role", "has the same role once more"])
async def test_who_leaves_or_has_another_role_is_signed_out_at_once(site: Site, change: str) -> None:
    browser = await site.sign_in("manager")
    assert await is_in(browser)
    manager = site.ours.people["manager"]
    async with site.database.write.begin() as session:
        if change == "leaves":
            await accounts.end_membership(session, act=site.act(), person_id=manager)
        else:
            role = "reviewer" if change == "has another role" else "manager"
            await accounts.change_role(session, act=site.act(), person_id=manager, role=role)
    assert not await is_in(browser)


async def test_what_is_over_for_a_month_is_forgotten(site: Site) -> None:
    await site.sign_in("owner")
    site.clock.forward(days=29)
    async with site.database.write.begin() as session:
        assert (await sign_in.forget_old(session, now=site.clock.now))["sessions"] == 0
    site.clock.forward(days=3)
    async with site.database.write.begin() as session:
        assert (await sign_in.forget_old(session, now=site.clock.now))["sessions"] == 1


def behind_tls() -> Settings:
    return read_settings({"COMPLIANCE_PUBLIC_URL": "https://example.org", "COMPLIANCE_SECRET_KEY": KEY})


def test_behind_tls_the_cookie_is_for_this_host_over_tls_alone() -> None:
    cookie = session_cookie(behind_tls(), "t").to_header(header="")
    assert cookie.startswith("__Host-session=t")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_on_this_machine_the_cookie_goes_without_tls() -> None:
    cookie = session_cookie(read_settings({"COMPLIANCE_SECRET_KEY": KEY}), "t").to_header(header="")
    assert cookie.startswith("session=t")
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie
