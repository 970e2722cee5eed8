"""An invitation accepted with a passkey or with an account at the provider, and all that must not be one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.db.queries.accounts import address_is_proven, person_by_email
from compliance.db.queries.second_factors import identities_of, passkeys_of
from compliance.db.records import INSTALLATION, OutboxRow, TrailEntryRow
from compliance.services import accounts, links, organizations
from compliance.services.accepting import ANOTHERS
from compliance.services.refusals import Refused
from compliance.web.accepting import COMPARED, LATE
from compliance.web.provider import REUSED, SENTENCES
from compliance.web.sessions import cookie_name
from tests.web.authenticator import PRESENT, Device
from tests.web.conftest import Browser, Site
from tests.web.open_id import Elsewhere
from tests.web.test_passkeys import named, options, use
from tests.web.test_provider import NAME, elsewhere, sign_in
from tests.web.test_second_factor import has_password, hashed

__all__ = ["elsewhere", "hashed", "named"]
KIM = "kim@harbor.example"


async def invited(site: Site, email: str = KIM) -> str:
    """The page of a manager's invitation."""
    async with site.database.write.begin() as session:
        made = await accounts.invite(session, act=site.act(), email=email, name="Kim", role="manager")
    assert made.token
    return f"/set-password/{made.token}"


async def person(site: Site, email: str = KIM) -> UUID:
    async with site.database.read() as session:
        found = await person_by_email(session, email)
    assert found
    return found.id


async def told(site: Site, person_id: UUID) -> list[tuple[str, str]]:
    """What the installation's chain says of somebody: deed, and whose."""
    row = TrailEntryRow
    mine = (row.organization_id == INSTALLATION, row.subject == f"person:{person_id}")
    async with site.database.read() as session:
        found = await session.execute(select(row.action, row.actor).where(*mine).order_by(row.seq))
    return [(action, actor.partition(":")[0]) for action, actor in found]


async def mailed(site: Site) -> list[str]:
    async with site.database.read() as session:
        return list(await session.scalars(select(OutboxRow.subject).where(OutboxRow.kind == "account-changed")))


def is_in(site: Site, browser: Browser) -> bool:
    return cookie_name(site.settings) in browser.cookies


async def leave(browser: Browser, elsewhere: Elsewhere, path: str, subject: str = "kim-1") -> Any:
    await browser.get(path)
    assert f"Sign in with {NAME}" in browser.words
    return await sign_in(browser, elsewhere, subject, f"{path}/provider")


# -- with a passkey ------------------------------------------------------------------------------------------------


async def test_a_passkey_is_the_first_way_in_and_as_strong_as_two(named: Site) -> None:
    path, browser, device = await invited(named), named.browser(), Device()
    async with named.database.write.begin() as session:
        await organizations.change(session, act=named.act(), demands_second_factor=True)
    await browser.get(path)
    assert "Harbor Trigger Point Clinics invited you." in browser.words
    await browser.get(f"{path}/passkey")
    given = {"name": "blue phone", "credential": device.make(options(browser))}
    assert (await browser.send_form(f"{path}/passkey", given)).status_code == 200
    assert "recovery codes" in browser.words
    assert (await browser.get("/therapists")).status_code == 200
    assert (await named.browser().get(path)).status_code == 404
    assert (await named.browser().get(f"{path}/passkey")).status_code == 404
    _, answer = await use(named, device)
    assert answer.headers["location"] == "/account"
    kim = await person(named)
    deeds = await told(named, kim)
    assert deeds[:4] == [("person.added", "cli"), ("invitation.accepted", "link"), ("passkey.added", "link"),
                         ("recovery_codes.made", "link")]  # fmt: skip
    assert await mailed(named) == ["A passkey was added to your sign-in."]
    async with named.database.read() as session:
        assert await address_is_proven(session, kim)


async def test_who_begins_with_a_passkey_is_given_no_further_link(named: Site) -> None:
    path, browser = await invited(named), named.browser()
    await browser.get(f"{path}/passkey")
    await browser.send_form(f"{path}/passkey", {"name": "x", "credential": Device().make(options(browser))})
    kim = await person(named)
    async with named.database.write.begin() as session:
        with pytest.raises(Refused, match="can sign in already"):
            await accounts.invite_again(session, act=named.act(), person_id=kim)
        by_others = await accounts.invite(session, act=named.act(named.theirs.id), email=KIM, role="auditor")
    assert (by_others.person_id, by_others.token) == (kim, None)


async def test_who_takes_the_only_way_in_away_is_told(named: Site) -> None:
    path, browser = await invited(named), named.browser()
    await browser.get(f"{path}/passkey")
    await browser.send_form(f"{path}/passkey", {"name": "x", "credential": Device().make(options(browser))})
    await browser.get("/account")
    assert "You have none. To choose one, have a link mailed to kim@harbor.example." in browser.words
    async with named.database.read() as session:
        (only,) = await passkeys_of(session, await person(named))
    await browser.get("/account/second-factor")
    await browser.send_form(f"/account/passkeys/{only.id}/remove")
    await browser.get("/account/second-factor")
    assert "It was your only way in" in browser.words


async def test_a_passkey_made_for_one_invitation_opens_no_other(named: Site) -> None:
    mine, other, browser = await invited(named), await invited(named, "lee@harbor.example"), named.browser()
    await browser.get(f"{mine}/passkey")
    given = {"name": "x", "credential": Device().make(options(browser))}
    assert (await browser.send_form(f"{other}/passkey", given)).status_code == 422
    assert LATE in browser.words
    stranger = named.browser()
    await stranger.get(mine)
    assert (await stranger.send_form(f"{mine}/passkey", given)).status_code == 422
    assert not is_in(named, stranger)
    async with named.database.read() as session:
        assert not await passkeys_of(session, await person(named))


