"""Signing in with a password or a link, being kept out, and the way back when the password is forgotten."""

from __future__ import annotations

from compliance.crypto import passwords
from compliance.services import accounts
from tests.web.conftest import Site

PASSWORD = "harbor lantern seven kites"


async def give_password(site: Site, role: str = "owner") -> str:
    """Sets a password, by the service; the address to sign in with."""
    async with site.database.write.begin() as session:
        hashed = await passwords.hash_password(PASSWORD)
        await accounts.set_password(session, act=site.act(), person_id=site.ours.people[role], password_hash=hashed)
    return f"{role}@harbor.example"


async def test_the_right_password_opens_a_session(site: Site) -> None:
    email = await give_password(site)
    browser = site.browser()
    assert (await browser.get("/sign-in")).status_code == 200
    answer = await browser.send_form("/sign-in", {"email": email.upper(), "password": PASSWORD, "next": "/account"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert (await browser.get("/account")).status_code == 200
    assert email in browser.words
