"""Every address that names something, for every role: what is out of sight is answered as if it were not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import event

from compliance.crypto.ids import new_id
from compliance.services import accounts, assignments, waivers
from compliance.web.access import CAPABILITIES, SIGNED_IN
from tests import builders
from tests.web.conftest import ROLES, Browser, Site, wired
from tests.web.world import World, world

ORLANDO = 1
LATER = {"starts_on": "2027-01-01", "ends_on": "2027-02-01"}
FILE = "/renewals/{submission_id}/files/{evidence_id}"
LINES = "/exposures/{task_id}/{name}"
LETTER = "/mailbox/{message_id}/letter"
"""Of a link that lets somebody in: shown to nobody."""
PACK = "/therapists/{therapist_id}/education/pack"
CERTIFICATE = "/courses/{course_id}/certificate"
UNAPPLIED = ("/imports/{import_id}/undo", "/imports/{import_id}/questions")
"""Of one that has not been applied there is nothing to undo, and nobody has asked anything."""

NOT_STORED = (
    *UNAPPLIED,
    PACK,
    CERTIFICATE,
    "/evidence/{evidence_id}",
    "/reports/{report_id}/file",
    FILE,
    LINES,
    "/reports/{report_id}/packet/file",
    LETTER,
)


def routes(*, with_ids: bool) -> Iterator[tuple[str, str, str]]:
    """Method, address and capability of every page that is not for everybody; for keys see test_api.py."""
    for route in wired().routes:
        if not isinstance(route, HTTPRoute):
            continue
        named = any(each.type.__name__ == "UUID" for each in route.path_parameters.values())
        for handler in route.route_handlers:
            if named == with_ids and handler.fn.__name__ != "options_handler" and "needs" in handler.opt:
                yield min(handler.http_methods), route.path_format, handler.opt["needs"]


def unknown(template: str, site: Site) -> str:
    """The same address with ids that nobody has."""
    return re.sub(r"\{[^}]+\}", lambda _: str(new_id(site.clock.now)), template)


def same(page: str) -> str:
    """The page without what differs between any two."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16}", "", page)


async def ask(browser: Browser, method: str, path: str) -> tuple[int, str]:
    """The status, and the page without its ids."""
    data = {"csrf_token": browser.token}  # every page of somebody signed in has it, error pages too
    answer = await (browser.get(path) if method == "GET" else browser.post(path, data=data))
    return answer.status_code, same(answer.text)


async def signed_in(site: Site, role: str) -> Browser:
    browser = await site.sign_in(role)
    await browser.get("/account")
    return browser


def allows(role: str, needs: str, *, limited: bool = False) -> bool:
    if needs == SIGNED_IN:
        return True
    rule = CAPABILITIES[needs]
    return role in rule.roles and not (limited and rule.everywhere)


