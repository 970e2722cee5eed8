"""Signing in with a password or a link, being kept out, and the way back when the password is forgotten."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from compliance.crypto import passwords
from compliance.db.records import OrganizationRow, OutboxRow, SignInAttemptRow
from compliance.services import accounts, links, sign_in
from compliance.web.checking import WRONG
from compliance.web.errors import safe_next
from tests.web.conftest import Browser, Site

PASSWORD = "harbor lantern seven kites"
EMAIL = "owner@harbor.example"


@pytest.fixture
async def with_password(site: Site) -> Site:
    """Our owner has a password."""
    async with site.database.write.begin() as session:
        hashed = await passwords.hash_password(PASSWORD)
        await accounts.set_password(session, act=site.act(), person_id=site.ours.people["owner"], password_hash=hashed)
    return site


async def attempt(site: Site, password: str, email: str = EMAIL, **more: str) -> tuple[int, Browser]:
    browser = site.browser()
    await browser.get("/sign-in")
    answer = await browser.send_form("/sign-in", {"email": email, "password": password} | more)
    return answer.status_code, browser


async def test_the_right_password_opens_a_session(with_password: Site) -> None:
    status, browser = await attempt(with_password, PASSWORD, EMAIL.upper(), next="/account")
    assert status == 303
    assert (await browser.get("/account")).status_code == 200
    assert EMAIL in browser.words


async def test_who_wanted_a_page_gets_there_after_signing_in(with_password: Site) -> None:
    browser = with_password.browser()
    led = await browser.get("/account?part=name", follow_redirects=True)
    assert 'name="next" value="/account?part=name"' in led.text
    answer = await browser.send_form("/sign-in", {"email": EMAIL, "password": PASSWORD, "next": "/account?part=name"})
    assert answer.headers["location"] == "/account?part=name"


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "/\t/e", "x", "//[", "http://["],
)
def test_the_next_page_is_never_another_site(elsewhere: str) -> None:
    assert safe_next(elsewhere) == "/"
    assert safe_next("/therapists?q=a&next=//evil.example") == "/therapists?q=a&next=//evil.example"


async def test_a_next_page_that_is_another_site_is_left_out(with_password: Site) -> None:
    browser = with_password.browser()
    await browser.get("/sign-in?next=//evil.example")
    assert "evil" not in browser.page
    answer = await browser.send_form("/sign-in", {"email": EMAIL, "password": PASSWORD, "next": "//evil.example"})
    assert answer.headers["location"] == "/"


async def test_a_wrong_password_and_an_unknown_address_look_the_same(with_password: Site) -> None:
    _, wrong = await attempt(with_password, "not the password")
    _, unknown = await attempt(with_password, "not the password", "nobody@harbor.example")
    assert WRONG in wrong.words
    assert wrong.page.replace(EMAIL, "X") == unknown.page.replace("nobody@harbor.example", "X")


async def test_what_was_typed_is_kept_but_never_the_password(with_password: Site) -> None:
    _, browser = await attempt(with_password, "not the password")
    assert f'value="{EMAIL}"' in browser.page
    assert "not the password" not in browser.page


async def test_somebody_without_a_password_does_not_get_in(site: Site) -> None:
    assert (await attempt(site, ""))[0] == 422
    assert (await attempt(site, "anything at all"))[0] == 422


async def test_after_six_wrong_ones_even_the_right_one_has_to_wait_and_never_for_good(with_password: Site) -> None:
    for _ in range(6):
        assert (await attempt(with_password, "not the password"))[0] == 422
        with_password.clock.forward(seconds=1)
    status, browser = await attempt(with_password, PASSWORD)
    assert status == 422
    assert WRONG in browser.words
    with_password.clock.forward(minutes=15)
    assert (await attempt(with_password, PASSWORD))[0] == 303


async def test_the_count_of_a_refused_attempt_is_kept(with_password: Site) -> None:
    await attempt(with_password, "not the password")
    async with with_password.database.read() as session:
        assert await session.scalar(select(func.sum(SignInAttemptRow.failures))) == 3  # account, network, everybody


async def test_a_right_password_is_no_failure(with_password: Site) -> None:
    await attempt(with_password, PASSWORD)
    async with with_password.database.read() as session:
        assert await session.scalar(select(func.sum(SignInAttemptRow.failures))) == 0


async def test_a_hundred_attempts_at_once_count_each(site: Site) -> None:
    """Counted before the password is looked at: many at once do not slip through together."""
    limits = sign_in.sign_in_limits(EMAIL, "203.0.113.9")

    async def one() -> bool:
        async with site.database.write.begin() as session:
            return await sign_in.count_attempt(session, limits=limits, now=site.clock.now)

    admitted = await asyncio.gather(*(one() for _ in range(100)))
    assert sum(admitted) == 5


async def test_an_attempt_over_the_limit_is_answered_without_a_hash(
    with_password: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        await attempt(with_password, "not the password")
    hashed: list[str] = []

    async def counted(stored: str | None, password: str) -> bool:
        hashed.append(password)
        return False

    monkeypatch.setattr(passwords, "verify", counted)
    assert (await attempt(with_password, PASSWORD))[0] == 422
    assert hashed == []


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_attempts_are_counted_by_the_block_that_one_attacker_has(address: str, block: str) -> None:
    assert sign_in.network(address) == block


def test_a_counter_leaks_away() -> None:
    limit = sign_in.Limit(5, timedelta(minutes=10), timedelta(minutes=15))
    assert [limit.wait(each).total_seconds() for each in (0, 4, 5, 6, 7, 30)] == [0, 0, 1, 2, 4, 900]
    assert limit.left(7, timedelta(minutes=25)) == 5
    assert limit.left(1, timedelta(days=400)) == 0


# -- links ---------------------------------------------------------------------------------------------------------


async def link(site: Site, kind: str, lasts: timedelta = links.FORGOTTEN) -> str:
    async with site.database.write.begin() as session:
        return await links.make_link(
            session,
            kind=kind,
            person_id=site.ours.people["owner"],
            organization_id=site.ours.id,
            lasts=lasts,
            now=site.clock.now,
        )


async def test_a_mail_scanner_that_opens_a_sign_in_link_does_not_use_it_up(site: Site) -> None:
    path = f"/sign-in/{await link(site, links.SIGN_IN)}"
    for _ in range(3):
        scanner = site.browser()
        assert (await scanner.get(path)).status_code == 200
        assert not scanner.cookies
    person = site.browser()
    await person.get(path)
    assert (await person.send_form(path)).status_code == 303
    assert (await person.get("/account")).status_code == 200


async def test_a_sign_in_link_works_once(site: Site) -> None:
    path = f"/sign-in/{await link(site, links.SIGN_IN)}"
    browsers = [site.browser() for _ in range(4)]
    answers = await asyncio.gather(*(each.post(path) for each in browsers))
    assert sorted(each.status_code for each in answers) == [303, 404, 404, 404]


async def test_a_link_of_one_kind_is_nothing_of_the_other(site: Site) -> None:
    token = await link(site, links.SET_PASSWORD)
    assert (await site.browser().post(f"/sign-in/{token}")).status_code == 404


@pytest.mark.parametrize("kind", [links.SIGN_IN, links.SET_PASSWORD])
async def test_a_link_ends_with_its_time_and_with_the_next_one(site: Site, kind: str) -> None:
    first = await link(site, kind)
    second = await link(site, kind)
    browser = site.browser()
    assert (await browser.get(f"/{kind}/{first}")).status_code == 404
    assert (await browser.get(f"/{kind}/{second}")).status_code == 200
    site.clock.forward(minutes=11)
    assert (await browser.get(f"/{kind}/{second}")).status_code == 404
    assert "no longer good" in browser.words


async def test_a_forgotten_password_is_set_anew_through_the_mail(with_password: Site) -> None:
    site = with_password
    _, thief = await attempt(site, PASSWORD)
    browser = site.browser()
    await browser.get("/forgot-password")
    await browser.send_form("/forgot-password", {"email": EMAIL})
    assert "Look into your mail" in browser.words
    path = await mailed_path(site)
    assert EMAIL in (await browser.get(path)).text
    refused = await browser.send_form(path, {"password": "too short", "again": "too short"})
    assert refused.status_code == 422
    assert "at least 12" in browser.words
    other = await browser.send_form(path, {"password": "a wholly new one", "again": "another one here"})
    assert other.status_code == 422
    done = await browser.send_form(path, {"password": "a wholly new one", "again": "a wholly new one"})
    assert done.headers["location"] == "/sign-in"
    assert (await attempt(site, "a wholly new one"))[0] == 303
    assert (await attempt(site, PASSWORD))[0] == 422
    assert (await browser.get(path)).status_code == 404
    assert (await thief.get("/account")).status_code == 303  # every session of before has ended


async def test_a_forgotten_password_is_never_mailed_from_a_demonstration_where_others_read_it(
    with_password: Site,
) -> None:
    site = with_password
    async with site.database.write.begin() as session:
        shown = update(OrganizationRow).where(OrganizationRow.id == site.theirs.id)
        await session.execute(shown.values(demonstration=True, folded_name="a demonstration"))
        await accounts.invite(session, act=site.act(site.theirs.id), email=EMAIL, role="manager")
    await site.browser().post("/forgot-password", data={"email": EMAIL})
    async with site.database.read() as session:
        assert await session.scalar(select(OutboxRow.organization_id)) == site.ours.id


async def test_who_typed_an_address_in_advance_has_nothing_of_it(with_password: Site) -> None:
    """Our owner asks for an address that nobody has yet; another organization then invites the person it belongs to."""
    site, victim = with_password, "boss@elsewhere.example"
    site.app.state.update(settings=replace(site.settings, smtp_url="smtp://127.0.0.1:2525"))
    _, browser = await attempt(site, PASSWORD)
    await browser.get("/account")
    asked = await browser.send_form("/account/email", {"email": victim, "confirm": PASSWORD})
    assert asked.status_code == 303
    theirs = await site.sign_in("owner", stranger=True)
    await theirs.get("/people/invite")
    assert (await theirs.send_form("/people/invite", {"email": victim, "role": "manager"})).status_code == 303
    person = site.browser()
    path, new = await mailed_path(site), {"password": "a wholly new one", "again": "a wholly new one"}
    assert (await person.post(path, data=new)).status_code == 303
    await browser.get("/account")
    assert f"You sign in as {EMAIL}." in browser.words  # whoever typed it is who they were


async def mailed_path(site: Site) -> str:
    async with site.database.read() as session:
        texts = await session.scalars(select(OutboxRow.text))
        text = next((each for each in texts if "/set-password/" in each), None)
    found = re.search(re.escape(site.settings.public_url) + r"(/set-password/\S+)", text or "")
    assert found, text
    return found.group(1)


async def test_asking_for_an_unknown_address_says_the_same_and_mails_nothing(with_password: Site) -> None:
    known, unknown = with_password.browser(), with_password.browser()
    await known.post("/forgot-password", data={"email": EMAIL})
    await unknown.post("/forgot-password", data={"email": "nobody@harbor.example"})
    assert known.page.replace(EMAIL, "X") == unknown.page.replace("nobody@harbor.example", "X")
    async with with_password.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(OutboxRow)) == 1


async def test_nobody_is_flooded_with_such_mails(with_password: Site) -> None:
    for _ in range(8):
        answer = await with_password.browser().post("/forgot-password", data={"email": EMAIL})
        assert answer.status_code == 200
    async with with_password.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(OutboxRow)) == 3