async def test_a_device_that_asked_for_no_finger_begins_nothing_and_the_link_stays_good(named: Site) -> None:
    path, browser = await invited(named), named.browser()
    await browser.get(f"{path}/passkey")
    device = Device(flags=PRESENT)
    answer = await browser.send_form(f"{path}/passkey", {"name": "x", "credential": device.make(options(browser))})
    assert answer.status_code == 422
    assert (await browser.get(path)).status_code == 200


async def test_who_forgot_a_password_is_offered_another_and_nothing_else(named: Site, hashed: str) -> None:
    owner = await has_password(named, hashed)
    async with named.database.write.begin() as session:
        given = {"person_id": owner, "organization_id": named.ours.id, "lasts": links.FORGOTTEN, "now": named.clock.now}
        token = await links.make_link(session, kind=links.SET_PASSWORD, **given)
    browser = named.browser()
    assert (await browser.get(f"/set-password/{token}")).status_code == 200
    assert "without a password" not in browser.words
    assert (await browser.get(f"/set-password/{token}/passkey")).status_code == 404


# -- with an account at the provider -------------------------------------------------------------------------------


async def test_issuer_and_subject_are_the_first_way_in(site: Site, elsewhere: Elsewhere) -> None:
    path, browser = await invited(site), site.browser()
    elsewhere.bent = {"email": KIM.upper()}
    answer = await leave(browser, elsewhere, path)
    assert (answer.headers["location"], is_in(site, browser)) == ("/", True)
    assert (await browser.get("/therapists")).status_code == 200
    assert (await site.browser().get(path)).status_code == 404
    kim = await person(site)
    async with site.database.read() as session:
        known = await identities_of(session, kim)
    assert [(each.issuer, each.subject) for each in known] == [(elsewhere.issuer, "kim-1")]
    assert [action for action, actor in await told(site, kim) if actor == "link"] == [
        "invitation.accepted", "identity.linked"
    ]  # fmt: skip
    assert await mailed(site) == ["Your sign-in was linked with an account elsewhere."]
    elsewhere.bent = {"email": "another@elsewhere.example"}
    again = site.browser()
    await sign_in(again, elsewhere, "kim-1")
    assert is_in(site, again)


@pytest.mark.parametrize(
    ("bent", "said"),
    [
        ({}, "signed in as owner@harbor.example , which is another address."),
        ({"email_verified": False}, f"which is another address, and {NAME} does not say that it is yours."),
        ({"email": KIM, "email_verified": False}, f"but {NAME} does not say that this address is yours."),
        ({"email": None}, "signed in as an account without an address ."),
    ],
)
async def test_an_address_that_differs_is_told_before_anything_is_kept(
    site: Site, elsewhere: Elsewhere, bent: dict[str, Any], said: str
) -> None:
    path, browser = await invited(site), site.browser()
    elsewhere.bent = bent
    answer = await leave(browser, elsewhere, path)
    assert (answer.headers["location"], is_in(site, browser)) == (COMPARED, False)
    await browser.get(COMPARED)
    assert said in browser.words
    assert f"Mail still goes to {KIM}." in browser.words
    async with site.database.read() as session:
        assert not await identities_of(session, await person(site))
    kept = dict(browser.cookies)
    assert (await browser.send_form(COMPARED)).headers["location"] == "/"
    assert is_in(site, browser)
    thief = site.browser()
    for name, value in kept.items():
        thief.bring(name, value)
    assert (await thief.send_form(COMPARED)).headers["location"] == "/sign-in"
    assert not is_in(site, thief)


async def test_the_way_back_counts_once_in_the_browser_that_left_and_while_the_invitation_holds(
    site: Site, elsewhere: Elsewhere, hashed: str
) -> None:
    path, browser, other = await invited(site), site.browser(), site.browser()
    await browser.get(path)
    left = await browser.get(f"{path}/provider")
    back = elsewhere.sign_in(left.headers["location"], "kim-1")
    await other.get((await other.get(back)).headers["location"])
    assert REUSED in other.words
    async with site.database.write.begin() as session:
        await accounts.set_password(session, act=site.act(), person_id=await person(site), password_hash=hashed)
    assert (await browser.get(back)).headers["location"] == path
    assert (await browser.get(path)).status_code == 404
    assert not is_in(site, browser)


async def test_a_link_on_another_site_ties_nobody_to_an_invitation(site: Site, elsewhere: Elsewhere) -> None:
    path = await invited(site)
    for header in ("cross-site", "none", "same-site"):
        browser = site.browser(**{"sec-fetch-site": header})
        assert (await browser.get(f"{path}/provider")).headers["location"] == path


async def test_an_account_of_somebody_else_here_is_refused_and_the_invitation_stays_good(
    site: Site, elsewhere: Elsewhere
) -> None:
    elsewhere.bent = {"email": KIM}
    await leave(site.browser(), elsewhere, await invited(site))
    elsewhere.bent = {"email": "lee@harbor.example"}
    path, browser = await invited(site, "lee@harbor.example"), site.browser()
    assert (await leave(browser, elsewhere, path)).headers["location"] == path
    assert (await browser.get(path)).status_code == 200
    assert ANOTHERS in browser.words
    assert not is_in(site, browser)


async def test_a_token_that_is_off_accepts_no_invitation(site: Site, elsewhere: Elsewhere) -> None:
    path, browser = await invited(site), site.browser()
    elsewhere.bent = {"nonce": "another", "email": KIM}
    assert (await leave(browser, elsewhere, path)).headers["location"] == path
    await browser.get(path)
    assert SENTENCES["refused"].format(name=NAME) in browser.words
