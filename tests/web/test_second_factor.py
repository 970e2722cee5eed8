"""The second factor in the pages: setting it up, being asked for it, losing it, and an organization that demands it."""

from __future__ import annotations

import io
import re
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select

from compliance.crypto import passwords
from compliance.db.records import OutboxRow
from compliance.services import accounts, organizations, second_factors
from compliance.web.letting_in import browser_words
from compliance.web.second_factor import WRONG
from compliance.web.sessions import cookie_name
from tests.web.conftest import Browser, Site

PASSWORD = "harbor lantern seven kites"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture(scope="module")
def hashed() -> str:
    return passwords._hasher.hash(PASSWORD)


def email(role: str = "owner") -> str:
    return f"{role}@harbor.example"


async def has_password(site: Site, hashed: str, role: str = "owner") -> UUID:
    person_id = site.ours.people[role]
    async with site.database.write.begin() as session:
        await accounts.set_password(session, act=site.act(), person_id=person_id, password_hash=hashed)
    return person_id


async def has_app(site: Site, hashed: str, role: str = "owner") -> list[str]:
    """Somebody with a password and an app; their recovery codes."""
    person_id = await has_password(site, hashed, role)
    secret = site.settings.secret_key()
    async with site.database.write.begin() as session:
        act = site.act()
        await second_factors.add_app(
            session, act=act, secret=secret, person_id=person_id, seed=SEED, code=pyotp.TOTP(SEED).at(act.now)
        )
        codes = await second_factors.make_codes(session, act=act, person_id=person_id)
    site.clock.forward(minutes=2)
    return codes


async def half_way(site: Site, role: str = "owner", **headers: str) -> Browser:
    browser = site.browser(**headers)
    answer = await browser.send_form("/sign-in", {"email": email(role), "password": PASSWORD, "next": "/account"})
    assert answer.headers["location"] == "/sign-in/second-factor"
    await browser.get("/sign-in/second-factor")
    return browser


def now_shown(site: Site) -> str:
    return pyotp.TOTP(SEED).at(site.clock.now)


async def mailed(site: Site) -> list[str]:
    async with site.database.read() as session:
        query = select(OutboxRow.subject).where(OutboxRow.kind == "account-changed").order_by(OutboxRow.created_at)
        return list(await session.scalars(query))


async def set_up(site: Site, browser: Browser) -> None:
    """The app in this browser's account, through the pages."""
    await browser.get("/account/second-factor/app")
    found = re.search(r'class="mono">([A-Z2-7 ]+)</b>', browser.page)
    assert found
    await browser.get("/account/second-factor/app")
    assert found.group(1) in browser.page, "opening the page once more must not make the scanned picture worthless"
    shown = pyotp.TOTP(found.group(1).replace(" ", "")).at(site.clock.now)
    assert (await browser.send_form("/account/second-factor/app", {"code": "000000"})).status_code == 422
    answer = await browser.send_form("/account/second-factor/app", {"code": shown})
    assert answer.status_code == 200, answer.text


async def test_an_app_is_set_up_with_its_first_code_and_signs_other_browsers_out(site: Site, hashed: str) -> None:
    await has_password(site, hashed)
    browser, other = await site.sign_in("owner"), await site.sign_in("owner")
    before = browser.cookies[cookie_name(site.settings)]
    await set_up(site, browser)
    assert len(re.findall(r"<li>[a-z2-7]{4}(?:-[a-z2-7]{4}){5}</li>", browser.page)) == second_factors.CODES
    assert browser.cookies[cookie_name(site.settings)] != before
    assert (await browser.get("/account/second-factor")).status_code == 200
    assert "10 codes left" in browser.words
    assert (await other.get("/account")).status_code == 303
    assert await mailed(site) == ["An authenticator app was set up for your sign-in."]
    await browser.get("/people")
    await browser.get("/account/second-factor")
    assert (await browser.send_form("/account/second-factor/app/remove")).status_code == 303
    await browser.get("/account")
    assert "the password alone opens your account" in browser.words


