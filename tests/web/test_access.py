"""Who may do what: every route says it, the table decides it, and strangers find nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar, get
from litestar.routes import HTTPRoute
from sqlalchemy import text

from compliance.db.queries.accounts import Membership, Viewer
from compliance.services import accounts, looks
from compliance.web.access import CAPABILITIES, SIGNED_IN, may, needs
from compliance.web.app import create_app
from scripts.access import DOCUMENT, document
from scripts.access import routes as every_route
from tests.web.conftest import MONDAY, ROLES, Site

PUBLIC_ROUTES = (
    "GET /calendar/{name:str}",
    "GET /confirm-address/{token:str}",
    "GET /forgot-password",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /renew/{token:str}",
    "GET /schema",
    "GET /schema/openapi.json",
    "GET /schema/{path:str}",
    "GET /set-password/{token:str}",
    "GET /set-password/{token:str}/passkey",
    "GET /set-password/{token:str}/provider",
    "GET /sign-in",
    "GET /sign-in/passkey",
    "GET /sign-in/provider",
    "GET /sign-in/provider/callback",
    "GET /sign-in/provider/invitation",
    "GET /sign-in/second-factor",
    "GET /sign-in/{token:str}",
    "GET /static/{name:str}",
    "GET /styleguide",
    "GET /unsubscribe/{token:str}",
    "GET /verify",
    "GET /verify/certificates.pem",
    "GET /verify/script/{name:str}",
    "GET /verify/{report_id:uuid}",
    "HEAD /calendar/{name:str}",
    "HEAD /renew/{token:str}",
    "POST /bounces/{token:str}",
    "POST /confirm-address/{token:str}",
    "POST /forgot-password",
    "POST /renew/{token:str}/applied",
    "POST /renew/{token:str}/known",
    "POST /renew/{token:str}/not-me",
    "POST /renew/{token:str}/renewal",
    "POST /renew/{token:str}/sign-in",
    "POST /set-password/{token:str}",
    "POST /set-password/{token:str}/passkey",
    "POST /sign-in",
    "POST /sign-in/passkey",
    "POST /sign-in/provider/invitation",
    "POST /sign-in/second-factor",
    "POST /sign-in/{token:str}",
    "POST /unsubscribe/{token:str}",
    "POST /verify",
)
THERAPISTS = {"own.read", "own.write", "dashboard", "calendars", "education.read"}
TAMPA, ORLANDO = UUID(int=1), UUID(int=2)


def routes(app: Litestar) -> list[tuple[str, str, dict[str, object]]]:
    """Method, path, and what the route says, of every route."""
    return sorted(
        (method, route.path, dict(handler.opt))
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS"
    )


def filled(path: str) -> str:
    """An address of a route; the ids in it are nobody's."""
    for kind, value in (("uuid", str(UUID(int=7))), ("str", "x"), ("int", "7"), ("path", "x"), ("date", "2026-11-23")):
        path = "/".join(value if part.endswith(f":{kind}}}") else part for part in path.split("/"))
    return path


async def test_the_routes_for_everybody_are_exactly_these(site: Site) -> None:
    """A route that becomes public is seen here, and a person decides whether that was meant."""
    found = [f"{method} {path}" for method, path, opt in routes(site.app) if opt.get("public")]
    assert found == list(PUBLIC_ROUTES)


async def test_nobody_passes_any_other_route_without_signing_in(site: Site) -> None:
    browser = site.browser()
    for method, path, opt in routes(site.app):
        if opt.get("public"):
            continue
        answer = await browser.request(method, filled(path))
        refused = answer.status_code == 401 if path.startswith("/api/") else answer.status_code == 303
        assert refused, f"{method} {path}: {answer.status_code}"
        assert path.startswith("/api/") or answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("role", ROLES)
async def test_the_table_decides_at_every_route(site: Site, role: str) -> None:
    """One route for each capability: 200 for the roles of its line, 403 for the others."""
    site.app = create_app(
        site.settings, site.database, clock=site.clock, routes=[route_for(each) for each in CAPABILITIES]
    )
    browser = await site.sign_in(role)
    for capability, rule in CAPABILITIES.items():
        answer = await browser.get(f"/try/{capability}")
        assert answer.status_code == (200 if role in rule.roles else 403), capability


def route_for(capability: str) -> Any:
    @get(f"/try/{capability}", opt=needs(capability))
    async def tried() -> str:
        return "in"

    return tried


@pytest.mark.parametrize("role", ROLES)
async def test_every_page_refuses_the_roles_that_its_line_does_not_name(site: Site, role: str) -> None:
    browser = await site.sign_in(role)
    await browser.get("/account")
    token = browser.token
    for method, path, opt in routes(site.app):
        capability = str(opt.get("needs", SIGNED_IN))
        if opt.get("public") or capability == SIGNED_IN or role in CAPABILITIES[capability].roles:
            continue
        answer = await browser.request(method, filled(path), headers={"x-csrf-token": token})
        assert answer.status_code == 403, f"{role}: {method} {path}: {answer.status_code}"


async def test_a_route_that_does_not_say_what_it_needs_stops_the_start(site: Site) -> None:
    @get("/forgotten")
    async def forgotten() -> str:
        return "open"

    with pytest.raises(ValueError, match="forgotten"):
        create_app(site.settings, site.database, routes=[forgotten])


