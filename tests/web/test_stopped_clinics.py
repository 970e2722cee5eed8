"""A clinic that lacks its own license stops its people: one line for it everywhere, one action, and the way out."""

from __future__ import annotations

import re
from datetime import date

from tests import builders
from tests.markup import outline
from tests.web import people
from tests.web.conftest import Browser, Site, unlicensed
from tests.web.people import send
from tests.web.test_clinics import NEW
from tests.web.test_decisions import number

LICENSE = {"type": "establishment-license", "jurisdiction": "us-fl", "number": "MM 7", "issued_on": "09/01/2025"}


async def stopped(site: Site, count: int = 3) -> Browser:
    """The manager of a clinic without a license, where so many would otherwise be cleared."""
    for each in range(count):
        await people.cleared(site, f"Ana Ruiz{each}")
    await unlicensed(site)
    return await site.sign_in("manager")


def action(browser: Browser) -> str:
    found = re.search(r'href="(/clinics/[^"]+/credentials/new[^"]*)"', browser.page)
    assert found
    return found.group(1).replace("&amp;", "&")


async def test_the_first_page_has_one_line_for_the_clinic_and_not_one_for_everybody(site: Site) -> None:
    browser = await stopped(site)
    await browser.get("/")
    assert "3 of 3 therapists may not practice today." in browser.words
    assert browser.words.count("Florida establishment license: None is recorded. 3 people wait for it.") == 1
    assert "Ana Ruiz0" not in browser.words.split("Will not within 30 days")[1].split("Coverage by clinic")[0]
    assert browser.page.count(">Record the license<") == 1
    assert "Is this clinic exempt?" in browser.words
    assert "1 to do" in browser.words
    assert outline(browser.page).faults == []


async def test_to_decide_has_one_line_for_it_and_counts_one(site: Site) -> None:
    browser = await stopped(site)
    await browser.get("/decisions")
    assert number(browser) == "1"
    assert "1 thing waits for a person." in browser.words
    assert "Florida establishment license. 3 people wait for it." in browser.words
    assert outline(browser.page).faults == []


async def test_recording_it_from_there_clears_everybody(site: Site) -> None:
    browser = await stopped(site)
    await browser.get("/")
    form = action(browser)
    await browser.get(form)
    assert "Record Tampa’s Florida establishment license" in browser.words
    answer = await browser.send_form(form.split("/new")[0], LICENSE | {"expires_on": "08/31/2027"})
    assert answer.status_code == 303
    await browser.get("/")
    assert "Record the license" not in browser.words
    assert "may practice today." in browser.words
    await browser.get(f"/clinics/{site.ours.clinics[0]}")
    assert "All 3 who work at Tampa may practice today." in browser.words


async def test_an_exempt_clinic_is_waived_with_a_reason_until_a_day_and_clears_its_people(site: Site) -> None:
    browser = await stopped(site, 1)
    tampa = f"/clinics/{site.ours.clinics[0]}"
    await browser.get(f"{tampa}/waivers/new")
    assert '<option value="establishment-license" selected>' in browser.page
    assert "physician’s office" in browser.words
    given = {"requirement": "establishment-license", "starts_on": "11/23/2026", "ends_on": "12/31/2027", "reason": ""}
    assert (await browser.send_form(f"{tampa}/waivers", given)).status_code == 422
    answer = await browser.send_form(f"{tampa}/waivers", given | {"reason": "A physician’s office"})
    assert answer.status_code == 303
    await browser.get(tampa)
    assert "The one person who works at Tampa may practice today." in browser.words
    assert "Dana Manager: A physician’s office" in browser.words
    void = re.search(r'href="(/waivers/[^"]+/void)"', browser.page)
    assert void
    await send(browser, void.group(1), void.group(1), {"reason": "it is none"})
    assert "The waiver is void." in browser.words
    assert "1 of 1 may not practice at Tampa today." in browser.words


