"""Policies and the law of a place, and the history, over HTTP."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import update

from compliance.catalog import load
from compliance.db.records import TrailEntryRow
from tests import builders
from tests.markup import outline
from tests.web.conftest import Browser, Site
from tests.web.test_imports import work


async def test_an_offer_is_adopted_from_tomorrow_and_asked_of_everybody_from_then_on(site: Site) -> None:
    act, tampa = builders.act_in(site.ours.id, site.clock.now), site.ours.clinics[0]
    async with site.database.write.begin() as session:
        therapist_id = await builders.therapist(session, act)
        await builders.assignment(session, act, therapist_id, tampa)
        await builders.verified_license(session, act, therapist_id)
    browser = await site.sign_in("owner")
    await browser.get("/policies")
    assert "You ask what the law asks, and no more." in browser.words
    await browser.get("/policies/offers/cpr")
    assert 'value="Nov 24, 2026"' in browser.page
    assert (await browser.send_form("/policies/offers/cpr", {"applies_on": "2026-11-24"})).status_code == 303
    await browser.get("/policies")
    assert "You ask 1 thing beyond the law." in browser.words
    assert "/policies/offers/cpr" not in browser.page
    assert outline(browser.page).faults == []
    await browser.get(f"/clinics/{tampa}")
    assert "who works at Tampa may practice today" in browser.words
    await browser.get(f"/clinics/{tampa}?as_of=2026-11-24")
    assert "CPR missing" in browser.words


async def test_a_policy_holds_at_once_only_if_the_owner_says_so(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/policies/offers/cpr")
    answer = await browser.send_form("/policies/offers/cpr", {"applies_on": "2026-11-23"})
    assert answer.status_code == 422
    assert "People need a day's notice" in browser.words
    answer = await browser.send_form("/policies/offers/cpr", {"applies_on": "2026-11-23", "at_once": "yes"})
    assert answer.status_code == 303


async def test_a_policy_ends_with_a_reason(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/policies/offers/cpr")
    await browser.send_form("/policies/offers/cpr", {"applies_on": "2026-11-23", "at_once": "yes"})
    await browser.get("/policies")
    path = re.findall(r"/policies/[0-9a-f-]{36}/end", browser.page)[0]
    await browser.get(path)
    assert (await browser.send_form(path, {"last_day": "2026-12-31"})).status_code == 422
    answer = await browser.send_form(path, {"last_day": "2026-12-31", "reason": "The insurer no longer asks"})
    assert answer.status_code == 303
    await browser.get("/policies")
    assert "Dec 31, 2026" in browser.words
    stranger = await site.sign_in("owner", stranger=True)
    assert (await stranger.get(path)).status_code == 404


async def test_only_owners_adopt(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/policies")
    assert "Adopt" not in re.sub("Adopt one", "", browser.words)
    assert (await browser.get("/policies/offers/cpr")).status_code == 403
    owner = await site.sign_in("owner")
    assert (await owner.get("/policies/offers/free-beer")).status_code == 404


async def test_every_place_of_the_catalog_can_be_read(site: Site) -> None:
    browser = await site.sign_in("auditor")
    for code, each in load().jurisdictions.items():
        assert (await browser.get(f"/law/{code}")).status_code == 200
        assert each.name in browser.words
        assert outline(browser.page).faults == []
    assert (await browser.get("/law/us-xx")).status_code == 404


async def test_offers_of_places_without_a_clinic_are_not_shown(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/policies")
    assert "/policies/offers/establishment-license-us-fl" in browser.page
    assert "/policies/offers/establishment-license-us-al" not in browser.page


async def test_all_places_are_listed_with_their_term_and_how_sure_it_is(site: Site) -> None:
    browser = await site.sign_in("auditor")
    await browser.get("/law")
    assert outline(browser.page).faults == []
    for code in load().jurisdictions:
        assert f'href="/law/{code}"' in browser.page
    assert "Ends on May 15 of 2021, 2025 and so on, every 4 years." in browser.words
    assert "You have a clinic there" in browser.words
    await browser.get("/policies")
    assert 'href="/law"' in browser.page


async def test_the_page_of_a_place_says_what_is_known_and_what_is_not(site: Site) -> None:
    browser = await site.sign_in("auditor")
    await browser.get("/law/us-ma")
    assert "Ends on day 28 of the holder's birth month" in browser.words
    assert "ABMP: none is asked" in browser.words
    assert re.search("Renewal opens *: not known", browser.words)


async def test_a_boards_address_is_saved_for_the_organization(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/law/us-fl")
    assert (await browser.send_form("/law/us-fl", {"url": "somewhere"})).status_code == 422
    assert (await browser.send_form("/law/us-fl", {"url": "https://board.example/lookup"})).status_code == 303
    await browser.get("/law/us-fl")
    assert "https://board.example/lookup" in browser.page
    stranger = await site.sign_in("manager", stranger=True)
    await stranger.get("/law/us-fl")
    assert "https://board.example/lookup" not in stranger.page


# -- history -------------------------------------------------------------------------------------------------------


async def test_the_history_says_who_did_what_and_what_it_was_before(site: Site) -> None:
    tampa = site.ours.clinics[0]
    manager, auditor = await site.sign_in("manager"), await site.sign_in("auditor")
    await manager.get(f"/clinics/{tampa}/change")
    given = {"name": "Tampa Bay", "jurisdiction": "us-fl", "time_zone": "America/New_York", "reason": "New sign"}
    await manager.send_form(f"/clinics/{tampa}/change", given)
    await auditor.get("/trail")
    assert "Clinic changed" in auditor.words
    assert "<s>Tampa</s>" in auditor.page
    assert "Dana Manager" in auditor.words
    assert "Why: New sign" in auditor.words
    assert outline(auditor.page).faults == []


async def test_a_rewritten_entry_is_found(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/trail")
    await check_chain(site, browser)
    assert re.search(r"The chain is whole: \d+ entries from the first to the last", browser.words)
    async with site.database.write.begin() as session:
        mine = update(TrailEntryRow).where(TrailEntryRow.organization_id == site.ours.id, TrailEntryRow.seq == 2)
        await session.execute(mine.values(actor="user:nobody"))
    await check_chain(site, browser)
    assert "The chain breaks at entry 2" in browser.words


async def check_chain(site: Site, browser: Browser) -> None:
    """Starts the check, sees that it waits, lets the worker do it, and comes back to what it found."""
    answer = await browser.send_form("/trail/verify")
    await browser.get(answer.headers["location"])
    assert "The chain of the history is being checked." in browser.words
    await browser.get("/trail")
    assert "The chain is being checked." in browser.words
    await work(site)
    assert (await browser.get(answer.headers["location"])).headers["location"] == "/trail"
    await browser.get("/trail")


async def test_the_history_is_paged(site: Site) -> None:
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        for number in range(60):
            await builders.clinic(session, act, f"Clinic {number}", licensed=False, opened_on=date(2020, 1, 1))
    browser = await site.sign_in("owner")
    await browser.get("/trail")
    assert "Clinic 59" in browser.words
    assert "Clinic 0" not in browser.words
    older = re.findall(r"/trail\?before=\d+", browser.page)[0]
    await browser.get(older)
    assert "Clinic 0" in browser.words


async def test_managers_do_not_read_the_history_of_everybody(site: Site) -> None:
    browser = await site.sign_in("manager")
    assert (await browser.get("/trail")).status_code == 403
