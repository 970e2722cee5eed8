"""The list of therapists: found by what people type, narrowed, paged by place, and somebody new."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from compliance.db.queries import clearances
from compliance.web import therapists as listing
from tests.markup import outline
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.people import ORLANDO, send


def names(browser: Browser) -> list[str]:
    """Who is listed, in order."""
    return re.findall(r'class="person"[^>]*><bdi>([^<]+)</bdi>', browser.page)


async def test_each_row_says_the_verdict_until_when_and_what_ends_first(site: Site) -> None:
    await people.cleared(site)
    browser = await site.sign_in("manager")
    await browser.get("/therapists")
    assert "The only therapist may practice today." in browser.words
    assert "Cleared Aug 31, 2027 in 9 months Florida massage license" in browser.words
    assert outline(browser.page).faults == []


async def test_who_may_not_is_listed_with_since_when_and_why(site: Site) -> None:
    marcus = await people.therapist(site, "Marcus Bell")
    await people.license_of(site, marcus, starts_on=date(2024, 11, 1), ends_on=date(2026, 10, 31))
    browser = await site.sign_in("manager")
    await browser.get("/therapists?verdict=no")
    assert "Not cleared since Nov 1, 2026 22 days ago Florida massage license lapsed" in browser.words
    assert "Record renewal" in browser.words


async def test_a_stale_stored_verdict_is_worked_out_live(site: Site) -> None:
    id_ = await people.cleared(site)
    async with site.database.write.begin() as session:
        await session.execute(text("UPDATE therapists SET coverage_fingerprint = 'of another catalog'"))
        await session.execute(text("UPDATE clearance_periods SET cleared = :no"), {"no": False})
    browser = await site.sign_in("manager")
    await browser.get("/therapists")
    assert f"/therapists/{id_}" in browser.page
    assert "Cleared Aug 31, 2027" in browser.words
    await browser.get("/")
    assert "1 stored verdict is being worked out anew" in browser.words


@pytest.mark.parametrize(
    "typed", ["garc", "GARCÍA", "maría g", "Garcia Torres, Maria", "person", "MA 0777", "ma777", "torres"]
)
async def test_people_are_found_by_name_in_any_order_number_and_address(site: Site, typed: str) -> None:
    maria = await people.therapist(site, "María García Torres", email="person77@example.org")
    await people.credential(site, maria, "massage-license", number="MA 777")
    await people.therapist(site, "Caleb Thornton", email="caleb@example.org")
    browser = await site.sign_in("manager")
    await browser.get("/therapists", params={"q": typed})
    assert names(browser) == ([] if typed == "torres" else ["María García Torres"])


async def test_a_former_name_still_finds_its_person(site: Site) -> None:
    id_ = await people.therapist(site, "Hannah Lindqvist")
    browser = await site.sign_in("manager")
    changed = {"first_name": "Hannah", "last_name": "Moore", "name_starts_on": "2026-11-01", "reason": "marriage"}
    answer = await send(browser, f"/therapists/{id_}/change", f"/therapists/{id_}/change", changed)
    assert answer.status_code == 303, browser.words
    await browser.get("/therapists?q=lindqvist")
    assert names(browser) == ["Hannah Moore"]


async def test_what_nobody_is_called_finds_nobody_and_says_what_to_do(site: Site) -> None:
    await people.therapist(site)
    browser = await site.sign_in("manager")
    await browser.get("/therapists?q=%25")
    assert names(browser) == []
    assert "Nobody found" in browser.words


async def test_a_count_that_stopped_says_so_and_tells_no_difference_of_two_such(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Ada Missing", "Bob Missing", "Cid Missing"):
        await people.therapist(site, name)
    browser = await site.sign_in("manager")
    await browser.get("/therapists")
    assert "All 3 Not cleared 3 Ends within 30 days 0 Cleared 0" in browser.words
    monkeypatch.setattr(clearances, "MANY", 2)
    clearances._working.cache_clear()
    await browser.get("/therapists")
    assert "All 2+ Not cleared 2+ Ends within 30 days 0 Cleared" in browser.words
    assert "2+ of 2+ therapists may not practice today." in browser.words
    assert "Cleared 0" not in browser.words


async def test_filters_narrow_by_verdict_clinic_and_who_left(site: Site) -> None:
    await people.cleared(site, "Ada Cleared")
    await people.therapist(site, "Bob Missing", ORLANDO)
    await people.therapist(site, "Cid Gone", ends_on=date(2025, 1, 31))
    soon = await people.therapist(site, "Dee Soon", ORLANDO)
    await people.license_of(site, soon, starts_on=date(2024, 12, 10), ends_on=date(2026, 12, 9))
    browser = await site.sign_in("manager")

    async def shown(**query: Any) -> list[str]:
        await browser.get("/therapists", params=query)
        return names(browser)

    assert await shown() == ["Ada Cleared", "Bob Missing", "Dee Soon"]
    assert await shown(verdict="no") == ["Bob Missing"]
    assert await shown(verdict="soon") == ["Dee Soon"]
    assert await shown(verdict="yes") == ["Ada Cleared", "Dee Soon"]
    assert await shown(verdict="yes", clinic=str(site.ours.clinics[ORLANDO])) == ["Dee Soon"]
    assert await shown(people="former") == ["Cid Gone"]
    assert await shown(modality="deep-tissue-massage") == []
    assert await shown(sort="-name") == ["Dee Soon", "Bob Missing", "Ada Cleared"]
    assert await shown(sort="until") == ["Bob Missing", "Dee Soon", "Ada Cleared"]
    assert await shown(sort="-until") == ["Ada Cleared", "Dee Soon", "Bob Missing"]
    assert await shown(sort="added") == ["Dee Soon", "Bob Missing", "Ada Cleared"]


@pytest.mark.parametrize("sort", ["name", "until", "-name", "added"])
async def test_pages_follow_one_another_without_holes_or_doubles(
    site: Site, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(listing, "ROWS", 3)
    wanted = [f"{first} Same" for first in ("Ann", "Ann", "Bea", "Cat", "Dot", "Eve", "Fay")]
    for name in wanted:
        await people.therapist(site, name)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists?sort={sort}")
    seen, pages = names(browser), 1
    while following := re.search(r'href="([^"]+)" rel="next"', browser.page):
        await browser.get(following.group(1).replace("&amp;", "&"))
        seen, pages = seen + names(browser), pages + 1
    wanted = wanted if sort in ("name", "until") else wanted[::-1]
    assert (seen, pages) == (wanted, 3)
    back = re.search(r'href="([^"]+)" rel="prev"', browser.page)
    assert back
    await browser.get(back.group(1).replace("&amp;", "&"))
    assert names(browser) == wanted[3:6]


async def test_somebody_new_comes_with_clinic_and_modalities_and_the_page_says_what_is_missing(site: Site) -> None:
    browser = await site.sign_in("manager")
    new = {
        "first_name": "Hannah", "last_name": "Lindqvist", "email": "hannah@example.org", "starts_on": "11/30/2026",
        "clinic_id": str(site.ours.clinics[0]), "modalities": ["trigger-point-therapy"],
    }  # fmt: skip
    answer = await send(browser, "/therapists/new", "/therapists", new)
    assert answer.status_code == 303
    assert "Hannah Lindqvist is on file." in browser.words
    assert "Not yet cleared for trigger point therapy at Tampa; starts Nov 30, 2026" in browser.words
    for title in ("Florida massage license", "Licensing examination", "Professional certification"):
        assert f"{title} " in browser.words
    assert "Add Florida massage license" in browser.words


async def test_several_problems_come_back_together_with_everything_typed(site: Site) -> None:
    browser = await site.sign_in("manager")
    new = {
        "first_name": "Hannah", "last_name": "", "email": "hannah", "birth_date": "13/40/1990", "npi": "123",
        "clinic_id": str(site.ours.clinics[0]), "starts_on": "",
    }  # fmt: skip
    answer = await send(browser, "/therapists/new", "/therapists", new)
    assert answer.status_code == 422
    assert "Nobody is added yet: 4 things to correct" in browser.words
    assert "Give the last name." in browser.words
    assert "There is no day “13/40/1990”" in browser.words
    assert 'value="hannah"' in browser.page
    assert "Choose at least one modality" in browser.words
    assert "Give the first day at the clinic." in browser.words
    answer = await browser.send_form("/therapists", new | {"last_name": "Lindqvist", "birth_date": "", "clinic_id": ""})
    assert answer.status_code == 422
    assert "is not an e-mail address" in browser.words
    assert "is not an NPI" in browser.words


async def test_somebody_who_looks_alike_is_asked_about_once(site: Site) -> None:
    await people.therapist(site, "Marcus Bell", birth_date=date(1980, 1, 1))
    browser = await site.sign_in("manager")
    new = {"first_name": "Marcus", "last_name": "BELL"}
    answer = await send(browser, "/therapists/new", "/therapists", new)
    assert answer.status_code == 422
    assert "Is it one of these?" in browser.words
    other_day = await send(browser, "/therapists/new", "/therapists", new | {"birth_date": "02/02/1990"})
    assert other_day.status_code == 303
    answer = await send(browser, "/therapists/new", "/therapists", new | {"sure": "yes"})
    assert answer.status_code == 303
    await browser.get("/therapists?q=bell")
    assert len(names(browser)) == 3


async def test_who_looks_alike_and_what_else_is_wrong_are_said_at_once_and_the_answer_stays(site: Site) -> None:
    await people.therapist(site, "Marcus Bell", birth_date=date(1980, 1, 1))
    browser = await site.sign_in("manager")
    new = {"first_name": "Marcus", "last_name": "Bell", "npi": "12"}
    await send(browser, "/therapists/new", "/therapists", new)
    assert "2 things to correct" in browser.words
    assert "Is it one of these?" in browser.words
    assert "is not an NPI" in browser.words
    await browser.send_form("/therapists", new | {"sure": "yes"})
    assert "1 thing to correct" in browser.words
    assert re.search(r'name="sure" value="yes" checked', browser.page)
    await browser.get("/therapists?q=bell")
    assert len(names(browser)) == 1


async def test_who_may_only_read_is_not_let_in(site: Site) -> None:
    browser = await site.sign_in("auditor")
    assert (await browser.get("/therapists")).status_code == 200
    assert (await browser.get("/therapists/new")).status_code == 403