async def test_the_clinics_page_says_it_once_and_its_people_have_no_button_each(site: Site) -> None:
    browser = await stopped(site)
    await browser.get(f"/clinics/{site.ours.clinics[0]}")
    assert browser.page.count(">Record the license<") == 1
    assert "nobody who works here is cleared until it is there" in browser.words
    assert "Florida establishment license missing" in browser.words
    assert outline(browser.page).faults == []


async def test_a_therapists_page_leads_to_the_clinics_license_and_waives_it_for_nobody(site: Site) -> None:
    id_ = await people.cleared(site)
    await unlicensed(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}")
    assert "Held by the clinic, for everybody there. Is this clinic exempt?" in browser.words
    assert action(browser).startswith(f"/clinics/{site.ours.clinics[0]}/credentials/new")
    dialog = browser.page.split('<dialog id="waive"')[1].split("</dialog>")[0]
    assert "establishment-license" not in dialog


async def test_somebody_whose_own_license_is_wrong_too_keeps_a_line_of_their_own(site: Site) -> None:
    marcus = await people.therapist(site, "Marcus Bell")
    await people.license_of(site, marcus, starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31))
    browser = await stopped(site, 2)
    await browser.get("/")
    assert "Marcus Bell Tampa Lapsed. Florida massage license" in browser.words
    assert "2 to do" in browser.words


async def test_a_clinics_license_that_ends_soon_is_one_line_with_its_renewal(site: Site) -> None:
    for name in ("Ana Ruiz", "Mei Huang"):
        await people.cleared(site, name)
    await unlicensed(site)
    act, days = builders.act_in(site.ours.id, site.clock.now), (date(2024, 12, 10), date(2026, 12, 9))
    async with site.database.write.begin() as session:
        where = {"clinic_id": site.ours.clinics[0], "number": "MM777"}
        await builders.credential(session, act, None, "establishment-license", *days, **where)
    browser = await site.sign_in("manager")
    await browser.get("/")
    assert browser.words.count("Florida establishment license ends Dec 9, 2026 , in 16 days.") == 1
    assert "Record renewal , Tampa" in browser.words


async def test_an_added_clinic_leads_to_its_own_license_first(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/clinics/new")
    new = NEW | {"jurisdiction": "us-la"}
    await browser.send_form("/clinics/new", new, follow_redirects=True)
    assert "Sarasota is added. Louisiana establishment license is asked of it. Record the license" in browser.words
    assert "nobody will be cleared here without it" in browser.words
    assert "jurisdiction=us-la" in action(browser)


async def test_what_is_not_known_of_a_clinic_is_answered_once_and_then_decides(site: Site) -> None:
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        provo = await builders.clinic(session, act, "Provo", "us-ut", time_zone="America/Denver")
        for each in range(2):
            id_ = await builders.therapist(session, act, "Ana", f"Ruiz{each}")
            await builders.assignment(session, act, id_, provo)
            await builders.verified_license(session, act, id_, jurisdiction="us-ut")
    browser = await site.sign_in("owner")
    await browser.get("/decisions")
    assert "2 people wait for the answer." in browser.words
    await browser.get("/")
    assert "Has Utah begun to register establishments" in browser.words
    found = re.search(r'href="(/law/us-ut/answers/new[^"]*)"', browser.page)
    assert found
    await browser.get(found.group(1))
    said = {"question": "establishment-license", "source": "A call", "answered_by": "D. Hart", "yes": "no"}
    answer = await browser.send_form("/law/us-ut/answers", said | {"answered_on": "11/20/2026"})
    assert answer.status_code == 303
    await browser.get(f"/clinics/{provo}")
    assert "Ana Ruiz0" in browser.words
    assert "nobody who works here is cleared" not in browser.words


async def test_who_may_not_waive_is_not_offered_to(site: Site) -> None:
    await people.cleared(site)
    await unlicensed(site)
    browser = await site.sign_in("auditor")
    await browser.get("/")
    assert "Florida establishment license: None is recorded." in browser.words
    assert "Is this clinic exempt?" not in browser.words
    assert (await browser.get(f"/clinics/{site.ours.clinics[0]}/waivers/new")).status_code == 403
