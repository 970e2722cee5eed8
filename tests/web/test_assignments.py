"""Assignments: who works where, from when to when, with what; leaves."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.people import ORLANDO, TAMPA, send


async def assign(browser: Browser, id_: UUID, **values: Any) -> Any:
    """Sends the form."""
    form = f"/therapists/{id_}/assignments"
    return await send(browser, f"{form}/new", form, values)


def link(browser: Browser, kind: str, deed: str) -> str:
    """The address of one of the page's links."""
    found = re.search(rf'href="(/{kind}/[0-9a-f-]+/{deed})"', browser.page)
    assert found, browser.words
    return found.group(1)


async def test_a_second_clinic_shows_at_once_what_is_asked_there(site: Site) -> None:
    id_ = await people.cleared(site)
    browser = await site.sign_in("manager")
    there = {"clinic_id": str(site.ours.clinics[ORLANDO]), "starts_on": "11/23/2026"}
    answer = await assign(browser, id_, **there, modalities=["trigger-point-therapy"])
    assert answer.status_code == 303
    assert "Assigned. Not cleared for trigger point therapy at Orlando" in browser.words


async def test_what_is_missing_is_said_beside_its_field(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    answer = await assign(browser, id_, clinic_id="", starts_on="", modalities=[])
    assert answer.status_code == 422
    assert "Give the clinic." in browser.words
    assert "Give the first day." in browser.words
    here = {"clinic_id": str(site.ours.clinics[ORLANDO]), "starts_on": "11/23/2026"}
    await assign(browser, id_, **here)
    assert "Choose at least one modality" in browser.words
    answer = await assign(browser, id_, **here, modalities=["massage-therapy"], ends_on="11/01/2026")
    assert answer.status_code == 422


async def test_the_same_days_at_the_same_clinic_are_refused(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    here = {"clinic_id": str(site.ours.clinics[TAMPA]), "starts_on": "11/23/2026", "modalities": ["massage-therapy"]}
    assert (await assign(browser, id_, **here)).status_code == 422


async def test_an_assignment_ends_and_the_ending_stays_in_the_file(site: Site) -> None:
    id_ = await people.cleared(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}")
    form = link(browser, "assignments", "end")
    await send(browser, form, form, {"last_day": "11/20/2026", "reason": "moved"})
    assert "The work at Tampa has a last day." in browser.words
    assert "Jan 9, 2023 to Nov 20, 2026" in browser.words


async def test_modalities_change_from_a_day_on_with_a_reason(site: Site) -> None:
    id_ = await people.cleared(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}")
    form = link(browser, "assignments", "modalities")
    answer = await send(browser, form, form, {"modalities": ["sports-massage"], "starts_on": "11/23/2026"})
    assert answer.status_code == 422
    changed = {"modalities": ["sports-massage"], "starts_on": "11/23/2026", "reason": "new training"}
    await send(browser, form, form, changed)
    assert "Cleared for sports massage at Tampa" in browser.words


async def test_an_assignment_that_never_was_is_void(site: Site) -> None:
    id_ = await people.cleared(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}")
    form = link(browser, "assignments", "void")
    await send(browser, form, form, {"reason": "wrong person"})
    assert "Works nowhere, so nothing is asked yet." in browser.words


async def test_a_leave_is_recorded_and_voided(site: Site) -> None:
    id_ = await people.cleared(site)
    browser = await site.sign_in("manager")
    form = f"/therapists/{id_}/leaves"
    await send(browser, f"{form}/new", form, {"starts_on": "11/23/2026", "ends_on": "02/01/2027"})
    assert "On leave Nov 23, 2026 to Feb 1, 2027" in browser.words
    void = link(browser, "leaves", "void")
    await send(browser, void, void, {"reason": "not taken"})
    assert "On leave" not in browser.words


async def test_a_clinic_of_a_stranger_is_refused(site: Site) -> None:
    id_ = await people.therapist(site, clinic=None)
    browser = await site.sign_in("manager")
    there = {"clinic_id": str(site.theirs.clinics[0]), "starts_on": "11/23/2026", "modalities": ["massage-therapy"]}
    assert (await assign(browser, id_, **there)).status_code in (404, 422)
