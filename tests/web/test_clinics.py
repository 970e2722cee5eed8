"""Clinics over HTTP: the list, one clinic with its people and law, adding, changing, closing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tests import builders
from tests.markup import outline
from tests.web.conftest import Site

NEW = {"name": "Sarasota", "jurisdiction": "us-va", "time_zone": "", "address": "1 Main St\nSarasota", "opened_on": ""}


async def somebody(site: Site, clinic_id: UUID, last_name: str, *, licensed: bool) -> UUID:
    """A massage therapist at a clinic, with or without a verified license."""
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        therapist_id = await builders.therapist(session, act, last_name=last_name)
        await builders.assignment(session, act, therapist_id, clinic_id)
        if licensed:
            await builders.verified_license(session, act, therapist_id)
    return therapist_id


async def test_the_list_says_how_many_work_and_how_many_of_them_may_not(site: Site) -> None:
    tampa = site.ours.clinics[0]
    await somebody(site, tampa, "Cleared", licensed=True)
    await somebody(site, tampa, "Missing", licensed=False)
    browser = await site.sign_in("manager")
    assert (await browser.get("/clinics")).status_code == 200
    assert "1 clinic has somebody who may not practice today." in browser.words
    assert "1 person not cleared" in browser.words
    assert outline(browser.page).faults == []


async def test_a_clinic_shows_its_people_with_verdict_reason_and_next_action(site: Site) -> None:
    tampa = site.ours.clinics[0]
    cleared = await somebody(site, tampa, "Cleared", licensed=True)
    missing = await somebody(site, tampa, "Missing", licensed=False)
    browser = await site.sign_in("owner")
    await browser.get(f"/clinics/{tampa}")
    assert "1 of 2 may not practice at Tampa today." in browser.words
    assert f"/therapists/{cleared}" in browser.page
    assert f"/therapists/{missing}/credentials/new" in browser.page
    await browser.get(f"/clinics/{tampa}?verdict=no")
    assert f"/therapists/{missing}" in browser.page
    assert f"/therapists/{cleared}" not in browser.page
    assert outline(browser.page).faults == []


async def test_a_clinic_shows_the_law_of_its_place_with_source_and_how_sure_it_is(site: Site) -> None:
    browser = await site.sign_in("auditor")
    await browser.get(f"/clinics/{site.ours.clinics[0]}")
    assert "Fla. Admin. Code 64B7-28.009" in browser.words
    assert "Read in the rule's own text, Sep 2024" in browser.words
    assert "Florida Board of Massage Therapy" in browser.words


async def test_a_past_day_is_shown_as_it_was(site: Site) -> None:
    tampa = site.ours.clinics[0]
    await somebody(site, tampa, "Cleared", licensed=True)
    browser = await site.sign_in("owner")
    await browser.get(f"/clinics/{tampa}?as_of=2025-08-31")
    assert "1 of 1 may not practice at Tampa." in browser.words
    await browser.get(f"/clinics/{tampa}?as_of=2022-01-01")
    assert "Nobody works at Tampa on that day." in browser.words


async def test_an_added_clinic_takes_the_zone_of_its_state(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/clinics/new")
    answer = await browser.send_form("/clinics/new", NEW)
    assert answer.status_code == 303
    await browser.get(answer.headers["location"])
    assert "Sarasota is added." in browser.words
    assert "Virginia, Eastern time" in browser.words


async def test_where_a_state_has_two_zones_the_usual_one_is_taken_and_said_and_can_be_changed(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/clinics/new")
    answer = await browser.send_form("/clinics/new", NEW | {"jurisdiction": "us-tx"}, follow_redirects=True)
    assert answer.status_code == 200
    assert (
        "Sarasota is added in Central time, which is the usual one there; its state has two. Change it" in browser.words
    )
    await browser.get("/clinics/new")
    west = NEW | {"name": "El Paso", "jurisdiction": "us-tx", "time_zone": "America/Denver"}
    await browser.send_form("/clinics/new", west, follow_redirects=True)
    assert "Texas, Mountain time" in browser.words


async def test_a_change_keeps_what_was_not_changed(site: Site) -> None:
    tampa = site.ours.clinics[0]
    browser = await site.sign_in("manager")
    await browser.get(f"/clinics/{tampa}/change")
    given = {"name": "Tampa Bay", "jurisdiction": "us-fl", "time_zone": "America/New_York", "reason": "New sign"}
    answer = await browser.send_form(f"/clinics/{tampa}/change", given)
    assert answer.status_code == 303
    await browser.get(f"/clinics/{tampa}")
    assert "Tampa Bay" in browser.words


async def test_closing_ends_assignments_and_can_be_taken_back(site: Site) -> None:
    tampa = site.ours.clinics[0]
    await somebody(site, tampa, "Cleared", licensed=True)
    browser = await site.sign_in("owner")
    await browser.get(f"/clinics/{tampa}/close")
    await browser.send_form(f"/clinics/{tampa}/close", {"closed_on": "11/20/2026", "reason": "Lease over"})
    await browser.get(f"/clinics/{tampa}")
    assert "Tampa closed on Nov 20, 2026." in browser.words
    assert "1 assignment ended with it." in browser.words
    answer = await browser.send_form(f"/clinics/{tampa}/reopen", {"reason": "A new lease"})
    assert answer.status_code == 303
    await browser.get(f"/clinics/{tampa}")
    assert "Nobody works at Tampa today." in browser.words


async def test_what_the_clinic_itself_holds_is_listed(site: Site) -> None:
    tampa = site.ours.clinics[0]
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        await builders.credential(session, act, None, "establishment-license", clinic_id=tampa, number="MM777")
    browser = await site.sign_in("manager")
    await browser.get(f"/clinics/{tampa}")
    assert "Florida establishment license MM777" in browser.words
    assert "Until Aug 31, 2027" in browser.words


async def test_licenses_to_display_are_listed_with_the_copies_on_file(site: Site) -> None:
    tampa = site.ours.clinics[0]
    cleared = await somebody(site, tampa, "Cleared", licensed=True)
    await somebody(site, tampa, "Missing", licensed=False)
    browser = await site.sign_in("manager")
    await browser.get(f"/clinics/{tampa}/papers")
    assert "2 of 2 licenses have no copy on file." in browser.words
    assert "Florida establishment license MM 5001" in browser.words
    assert "No license of this place is recorded" in browser.words
    assert f"/therapists/{cleared}" in browser.page
    assert "Whether licenses have to hang here is not known." in browser.words
    assert "/evidence/new" in browser.page
    assert outline(browser.page).faults == []
    auditor = await site.sign_in("auditor")
    await auditor.get(f"/clinics/{tampa}/papers")
    assert "/evidence/new" not in auditor.page


async def test_duties_of_a_place_stand_on_its_clinics_page_with_their_source(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/clinics/new")
    await browser.send_form("/clinics/new", NEW, follow_redirects=True)
    assert "Display of the license The current license is posted where the public sees it." in browser.words
    assert "A new name or address is told within 30 days." in browser.words


async def test_a_strangers_clinic_is_not_there(site: Site) -> None:
    theirs = site.theirs.clinics[0]
    browser = await site.sign_in("owner")
    for path in (f"/clinics/{theirs}", f"/clinics/{theirs}/change", f"/clinics/{theirs}/close"):
        assert (await browser.get(path)).status_code == 404
    await browser.get("/clinics/new")
    given = {"closed_on": date(2026, 11, 20).isoformat(), "reason": ""}
    assert (await browser.send_form(f"/clinics/{theirs}/close", given)).status_code == 404


async def test_who_only_reads_cannot_change_a_clinic(site: Site) -> None:
    browser = await site.sign_in("auditor")
    await browser.get("/clinics")
    assert "Add clinic" not in browser.words
    assert (await browser.get("/clinics/new")).status_code == 403
    assert (await browser.send_form("/clinics/new", NEW)).status_code == 403
