"""The first page of the day: its heading is the answer, and every number leads to the list behind it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from compliance.db.records import ClinicRow, JobRunRow
from compliance.jobs import JOBS
from compliance.services import months_ahead
from compliance.web import dashboard
from tests import builders
from tests.markup import outline
from tests.web import people
from tests.web.conftest import Browser, Site
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
    assert "A form is good for" not in browser.words


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


def tally(browser: Browser) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", " ", browser.page.partition('class="tally"')[2].partition("</div>")[0])[1:].split()
    )


async def test_the_count_of_what_is_to_do_falls_when_somebody_does_it(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, verified=False)
    browser = await site.sign_in("manager")
    await browser.get("/")
    before = int(tally(browser).split()[0])
    assert "done" not in tally(browser)
    look = {"result": "confirmed", "verified_on": "2026-11-23", "source": "board website", "standing": "active"}
    look |= {"verified_by": "Dana Whitfield"}
    answer = await people.send(
        browser, f"/credentials/{held.id}/verifications/new", f"/credentials/{held.id}/verifications", look
    )
    assert answer.status_code == 303, browser.words
    await browser.get("/")
    assert int(tally(browser).split()[0]) == before - 1
    assert "1 done today" in tally(browser)
    site.clock.forward(days=1)
    tomorrow = await site.sign_in("manager")
    await tomorrow.get("/")
    assert "done" not in tally(tomorrow)


async def test_what_ends_is_drawn_by_month_with_the_table_behind_it(site: Site) -> None:
    await people.cleared(site)
    id_ = await people.therapist(site, "Ana Alba")
    await people.license_of(site, id_, starts_on=date(2024, 12, 10), ends_on=date(2026, 12, 9))
    browser = await site.sign_in("manager")
    await browser.get("/")
    said = " ".join(
        re.sub(r"<[^>]+>", " ", browser.page.partition('id="ending"')[2].partition("</section>")[0]).split()
    )
    assert "The same as a table Month Terms that end Nov 2026 0 Dec 2026 1 Jan 2027 0" in said
    assert "Aug 2027 1" in said
    assert "/matrix?verdict=soon&amp;as_of=2026-12-01" in browser.page
    assert outline(browser.page).faults == []


async def test_a_large_organization_is_shown_what_a_job_has_counted(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people.cleared(site)
    await people.therapist(site, "Marcus Bell")
    monkeypatch.setattr(dashboard, "FEW", 1)
    browser = await site.sign_in("manager")
    await browser.get("/")
    assert "counted by a job" in browser.words
    async with site.database.write.begin() as session:
        months = await months_ahead.count(session, organization_id=site.ours.id, today=date(2026, 11, 23))
        await months_ahead.keep(session, organization_id=site.ours.id, months=months, now=site.clock.now)
    site.clock.forward(minutes=20)
    await browser.get("/")
    assert "Counted 20 min ago" in browser.words
    assert "Still cleared No longer, of 2 Dec 1, 2026 1 1" in browser.words
    assert outline(browser.page).faults == []
    theirs = await site.sign_in("manager", stranger=True)
    await theirs.get("/")
    assert "Counted" not in theirs.words


async def test_jobs_that_had_nothing_to_do_are_folded_and_one_that_failed_stands_first(site: Site) -> None:
    await people.cleared(site)
    async with site.database.write.begin() as session:
        for job in JOBS:
            error = "OSError: no space left" if job == "raise-alarms" else ""
            row = {"job": job, "started_at": site.clock.now, "ended_at": site.clock.now, "error": error}
            session.add(JobRunRow(**row))
    browser = await site.sign_in("manager")
    await browser.get("/")
    said = browser.words.partition("Jobs")[2]
    assert said.index("Raise alarms") < said.index("Plan reminders") < said.index("had nothing to do")
    assert f"{len(JOBS) - 3} jobs ran and had nothing to do" in said


async def test_past_midnight_in_the_east_the_answer_is_still_todays(site: Site) -> None:
    """At each clinic its own day counts: farther west it is still the day before, and the page asks about no other."""
    await people.cleared(site)
    await people.therapist(site, "Kim West", clinic=ORLANDO)
    async with site.database.write.begin() as session:
        west = update(ClinicRow).where(ClinicRow.id == site.ours.clinics[ORLANDO])
        await session.execute(west.values(time_zone="America/Los_Angeles"))
    site.clock.now = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    browser = await site.sign_in("owner")
    for path in ("/", "/therapists"):
        await browser.get(path)
        assert "1 of 2 therapists may not practice today." in browser.words
    await browser.get("/matrix")
    assert "As of Nov 23, 2026 or Nov 24, 2026, as it is at each clinic." in browser.words
    await browser.get("/?as_of=2026-11-23")
    assert "1 of 2 therapists may not practice on Nov 23, 2026." in browser.words