async def test_a_password_alone_opens_no_session_where_there_is_a_second_factor(site: Site, hashed: str) -> None:
    await has_app(site, hashed)
    browser = await half_way(site)
    assert cookie_name(site.settings) not in browser.cookies
    assert (await browser.get("/account")).status_code == 303
    answer = await browser.send_form("/sign-in/second-factor", {"code": "123456"})
    assert (answer.status_code, WRONG in browser.words) == (422, True)
    taken = now_shown(site)
    answer = await browser.send_form("/sign-in/second-factor", {"code": taken})
    assert answer.headers["location"] == "/account"
    assert (await browser.get("/account")).status_code == 200

    again = await half_way(site)
    assert (await again.send_form("/sign-in/second-factor", {"code": taken})).status_code == 422


async def test_a_recovery_code_stands_in_for_the_app_once_and_is_told_by_mail(site: Site, hashed: str) -> None:
    codes = await has_app(site, hashed)
    browser = await half_way(site)
    assert (await browser.send_form("/sign-in/second-factor", {"code": codes[3]})).status_code == 303
    again = await half_way(site)
    assert (await again.send_form("/sign-in/second-factor", {"code": codes[3]})).status_code == 422
    assert await mailed(site) == ["A recovery code was used to sign in with your account."]


async def test_the_step_after_the_password_is_over_in_ten_minutes_used_once_and_gone_with_the_password(
    site: Site, hashed: str
) -> None:
    await has_app(site, hashed)
    late, used, changed = await half_way(site), await half_way(site), await half_way(site)
    kept = dict(used.cookies)
    assert (await used.send_form("/sign-in/second-factor", {"code": now_shown(site)})).status_code == 303
    thief = site.browser()
    for name, value in kept.items():
        thief.bring(name, value)
    site.clock.forward(seconds=30)
    answer = await thief.send_form("/sign-in/second-factor", {"code": now_shown(site)})
    assert answer.headers["location"] == "/sign-in"
    await has_password(site, hashed.replace("m=47104", "m=47105"))
    assert (await changed.get("/sign-in/second-factor")).headers["location"] == "/sign-in"
    await has_password(site, hashed)
    assert (await late.get("/sign-in/second-factor")).status_code == 200
    site.clock.forward(minutes=10)
    assert (await late.get("/sign-in/second-factor")).headers["location"] == "/sign-in"


async def test_guesses_of_codes_are_held_back_and_the_owner_of_the_password_hears_of_it(
    site: Site, hashed: str
) -> None:
    await has_app(site, hashed)
    browser = await half_way(site)
    for _ in range(7):
        await browser.send_form("/sign-in/second-factor", {"code": "000000"})
    assert (await browser.send_form("/sign-in/second-factor", {"code": now_shown(site)})).status_code == 422
    assert await mailed(site) == ["Somebody who knows your password typed several wrong codes."]
    site.clock.forward(minutes=5)
    assert (await browser.send_form("/sign-in/second-factor", {"code": now_shown(site)})).status_code == 303


async def test_who_lacks_the_second_factor_that_is_demanded_reaches_nothing_before_it(site: Site) -> None:
    browser, therapist = await site.sign_in("manager"), await site.sign_in("auditor")
    async with site.database.write.begin() as session:
        await organizations.change(session, act=site.act(), demands_second_factor=True)
    for path in ("/", "/therapists", "/account", "/reports"):
        assert (await browser.get(path)).headers["location"] == "/account/second-factor", path
        assert (await therapist.get(path)).headers["location"] == "/account/second-factor", path
    await browser.get("/account/second-factor")
    assert "Your organization asks for a second factor" in browser.words
    assert (await browser.send_form("/account/name", {"name": "X"})).headers["location"] == "/account/second-factor"
    await set_up(site, browser)
    assert (await browser.get("/therapists")).status_code == 200


async def test_an_owner_demands_it_on_the_organizations_page_and_nobody_else_does(site: Site) -> None:
    manager = await site.sign_in("manager")
    await manager.get("/account")
    assert (await manager.send_form("/organization/second-factor", {"demanded": "yes"})).status_code == 403
    owner = await site.sign_in("owner")
    await owner.get("/organization")
    assert (await owner.send_form("/organization/second-factor", {"demanded": "yes"})).status_code == 303
    assert (await manager.get("/therapists")).headers["location"] == "/account/second-factor"


