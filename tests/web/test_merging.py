"""Two records of one person: found, compared, made one, and parted again."""

from __future__ import annotations

import re
from datetime import date

from tests.markup import outline
from tests.web import people
from tests.web.conftest import Site
from tests.web.people import send

BORN = date(1980, 5, 6)


async def test_who_looks_alike_is_found_with_the_reason(site: Site) -> None:
    one = await people.cleared(site, "Marcus Bell", birth_date=BORN)
    same = await people.therapist(site, "MARCUS  Bell", birth_date=BORN)
    other = await people.therapist(site, "Marcus Bell", birth_date=date(1990, 1, 1))
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{one}/merge")
    assert "Same name and birth date" in browser.words
    assert f"/merge/{same}" in browser.page
    assert f"/merge/{other}" not in browser.page
    await browser.get(f"/therapists/{one}/merge?q=bell")
    assert f"/merge/{other}" in browser.page


async def test_the_same_license_number_is_a_reason_too(site: Site) -> None:
    one = await people.therapist(site, "Mei-Ling Wang")
    two = await people.therapist(site, "Meiling Wong")
    await people.license_of(site, one, number="MA 0815")
    await people.license_of(site, two, number="MA0815")
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{one}/merge")
    assert "Meiling Wong Same number" in browser.words


async def test_two_records_become_one_and_are_parted_again(site: Site) -> None:
    kept = await people.therapist(site, "Marcus Bell", birth_date=BORN)
    merged = await people.therapist(site, "Marc Bell", clinic=None)
    await people.license_of(site, merged)
    browser = await site.sign_in("manager")
    form = f"/therapists/{kept}/merge/{merged}"
    await browser.get(form)
    assert outline(browser.page).faults == []
    answer = await browser.send_form(form, {"kept_id": str(kept), "reason": ""})
    assert answer.status_code == 422
    answer = await browser.send_form(form, {"kept_id": str(kept), "reason": "same license"})
    assert answer.status_code == 303
    await browser.get(f"/therapists/{kept}")
    assert "Cleared for massage therapy at Tampa until Aug 31, 2027" in browser.words
    await browser.get(f"/therapists/{merged}")
    assert "This record was merged into Marcus Bell" in browser.words
    part = re.search(r'href="(/merges/[^"]+/void)"', browser.page)
    assert part
    await browser.get("/therapists?q=marc")
    assert "Marc Bell" not in browser.words
    await send(browser, part.group(1), part.group(1), {"reason": "two people after all"})
    assert "The records are parted. Not cleared" in browser.words


async def test_only_one_of_the_two_can_be_kept(site: Site) -> None:
    one, two = await people.therapist(site, "A B"), await people.therapist(site, "C D")
    third = await people.therapist(site, "E F")
    browser = await site.sign_in("manager")
    form = f"/therapists/{one}/merge/{two}"
    assert (await send(browser, form, form, {"kept_id": str(third), "reason": "x"})).status_code == 422
    assert (await browser.get(f"/therapists/{one}/merge/{one}")).status_code == 404


async def test_strangers_are_never_merged_with_ours(site: Site) -> None:
    ours = await people.therapist(site, "A B")
    browser = await site.sign_in("owner", stranger=True)
    assert (await browser.get(f"/therapists/{ours}/merge")).status_code == 404
    assert (await browser.get(f"/merges/{ours}/void")).status_code == 404
