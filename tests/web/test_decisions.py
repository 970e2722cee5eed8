"""What waits for a person: each kind with its one action, and the number in the head of every page."""

from __future__ import annotations

import re

from compliance.db.queries.members import members_of
from compliance.db.records import INSTALLATION
from compliance.domain.credentials import Result
from compliance.services import accounts, demonstration
from tests import builders
from tests.markup import outline
from tests.web.conftest import Browser, Site
from tests.web.test_imports import HEAD, SOFIA, upload


def number(browser: Browser) -> str:
    """The number beside “To decide”."""
    found = re.search(r'class="count">([^<]+)<', browser.page)
    return found.group(1) if found else ""


async def test_an_organization_without_open_questions_is_told_so(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/decisions")
    assert "Nothing waits for a decision." in browser.words
    assert number(browser) == ""
    assert outline(browser.page).faults == []


async def test_each_kind_waits_with_its_reason_and_one_action(site: Site) -> None:
    act, tampa = builders.act_in(site.ours.id, site.clock.now), site.ours.clinics[0]
    async with site.database.write.begin() as session:
        differs = await builders.therapist(session, act, "Differs", "One")
        await builders.assignment(session, act, differs, tampa)
        held = await builders.verified_license(session, act, differs)
        await builders.verification(session, act, held.id, Result.DIFFERS, note="The board shows another day")
        unverified = await builders.therapist(session, act, "Unverified", "Two")
        await builders.assignment(session, act, unverified, tampa)
        never = await builders.credential(session, act, unverified)
        missing = await builders.therapist(session, act, "Missing", "Three", email=None)
        await builders.assignment(session, act, missing, tampa)
    browser = await site.sign_in("manager")
    await browser.get("/decisions")
    assert "4 things wait for a person." in browser.words
    assert number(browser) == "4"
    assert "The board shows another day" in browser.words
    assert f"/credentials/{held.id}#looks" in browser.page
    assert f"/credentials/{never.id}/verifications/new" in browser.page
    assert f"/therapists/{missing}/credentials/new" in browser.page
    assert f"/therapists/{missing}/change" in browser.page
    assert outline(browser.page).faults == []
    await browser.get("/decisions?kind=looks")
    assert "Differs One" in browser.words
    assert "Unverified Two" not in browser.words


async def test_the_number_is_that_of_the_list_in_the_demonstration_where_every_kind_waits(site: Site) -> None:
    async with site.database.write.begin() as session:
        shown = await demonstration.load(session, act=site.act(INSTALLATION))
        owner = next(person for person in await members_of(session, shown) if person.role == "owner")
    browser = await site.sign_in_person(owner.person_id, shown)
    await browser.get("/decisions")
    assert f"{number(browser)} things wait for a person." in browser.words


async def test_an_import_that_was_checked_waits_for_those_who_may_import(site: Site) -> None:
    manager = await site.sign_in("manager")
    path = await upload(site, manager, HEAD + SOFIA)
    await manager.get("/decisions")
    assert path in manager.page
    assert number(manager) == "1"
    reviewer = await site.sign_in("reviewer")
    await reviewer.get("/decisions")
    assert path not in reviewer.page
    assert number(reviewer) == ""


async def test_a_look_that_was_decided_waits_no_longer(site: Site) -> None:
    act, tampa = builders.act_in(site.ours.id, site.clock.now), site.ours.clinics[0]
    async with site.database.write.begin() as session:
        therapist_id = await builders.therapist(session, act)
        await builders.assignment(session, act, therapist_id, tampa)
        held = await builders.verified_license(session, act, therapist_id)
        look = await builders.verification(session, act, held.id, Result.NOT_FOUND)
    browser = await site.sign_in("reviewer")
    await browser.get("/decisions")
    assert number(browser) == "1"
    await browser.send_form(f"/verifications/{look}/resolve", {"reason": "Looked under the former name"})
    await browser.get("/decisions")
    assert number(browser) == ""


async def test_nobody_elses_work_is_listed(site: Site) -> None:
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        therapist_id = await builders.therapist(session, act, email=None)
        await builders.assignment(session, act, therapist_id, site.ours.clinics[0])
    stranger = await site.sign_in("owner", stranger=True)
    await stranger.get("/decisions")
    assert "Nothing waits for a decision." in stranger.words
    assert number(stranger) == ""


async def test_whoever_has_nothing_to_do_with_a_clinic_is_not_asked_about_it(site: Site) -> None:
    act, (tampa, orlando) = builders.act_in(site.ours.id, site.clock.now), site.ours.clinics
    async with site.database.write.begin() as session:
        for clinic_id, name in ((tampa, "Tampa"), (orlando, "Orlando")):
            therapist_id = await builders.therapist(session, act, "Works", f"In {name}", email=None)
            await builders.assignment(session, act, therapist_id, clinic_id)
        manager = site.ours.people["manager"]
        await accounts.change_role(session, act=act, person_id=manager, role="manager", clinic_ids=[orlando])
    browser = await site.sign_in("manager")
    await browser.get("/decisions")
    assert "Works In Orlando" in browser.words
    assert "Works In Tampa" not in browser.words
    assert number(browser) == "2"
