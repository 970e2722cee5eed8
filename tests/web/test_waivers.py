"""Waivers: an author, a reason and an end; voided with a reason."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.people import send


async def waive(browser: Browser, id_: UUID, **values: Any) -> Any:
    """Sends the form."""
    form = f"/therapists/{id_}/waivers"
    given = {"requirement": "license", "starts_on": "11/01/2026", "ends_on": "12/31/2026", "reason": "board is slow"}
    return await send(browser, f"{form}/new", form, given | values)


async def test_a_waiver_clears_until_its_last_day_in_the_name_of_who_gave_it(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    assert (await waive(browser, id_)).status_code == 303
    assert "Waived until Dec 31, 2026. Cleared for massage therapy at Tampa until Dec 31, 2026" in browser.words
    assert "Dana Manager: board is slow" in browser.words


async def test_a_waiver_without_reason_or_end_is_refused(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    answer = await waive(browser, id_, reason="", ends_on="")
    assert answer.status_code == 422
    assert "Nothing is waived yet: 2 things to correct" in browser.words
    assert "Give the last day; a waiver always ends." in browser.words


async def test_the_dialog_on_the_therapists_page_sends_the_same_form(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}")
    dialog = browser.page.split('<dialog id="waive"')[1].split("</dialog>")[0]
    names = set(re.findall(r'name="([^"]+)"', dialog))
    assert names == {"csrf_token", "requirement", "ends_on", "reason", "clinic_id", "starts_on"}


async def test_the_dialog_begins_with_what_stands_in_the_way_and_shows_a_first_day_that_is_not_today(
    site: Site,
) -> None:
    id_ = await people.cleared(site, modalities=(people.MASSAGE, "trigger-point-therapy"))
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}")
    dialog = browser.page.split('<dialog id="waive"')[1].split("</dialog>")[0]
    assert '<option value="licensing-exam" selected>' in dialog
    assert '<input type="hidden" name="starts_on"' in dialog
    await browser.get(f"/therapists/{id_}?as_of=2026-10-01")
    earlier = browser.page.split('<dialog id="waive"')[1].split("</dialog>")[0]
    assert '<label for="starts_on">From' in earlier


async def test_a_voided_waiver_clears_nobody(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    await waive(browser, id_)
    void = re.search(r'href="(/waivers/[^"]+/void)"', browser.page)
    assert void
    await send(browser, void.group(1), void.group(1), {"reason": "given in error"})
    assert "The waiver is void. Not cleared for massage therapy at Tampa" in browser.words


async def test_a_reviewer_waives_nothing(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("reviewer")
    assert (await browser.get(f"/therapists/{id_}/waivers/new")).status_code == 403
