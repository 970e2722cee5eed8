"""The first page of the day: its heading is the answer, and every number leads to the list behind it."""

from __future__ import annotations

from datetime import date

from tests import builders
from tests.markup import outline
from tests.web import people
from tests.web.conftest import Site
from tests.web.people import ORLANDO, TRIGGER_POINT


async def test_the_heading_says_how_many_may_not_practice(site: Site) -> None:
    await people.cleared(site)
    await people.therapist(site, "Marcus Bell", ORLANDO)
    browser = await site.sign_in("manager")
    await browser.get("/")
    assert "1 of 2 therapists may not practice today." in browser.words
    assert outline(browser.page).faults == []


async def test_who_may_not_practice_stands_there_with_the_reason_and_one_next_action(site: Site) -> None:
    marcus = await people.therapist(site, "Marcus Bell", ORLANDO)
    await people.license_of(site, marcus, starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31))
    browser = await site.sign_in("manager")
    await browser.get("/")
    assert "Marcus Bell Orlando Lapsed. Florida massage license: Ended Aug 31, 2025" in browser.words
    assert "Record renewal , Marcus Bell" in browser.words


async def test_where_something_else_is_cleared_the_line_says_for_what_it_is_not(site: Site) -> None:
    await people.cleared(site, modalities=(people.MASSAGE, TRIGGER_POINT))
    browser = await site.sign_in("manager")
    await browser.get("/")
    assert "(only trigger point therapy)" in browser.words


async def test_what_ends_within_30_days_is_told_with_its_day(site: Site) -> None:
    id_ = await people.therapist(site)
    await people.license_of(site, id_, starts_on=date(2024, 12, 10), ends_on=date(2026, 12, 9))
    browser = await site.sign_in("manager")
    await browser.get("/")
    assert "Florida massage license ends Dec 9, 2026 , in 16 days." in browser.words
    assert "All 1 therapists" not in browser.words
    assert "The only therapist may practice today." in browser.words


async def test_a_job_that_has_not_run_is_an_alarm(site: Site) -> None:
    await people.cleared(site)
    browser = await site.sign_in("manager")
    await browser.get("/")
    assert "Plan reminders never Has not run yet." in browser.words


async def test_the_page_shows_any_day_and_says_which(site: Site) -> None:
    await people.cleared(site)
    browser = await site.sign_in("manager")
    await browser.get("/?as_of=2027-09-01")
    assert "1 of 1 therapist may not practice on Sep 1, 2027." in browser.words
    assert "As of Sep 1, 2027" in browser.words


async def test_a_day_that_is_none_is_refused_with_how_to_give_one(site: Site) -> None:
    browser = await site.sign_in("manager")
    answer = await browser.get("/?as_of=31.12.2026")
    assert answer.status_code == 400
    assert "give a day like 2026-03-01" in browser.words


async def test_an_empty_organization_is_led_to_its_first_steps(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/")
    assert "Nobody is on file yet. Who works here?" in browser.words
    assert 'href="/therapists/new"' in browser.page


async def test_an_auditor_is_offered_nothing_to_do(site: Site) -> None:
    await people.therapist(site, "Marcus Bell")
    browser = await site.sign_in("auditor")
    await browser.get("/")
    assert "Marcus Bell" in browser.words
    assert "/therapists/new" not in browser.page
    assert "/credentials/new" not in browser.page


async def test_a_stranger_sees_nobody_of_ours(site: Site) -> None:
    await people.therapist(site, "Marcus Bell")
    browser = await site.sign_in("manager", stranger=True)
    await browser.get("/")
    assert "Marcus" not in browser.words


async def test_reminders_that_are_off_are_not_told_as_running(site: Site) -> None:
    async with site.database.write.begin() as session:
        await builders.therapist(session, site.act(), "Ana", "Ruiz")
    owner = await site.sign_in("owner")
    await owner.get("/")
    assert "Off reminders are not switched on" in owner.words
