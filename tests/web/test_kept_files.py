"""A form that comes back brings its file along, or says in the field's place which one has to be chosen again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from compliance.db.records import EvidenceRow
from compliance.services.personal.removing import sweep
from compliance.store import open_store
from tests.uploads import files
from tests.web import people
from tests.web.conftest import Browser, Site

SCAN = {"file": ("card.png", files.png(), "image/png")}
CERTIFICATE = {"certificate": ("ethics.png", files.png(), "image/png")}
LOOK = {"verified_on": "11/20/2026", "verified_by": "Dana", "source": "the board’s list"}
COURSE = {"title": "Ethics", "completed_on": "5/2/2026", "length": "3", "unit": "60", "form": "live"}
LICENSE = {"type": "massage-license", "jurisdiction": "us-fl", "number": "MA 7", "issued_on": "9/1/2025"}

# The form, where it is sent to, what sends it back, and what then is right.
FORMS: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "a new credential": (
        "{therapist}/credentials/new?type=massage-license",
        "{therapist}/credentials",
        LICENSE | {"expires_on": "soon"},
        LICENSE | {"expires_on": "8/31/2027"},
    ),
    "a new credential, its end worked out": (
        "{therapist}/credentials/new?type=massage-license",
        "{therapist}/credentials",
        LICENSE | {"deed": "take"},
        LICENSE | {"expires_on": "8/31/2027"},
    ),
    "a renewal, its end filled in": (
        "{credential}/renew",
        "{credential}/renew",
        {"deed": "take"},
        {"ends_on": "8/31/2029"},
    ),
    "a renewal that the rule questions": (
        "{credential}/renew",
        "{credential}/renew",
        {"ends_on": "3/1/2028"},
        {"ends_on": "3/1/2028", "sure": "yes"},
    ),
    "a look": (
        "{credential}/verifications/new",
        "{credential}/verifications",
        LOOK,
        LOOK | {"result": "confirmed"},
    ),
    "a file alone": ("{credential}/evidence/new", "{credential}/evidence", {"term_id": "x"}, {}),
    "a course": ("{therapist}/courses/new", "{therapist}/courses", COURSE | {"title": ""}, COURSE),
}


def seals(browser: Browser) -> dict[str, str]:
    """What the page would bring along: the ticked boxes of its files."""
    return dict(re.findall(r'name="(kept_\w+)" value="([^"]+)" checked', browser.page))


async def prepared(site: Site) -> tuple[Browser, dict[str, str]]:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_)
    return await site.sign_in("manager"), {"therapist": f"/therapists/{id_}", "credential": f"/credentials/{held.id}"}


async def proofs(site: Site) -> list[str]:
    async with site.database.read() as session:
        return list(await session.scalars(select(EvidenceRow.name)))


@pytest.mark.parametrize(("at", "to", "wrong", "right"), FORMS.values(), ids=FORMS.keys())
async def test_a_form_that_comes_back_brings_its_file_along(
    site: Site, at: str, to: str, wrong: dict[str, str], right: dict[str, str]
) -> None:
    browser, where = await prepared(site)
    await browser.get(at.format(**where))
    sent: dict[str, Any] = CERTIFICATE if "courses" in to else SCAN
    (name,) = ((content[0]) for content in sent.values())
    answer = await browser.send_form(to.format(**where), wrong, files=sent)
    assert answer.status_code == (200 if "deed" in wrong else 422)
    assert f"{name} is here already." in browser.words
    assert await proofs(site) == []
    kept = seals(browser)
    assert (await browser.send_form(to.format(**where), right | kept)).status_code == 303, browser.words
    assert await proofs(site) == [name]


async def test_a_file_is_left_out_where_its_tick_is_taken_away_and_another_takes_its_place(site: Site) -> None:
    browser, where = await prepared(site)
    renew = f"{where['credential']}/renew"
    await browser.get(renew)
    await browser.send_form(renew, {"ends_on": "x"}, files=SCAN)
    other = {"file": ("photo.jpg", files.jpeg(), "image/jpeg")}
    await browser.send_form(renew, {"ends_on": "x"} | seals(browser), files=other)
    assert "photo.jpg is here already." in browser.words
    assert "card.png" not in browser.words
    refused = {"file": ("card.gif", files.gif(), "image/gif")}
    await browser.send_form(renew, {"ends_on": "8/31/2029"} | seals(browser), files=refused)
    assert "Allowed are PDF, PNG and JPEG" in browser.words
    assert "photo.jpg is here already." in browser.words
    assert (await browser.send_form(renew, {"ends_on": "8/31/2029"})).status_code == 303
    assert await proofs(site) == []


async def test_a_kept_file_is_worth_nothing_to_another_person_or_at_another_page(site: Site) -> None:
    browser, where = await prepared(site)
    renew, look = f"{where['credential']}/renew", f"{where['credential']}/verifications"
    await browser.get(renew)
    await browser.send_form(renew, {"ends_on": "x"}, files=SCAN)
    kept = seals(browser)
    assert (await browser.send_form(look, LOOK | {"result": "confirmed"} | kept)).status_code == 422
    assert "The file that was sent before cannot be used any more. Choose it again." in browser.words
    owner = await site.sign_in("owner")
    await owner.get(renew)
    assert (await owner.send_form(renew, {"ends_on": "8/31/2029"} | kept)).status_code == 422
    assert await proofs(site) == []


async def test_what_is_not_kept_is_named_where_it_has_to_be_chosen_again(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/organization/certificate")
    sent = {"file": ("ours.p12", b"no certificate", "application/x-pkcs12")}
    assert (await browser.send_form("/organization/certificate", {"password": "x"}, files=sent)).status_code == 422
    assert "ours.p12 was not taken." in browser.words
    assert (await browser.send_form("/organization/certificate", {}, files=sent)).status_code == 422
    assert "ours.p12" in browser.words


async def test_a_file_of_courses_is_chosen_once_looked_at_and_recorded(site: Site) -> None:
    await people.therapist(site, email="sofia@example.org")
    browser = await site.sign_in("manager")
    await browser.get("/imports/courses")
    text = "email,title,completed_on,minutes,form\nsofia@example.org,Ethics at work,2026-05-02,180,live\n"
    sent = {"file": ("courses.csv", text.encode(), "text/csv")}
    assert (await browser.send_form("/imports/courses", {"look": "yes"}, files=sent)).status_code == 200
    assert "1 course would be recorded." in browser.words
    assert "courses.csv is here already." in browser.words
    kept = seals(browser)
    answer = await browser.send_form("/imports/courses", kept)
    assert answer.status_code == 303
    await browser.get(answer.headers["location"])
    assert "1 course recorded, 0 were on file already." in browser.words
    swept = await sweep(site.database, open_store(site.settings.evidence_url, site.settings.home))
    assert swept == 1, "a page only says that it may go: others may have the same bytes"
    await browser.get("/imports/courses")
    assert (await browser.send_form("/imports/courses", kept)).status_code == 422
    assert "courses.csv was not taken." in browser.words