def test_a_capability_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no capability"):
        needs("therapists.delete")


def viewer(role: str, *clinics: UUID) -> Viewer:
    membership = Membership(UUID(int=9), "Harbor", "UTC", False, role, frozenset(clinics), None, None)
    return Viewer(UUID(int=8), "Dana", "dana@example.org", "", MONDAY, membership)


def test_an_owner_may_do_everything_but_what_is_a_therapists_own() -> None:
    refused = {each for each in CAPABILITIES if not may(viewer("owner"), each)}
    assert refused == {"own.read", "own.write"}


def test_an_auditor_changes_nothing() -> None:
    given = {each for each in CAPABILITIES if may(viewer("auditor"), each)}
    assert not [each for each in given if each.endswith((".write", ".run", ".start", ".merge"))]


def test_a_therapist_sees_nothing_but_their_own() -> None:
    assert {each for each in CAPABILITIES if may(viewer("therapist"), each)} == THERAPISTS


def test_a_manager_of_some_clinics_acts_there_and_nowhere_else() -> None:
    limited = viewer("manager", TAMPA)
    assert may(limited, "credentials.write", TAMPA)
    assert not may(limited, "credentials.write", ORLANDO)
    assert may(viewer("manager"), "credentials.write", ORLANDO)


def test_a_manager_of_some_clinics_does_not_do_what_concerns_all() -> None:
    everywhere = {name for name, rule in CAPABILITIES.items() if rule.everywhere}
    assert everywhere
    assert not [name for name in everywhere if may(viewer("manager", TAMPA), name)]


def test_nobody_and_somebody_without_an_organization_may_nothing() -> None:
    outside = replace(viewer("owner"), membership=None)
    assert not [name for name in CAPABILITIES if may(None, name) or may(outside, name)]
    assert may(outside, SIGNED_IN)
    assert not may(None, SIGNED_IN)


async def test_a_membership_holds_until_its_last_day_in_the_organizations_zone(site: Site) -> None:
    async with site.database.write.begin() as session:
        auditor = await accounts.invite(
            session, act=site.act(), email="visit@example.org", role="auditor", ends_on=MONDAY.date()
        )
    assert await may_still_read(site, auditor.person_id)
    site.clock.forward(hours=14)  # Nov 24, 4:10 UTC is 23:10 of the last day in New York
    assert await may_still_read(site, auditor.person_id)
    site.clock.forward(hours=1)
    assert not await may_still_read(site, auditor.person_id)


async def may_still_read(site: Site, person_id: UUID) -> bool:
    browser = await site.sign_in_person(person_id, site.ours.id)
    await browser.get("/account")
    return "Harbor Trigger Point Clinics" in browser.words


async def test_what_an_auditor_opens_is_written_down_before_it_is_shown(site: Site) -> None:
    auditor, owner = await site.sign_in("auditor"), await site.sign_in("owner")
    await owner.get("/looks")
    assert "No auditor has looked at anything yet." in owner.words
    await auditor.get("/therapists?q=Kowalski")
    await auditor.get(f"/therapists/{UUID(int=7)}")
    await auditor.get("/trail")
    page = (await owner.get("/looks")).text
    seen = re.findall(r'<li><span><a href="([^"]+)"', page)
    assert seen == ["/trail", f"/therapists/{UUID(int=7)}", "/therapists"]
    assert "Kowalski" not in page
    assert "Dana Auditor" in page
    assert "/looks" not in seen


async def test_an_auditor_is_shown_nothing_while_looks_cannot_be_written_down(site: Site) -> None:
    auditor, owner = await site.sign_in("auditor"), await site.sign_in("owner")
    async with site.database.write.begin() as session:
        await session.execute(text("ALTER TABLE looks RENAME TO lost"))
    answers = [await each.get("/therapists") for each in (auditor, owner)]
    assert [each.status_code >= 500 for each in answers] == [True, False]


async def test_an_auditors_calendar_is_a_look_each_time_it_is_read(site: Site) -> None:
    auditor, owner = await site.sign_in("auditor"), await site.sign_in("owner")
    await auditor.get("/calendars")
    await auditor.send_form("/calendars", {"of": "all"})
    found = re.search(r"/calendar/[^<\"\s]+\.ics", auditor.page)
    assert found
    assert (await site.browser().get(found.group())).status_code == 200
    seen = re.findall(r'<li><span><a href="([^"]+)"', (await owner.get("/looks")).text)
    assert len(seen) == 3


async def test_looks_go_on_page_by_page(site: Site) -> None:
    owner = await site.sign_in("owner")
    async with site.database.write.begin() as session:
        who = {"organization_id": site.ours.id, "person_id": site.ours.people["auditor"], "now": site.clock.now}
        for number in range(103):
            await looks.note(session, path=f"/clinics?{number}", **who)
    first = (await owner.get("/looks")).text
    older = re.search(r'href="(/looks\?before=[^"]+)"', first)
    assert older
    second = (await owner.get(older.group(1))).text
    numbers = [int(each) for each in re.findall(r'href="/clinics\?(\d+)"', first + second)]
    assert numbers == list(reversed(range(103)))


def test_the_document_says_what_the_table_and_the_routes_say() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(every_route()), "run `make access`"


def test_every_capability_says_what_it_is() -> None:
    said = [rule.does for rule in CAPABILITIES.values()]
    assert all(said)
    assert len(set(said)) == len(said)