async def test_ways_in_are_changed_after_a_recent_proof_only(site: Site, hashed: str) -> None:
    await has_password(site, hashed)
    browser = await site.sign_in("owner")
    site.clock.forward(minutes=16)
    answer = await browser.get("/account/second-factor/app")
    assert answer.headers["location"] == "/account/confirm?next=%2Faccount%2Fsecond-factor%2Fapp"
    await browser.get(answer.headers["location"])
    wrong = await browser.send_form("/account/confirm", {"password": "not the password", "next": "/account"})
    assert wrong.status_code == 422
    right = await browser.send_form("/account/confirm", {"password": PASSWORD, "next": "/account/second-factor/app"})
    assert right.headers["location"] == "/account/second-factor/app"
    assert (await browser.get("/account/second-factor/app")).status_code == 200


async def test_an_owner_resets_a_lost_second_factor_and_its_owner_is_told(site: Site, hashed: str) -> None:
    await has_app(site, hashed, "manager")
    owner = await site.sign_in("owner")
    await owner.get("/people")
    assert "With a second factor" in owner.words
    path = f"/people/{site.ours.people['manager']}"
    await owner.get(path)
    assert (await owner.send_form(f"{path}/reset-second-factor")).status_code == 303
    assert await mailed(site) == [
        "The second factor of your sign-in was reset: authenticator app, passkeys and recovery codes are gone."
    ]
    browser = site.browser()
    answer = await browser.send_form("/sign-in", {"email": email("manager"), "password": PASSWORD, "next": "/account"})
    assert answer.headers["location"] == "/account"


async def test_open_sessions_are_listed_and_ended(site: Site, hashed: str) -> None:
    await has_app(site, hashed)
    browser = await half_way(site, **{"user-agent": CHROME})
    await browser.send_form("/sign-in/second-factor", {"code": now_shown(site)})
    here, third = await site.sign_in("owner"), await site.sign_in("owner")
    await here.get("/account")
    assert "Chrome on Linux" in here.words
    names = re.findall(r'name="name" value="([0-9a-f]{24})"', here.page)
    assert len(names) == 2
    assert (await here.send_form("/account/sessions/end", {"name": "0" * 24})).status_code == 404
    await here.get("/account")
    assert (await here.send_form("/account/sessions/end", {"name": names[0]})).status_code == 303
    await here.get("/account")
    assert (await here.send_form("/account/sessions/end")).status_code == 303
    assert [(await each.get("/account")).status_code for each in (here, browser, third)] == [200, 303, 303]


async def test_a_new_token_for_the_same_browser_makes_no_session_longer(site: Site) -> None:
    browser = await site.sign_in("owner")
    for _ in range(13):
        site.clock.forward(minutes=27)
        assert (await browser.get("/organizations")).status_code == 200
        answer = await browser.send_form("/organizations", {"organization_id": str(site.ours.id)})
        assert answer.status_code == 303
    for _ in range(14):
        site.clock.forward(minutes=27)
        await browser.get("/organizations")
    assert (await browser.get("/organizations")).status_code == 303, "12 hours after the sign-in it is over"


def test_a_browser_is_named_as_its_owner_knows_it() -> None:
    windows = "Mozilla/5.0 (Windows NT 10.0; rv:143.0) Gecko/20100101 Firefox/143.0"
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604.1"
    assert [browser_words(each) for each in (CHROME, windows, iphone, "<b>odd", "")] == [
        "Chrome on Linux", "Firefox on Windows", "Safari on iPhone", "A browser", "A browser",
    ]  # fmt: skip


async def test_nothing_secret_of_a_sign_in_is_logged(site: Site, hashed: str, logged: io.StringIO) -> None:
    codes = await has_app(site, hashed)
    browser = await half_way(site)
    await browser.send_form("/sign-in/second-factor", {"code": "000000"})
    code = now_shown(site)
    await browser.send_form("/sign-in/second-factor", {"code": code})
    owner = await site.sign_in("manager")
    await set_up(site, owner)
    written = logged.getvalue()
    assert "second factor refused" in written
    secret = site.settings.secret_key().decode()
    tokens = [value for each in (browser, owner) for value in each.cookies.values()]
    seed = "[A-Z2-7]{32}"
    assert not [each for each in (PASSWORD, SEED, code, secret, *codes, *tokens) if each and each in written]
    assert not re.search(seed, written)
