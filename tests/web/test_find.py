"""Search from anywhere: people with their verdict, who left among them, and clinics; a typing error is forgiven."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from tests.markup import outline
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.people import ORLANDO
from tests.web.test_matrix import limited_to


def found(browser: Browser) -> tuple[list[str], list[str]]:
    """Names of people and of clinics, in order."""
    clinics = re.findall(r'<a href="/clinics/[0-9a-f-]+">([^<]+)</a>', browser.page)
    return re.findall(r'class="person"[^>]*><bdi>([^<]+)</bdi>', browser.page), clinics


async def test_people_numbers_and_clinics_are_found_from_one_field(site: Site) -> None:
    maria = await people.cleared(site, "María Orland")
    await people.credential(site, maria, "mblex", number="MB 4711", ends_on=date.max)
    await people.therapist(site, "Otto Gone", ends_on=date(2025, 1, 31))
    browser = await site.sign_in("manager")

    async def shown(text: str) -> tuple[list[str], list[str]]:
        await browser.get("/search", params={"q": text})
        assert outline(browser.page).faults == []
        return found(browser)

    names, clinics = await shown("orland")
    assert names == ["María Orland"]
    assert len(clinics) == 1
    assert "Orlando" in clinics[0]
    assert "Cleared" in browser.words
    assert (await shown("mb-4711"))[0] == ["María Orland"]
    assert (await shown("gone"))[0] == ["Otto Gone"]


async def test_a_typing_error_is_forgiven_and_said(site: Site) -> None:
    await people.therapist(site, "Caleb Thornton")
    browser = await site.sign_in("manager")
    await browser.get("/search?q=throntn")
    assert found(browser) == ([], [])
    assert "Nothing is called “throntn”" in browser.words
    await browser.get("/search?q=thronton")
    assert found(browser)[0] == ["Caleb Thornton"]
    assert "Nothing is called “thronton”; this nearly is" in browser.words
    await browser.get("/search?q=orladno")
    assert [each for each in found(browser)[1] if "Orlando" in each]
    assert "this nearly is" in browser.words
    await browser.get("/therapists?q=thronton")
    assert "Nobody is called “thronton”; these nearly are, a dozen at most of each name." in browser.words
    assert "All Not cleared Ends within 30 days Cleared" in browser.words  # whose numbers would be everybody's
    await browser.get("/therapists?q=thornton")
    assert "nearly" not in browser.words


async def test_a_clinics_whole_name_is_not_taken_for_a_misspelled_person(site: Site) -> None:
    await people.therapist(site, "Ida Orlanda")
    browser = await site.sign_in("manager")
    await browser.get("/search?q=orlando")
    assert found(browser)[0] == []
    assert len(found(browser)[1]) == 1


async def test_an_empty_search_is_a_field_and_odd_text_finds_nothing(site: Site) -> None:
    browser = await site.sign_in("manager")
    for text in ("", "   ", "%", "'; drop", "\U0010ffff", "🙂🙂🙂", "x" * 5000, "a b c d e f g"):
        answer: Any = await browser.get("/search", params={"q": text})
        assert answer.status_code == 200, text
        assert found(browser) == ([], []), text


async def test_who_is_limited_to_a_clinic_finds_nobody_of_another(site: Site) -> None:
    await people.therapist(site, "Caleb Thornton")
    await people.therapist(site, "Cora Thornby", ORLANDO)
    browser = await limited_to(site, "manager", ORLANDO)
    await browser.get("/search?q=thorn")
    assert found(browser)[0] == ["Cora Thornby"]
    await browser.get("/search?q=thronton")
    assert found(browser)[0] == []
