"""Rules of the standard (docs/security.md) that no other test holds."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from compliance.rendering import TEMPLATES
from compliance.services import links
from compliance.settings import read_settings
from compliance.web import flash, fresh_sign_in, sessions, under_way
from tests.web.conftest import KEY, Site
from tests.web.test_second_factor import has_password, hashed

__all__ = ["hashed"]
WEB = Path(sessions.__file__).parent


async def test_password_fields_hide_what_is_typed_and_let_managers_fill_them(site: Site, hashed: str) -> None:
    owner = await has_password(site, hashed)
    async with site.database.write.begin() as session:
        given = {"person_id": owner, "organization_id": site.ours.id, "lasts": links.FORGOTTEN, "now": site.clock.now}
        token = await links.make_link(session, kind=links.SET_PASSWORD, **given)
    browser = await site.sign_in("owner")
    pages = {"/account": 4, "/account/confirm": 1, f"/set-password/{token}": 2, "/sign-in": 1}
    for path, count in pages.items():
        await (site.browser() if path == "/sign-in" else browser).get(path)
        shown = site.opened[-1] if path == "/sign-in" else browser
        fields = [each for each in re.findall(r"<input[^>]+>", shown.page) if "-password" in each or "passw" in each]
        assert len(fields) == count, path
        for each in fields:
            assert 'type="password"' in each, each
            assert re.search(r'autocomplete="(current|new)-password"', each), each
    scripts = "".join(each.read_text("utf-8") for each in (TEMPLATES / "static").glob("*.js"))
    assert "paste" not in scripts


async def test_every_page_behind_the_sign_in_has_the_way_out(site: Site) -> None:
    for role in ("owner", "auditor"):
        browser = await site.sign_in(role)
        for path in ("/", "/therapists", "/account", "/account/second-factor", "/organizations"):
            assert 'action="/sign-out"' in (await browser.get(path)).text, path


async def test_signing_out_tells_the_browser_to_forget_what_was_typed(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/account")
    assert (await browser.send_form("/sign-out")).headers["clear-site-data"] == '"storage"'


def test_behind_tls_each_cookie_is_for_this_host_over_tls_alone() -> None:
    settings = read_settings({"COMPLIANCE_PUBLIC_URL": "https://example.org", "COMPLIANCE_SECRET_KEY": KEY})
    made = [
        sessions.session_cookie(settings, "t"), flash.flash_cookie(settings, flash.Flash("Saved.")),
        fresh_sign_in._cookie(settings, "b"), under_way._cookie(settings, "passkey", "s", 9),
    ]  # fmt: skip
    for cookie in made:
        text = cookie.to_header(header="")
        assert text.startswith("__Host-"), text
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in text.split(";")}
    makers = {path.stem for path in WEB.rglob("*.py") if re.search(r"\bCookie\(", path.read_text("utf-8"))}
    assert makers == {"sessions", "flash", "fresh_sign_in", "under_way"}


async def test_what_is_text_says_in_which_characters(site: Site) -> None:
    browser = await site.sign_in("owner")
    for path in ("/", "/nowhere", "/sign-in", "/static/app.css", "/static/app.js"):
        kind = (await browser.get(path)).headers["content-type"]
        assert kind.startswith("text/"), (path, kind)
        assert kind.endswith("charset=utf-8"), (path, kind)
    for path in ("/schema/openapi.json", "/api/v1/therapists"):
        assert "json" in (await browser.get(path)).headers["content-type"]


async def test_a_password_made_of_the_organizations_name_is_refused(site: Site, hashed: str) -> None:
    await has_password(site, hashed)
    browser = await site.sign_in("owner")
    await browser.get("/account")
    chosen = {"current": "harbor lantern seven kites", "password": "Harbor Clinics 77", "again": "Harbor Clinics 77"}
    assert (await browser.send_form("/account/password", chosen)).status_code == 422
    assert "little more than your name, your organization" in browser.words


async def test_sessions_elsewhere_are_ended_after_a_recent_proof_only(site: Site, hashed: str) -> None:
    await has_password(site, hashed)
    browser, other = await site.sign_in("owner"), await site.sign_in("owner")
    site.clock.forward(minutes=16)
    await browser.get("/account")
    answer = await browser.send_form("/account/sessions/end")
    assert answer.headers["location"] == "/account/confirm?next=%2Faccount"
    assert (await other.get("/account")).status_code == 200


async def test_who_is_not_let_in_or_not_allowed_is_logged(site: Site, hashed: str, logged: io.StringIO) -> None:
    await has_password(site, hashed)
    await site.browser().post("/sign-in", data={"email": "owner@harbor.example", "password": "x", "next": "/"})
    reviewer = await site.sign_in("reviewer")
    await reviewer.get("/people")
    lines = [json.loads(each) for each in logged.getvalue().splitlines()]
    refused = next(each for each in lines if each["event"] == "sign-in refused")
    assert (refused["admitted"], refused["network"], "request" in refused) == (True, "127.0.0.0/24", True)
    denied = next(each for each in lines if each["event"] == "denied")
    assert (denied["needs"], denied["viewer"]) == ("people.read", str(site.ours.people["reviewer"]))


@pytest.mark.parametrize("script", sorted(each.name for each in (TEMPLATES / "static").glob("*.js")))
def test_no_script_writes_under_a_name_that_is_computed(script: str) -> None:
    """ASVS 15.3.6: what is typed or stored never names a property that is written."""
    text = (TEMPLATES / "static" / script).read_text("utf-8")
    assert not re.findall(r"\w\[(?!\d)[^\]\n\"']+\] ?=(?!=)", text)