async def test_addresses_of_our_own_world_are_there(site: Site) -> None:
    """The positive of the tests below: an owner finds all of it, so that a 404 there means what it says."""
    ours, browser = await world(site, site.ours), await signed_in(site, "owner")
    token = browser.token
    for method, template, _needs in routes(with_ids=True):
        if method == "GET" and template not in NOT_STORED:
            status, _page = await ask(browser, method, ours.path(template))
            assert status in (200, 303), (template, status)
        elif method == "POST":  # a field that no form has: found first, then refused, and nothing is changed
            answer = await browser.post(ours.path(template), data={"csrf_token": token, "no_such_field": "x"})
            assert answer.status_code in (400, 404 if template.endswith("/credentials") else 400), template


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    """What the database is asked meanwhile: as many questions, as much time."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    engines = (site.database.reader.sync_engine, site.database.writer.sync_engine)
    for each in engines:
        event.listen(each, "before_cursor_execute", note)
    yield asked
    for each in engines:
        event.remove(each, "before_cursor_execute", note)


async def as_if_nobody_had_it(site: Site, browser: Browser, method: str, template: str, known: World) -> None:
    """404 with the same page and the same questions to the database as for ids that nobody has."""
    with statements(site) as asked:
        status, page = await ask(browser, method, known.path(template))
        theirs = tuple(asked)
        asked.clear()
        assert status == 404, (method, template, status)
        assert page == (await ask(browser, method, unknown(template, site)))[1], (method, template)
        assert theirs == tuple(asked), (method, template)


@pytest.mark.parametrize("role", ["owner", "auditor"])
async def test_a_strangers_ids_are_answered_like_ids_that_nobody_has(site: Site, role: str) -> None:
    """To the letter, and after the same questions to the database, so that not even the time tells."""
    theirs, browser = await world(site, site.theirs), await signed_in(site, role)
    for method, template, needs in routes(with_ids=True):
        if allows(role, needs):
            await as_if_nobody_had_it(site, browser, method, template, theirs)
        else:
            assert (await ask(browser, method, theirs.path(template)))[0] == 403, (method, template)


async def test_a_therapist_finds_the_own_file_and_nobody_elses(site: Site) -> None:
    """A colleague's is answered like a stranger's, and both like one that nobody has."""
    colleague, theirs = await world(site, site.ours), await world(site, site.theirs)
    async with site.database.write.begin() as session:
        me = await builders.therapist(session, site.act(), "Ines", "Own", email="ines@example.org")
        invited = await accounts.invite(
            session, act=site.act(), email="ines@example.org", role="therapist", therapist_id=me
        )
    browser = await site.sign_in_person(invited.person_id, site.ours.id)
    await browser.get("/account")
    assert (await browser.get(f"/therapists/{me}/education")).status_code == 200
    opened = []
    for method, template, needs in routes(with_ids=True):
        if not allows("therapist", needs):
            assert (await ask(browser, method, colleague.path(template)))[0] == 403, (method, template)
            continue
        opened.append(template)
        status, page = await ask(browser, method, colleague.path(template))
        assert (status, page) == (404, (await ask(browser, method, unknown(template, site)))[1]), (method, template)
        await as_if_nobody_had_it(site, browser, method, template, theirs)
    assert {"/therapists/{therapist_id}/education", CERTIFICATE, PACK, "/tasks/{task_id}"} <= set(opened)


async def test_a_strangers_ids_in_a_form_are_answered_like_ids_that_nobody_has(site: Site) -> None:
    """And nothing is recorded."""
    ours, theirs, browser = await world(site, site.ours), await world(site, site.theirs), await signed_in(site, "owner")
    here, held, days = f"/therapists/{ours.ids['therapists']}", f"/credentials/{ours.ids['credentials']}", LATER
    person = {"first_name": "Ann", "last_name": "Lee", "modalities": builders.MASSAGE, "starts_on": "2026-01-01"}
    look = {"result": "confirmed", "verified_on": "2026-11-01", "verified_by": "Dana", "source": "the board"}
    tries: list[tuple[str, str, str, dict[str, str]]] = [
        ("/therapists", "clinic_id", "clinics", person),
        (f"{here}/assignments", "clinic_id", "clinics", {"modalities": builders.MASSAGE, "starts_on": "2026-01-01"}),
        (f"{here}/leaves", "clinic_id", "clinics", days),
        (f"{here}/waivers", "clinic_id", "clinics", days | {"requirement": "license", "reason": "x"}),
        (f"{held}/verifications", "term_id", "terms", look),
        ("/reports", "clinic_id", "clinics", {"as_of": "2026-11-22", "format": "csv"}),
        (f"{here}/merge/{ours.ids['other_id']}", "kept_id", "therapists", {"reason": "x"}),
        ("/people/invite", "clinic_ids", "clinics", {"email": "z@example.org", "name": "Z", "role": "manager"}),
    ]
    token = browser.token
    for path, field, kind, values in tries:
        pages = []
        for id_ in (theirs.ids[kind], new_id(site.clock.now)):
            answer = await browser.post(path, data={"csrf_token": token} | values | {field: str(id_)})
            pages.append((answer.status_code, same(answer.text)))
        assert pages[0] == pages[1], path
        assert pages[0][0] in (404, 422), (path, pages[0][0])


@pytest.mark.parametrize("role", ["manager", "reviewer"])
async def test_another_clinics_ids_are_answered_like_ids_that_nobody_has(site: Site, role: str) -> None:
    tampa, browser = await world(site, site.ours), await limited_to(site, role, ORLANDO)
    for method, template, needs in routes(with_ids=True):
        status, _page = await ask(browser, method, tampa.path(template))
        if template.startswith("/policies"):
            assert status == 403
        elif allows(role, needs, limited=True):
            assert status == 404, (method, template, status)
        else:
            assert status == 403, (method, template, status)


async def limited_to(site: Site, role: str, clinic: int) -> Browser:
    """Somebody of ours whose role is for one clinic alone."""
    async with site.database.write.begin() as session:
        person_id = site.ours.people[role]
        clinic_ids = [site.ours.clinics[clinic]]
        await accounts.change_role(session, act=site.act(), person_id=person_id, role=role, clinic_ids=clinic_ids)
    return await signed_in(site, role)


async def test_who_is_limited_to_a_clinic_changes_nothing_at_the_others_of_a_shared_person(site: Site) -> None:
    """Kim works at both: what is recorded at Tampa, or for everywhere, is not for Orlando's manager to take back."""
    tampa, browser = await world(site, site.ours), await limited_to(site, "manager", ORLANDO)
    kim, days = tampa.ids["therapists"], {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 12, 1)}
    async with site.database.write.begin() as session:
        about: dict[str, Any] = {"act": site.act(), "therapist_id": kim, "reason": "agreed", **days}
        orlando = site.ours.clinics[ORLANDO]
        own = await builders.assignment(session, site.act(), kim, orlando)
        everywhere = await waivers.grant(session, requirement="license", granted_by="Dana", **about)
        leave = await assignments.record_leave(session, clinic_id=orlando, **about)
    there = [f"/{kind}/{tampa.ids[kind]}/void" for kind in ("assignments", "leaves", "waivers")]
    for method in ("GET", "POST"):
        assert [(await ask(browser, method, each))[0] for each in there] == [404] * 3
        assert (await ask(browser, method, f"/waivers/{everywhere}/void"))[0] == 403
    for mine in (f"/assignments/{own}/void", f"/leaves/{leave}/void"):
        assert (await ask(browser, "GET", mine))[0] == 200
    given = {"requirement": "license", "starts_on": "2026-11-01", "ends_on": "2026-12-01", "reason": "x"}
    for kind in ("waivers", "leaves"):
        values = {name: each for name, each in given.items() if kind == "waivers" or name != "requirement"}
        await browser.get(f"/therapists/{kim}/{kind}/new")
        assert (await browser.send_form(f"/therapists/{kim}/{kind}", values)).status_code == 422
        assert "Choose one of your clinics." in browser.words
        answer = await browser.send_form(f"/therapists/{kim}/{kind}", values | {"clinic_id": str(orlando)})
        assert answer.status_code == 303, browser.words
    await browser.get(f"/therapists/{kim}/depart")
    assert (await browser.send_form(f"/therapists/{kim}/depart", {"last_day": "2026-11-23"})).status_code == 422
    assert "They also work at a clinic that is not yours." in browser.words


@pytest.mark.parametrize("with_ids", [True, False])
async def test_nobody_gets_in_without_signing_in_or_beyond_their_role(site: Site, with_ids: bool) -> None:
    """Also: what the table of capabilities does not name for a role is refused before anything is looked up."""
    ours, nobody = await world(site, site.ours), site.browser()
    browsers = {role: await signed_in(site, role) for role in ROLES}
    for method, template, needs in routes(with_ids=with_ids):
        path = ours.path(template) if with_ids else re.sub(r"\{[^}]+\}", "x", template)
        answer = await nobody.request(method, path)
        assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in"), (method, template)
        for role, browser in browsers.items():
            if not allows(role, needs):
                assert (await ask(browser, method, path))[0] == 403, (method, template, role)
