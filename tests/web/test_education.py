"""The ledger: the balance first, every course with what counts of it, and forms that keep what was typed."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import zipfile
from datetime import date
from typing import Any
from uuid import UUID

from compliance.services import accounts
from tests.uploads import files
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.people import send

COURSE = {
    "title": "Ethics at work",
    "completed_on": "05/02/2026",
    "form": "live",
    "length": "3",
    "unit": "60",
    "provider": "Hands On School",
    "provider_number": "451-12",
}


async def texan(site: Site) -> UUID:
    """Somebody with a Texas license from September 2025 to August 2027: twelve hours of fifty minutes."""
    id_ = await people.therapist(site)
    await people.license_of(site, id_, verified=False, jurisdiction="us-tx")
    return id_


async def add(browser: Browser, id_: UUID, **values: Any) -> Any:
    """Sends the form."""
    form = f"/therapists/{id_}/courses"
    sent = values.pop("files", None)
    more = {"files": sent} if sent else {}
    return await send(browser, f"{form}/new", form, COURSE | values, **more)


def address(browser: Browser, ending: str) -> str:
    """The first link to something of a course."""
    found = re.search(rf'href="(/courses/[0-9a-f-]+/{ending})"', browser.page)
    assert found, browser.words
    return found.group(1)


async def test_the_page_says_how_many_hours_there_are_and_until_when(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/education")
    assert "0 of 12 hours" in browser.words
    assert "No course yet" in browser.words
    assert "16 Tex. Admin. Code 117.30" in browser.words
    answer = await add(browser, id_)
    assert answer.status_code == 303, browser.words
    assert "“Ethics at work” is in the ledger." in browser.words
    assert "3.6 of 12 hours" in browser.words
    assert "until Aug 31, 2027" in browser.words
    assert "Hands On School, provider 451-12" in browser.words
    await browser.get(f"/therapists/{id_}")
    assert "3.6 of 12 hours" in browser.words
    assert "Course recorded: Ethics at work" in browser.words


async def test_a_course_outside_the_window_is_shown_with_the_reason_why_it_does_not_count(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    await add(browser, id_, completed_on="08/31/2025")
    assert "0 of 12 hours" in browser.words
    assert "Completed before Sep 1, 2025, when this window began." in browser.words


async def test_the_balance_of_a_day_counts_what_was_completed_by_then(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    await add(browser, id_)
    await browser.get(f"/therapists/{id_}/education?as_of=2026-05-01")
    assert "0 of 12 hours" in browser.words
    assert "Completed after May 1, 2026." in browser.words
    assert (await browser.get(f"/therapists/{id_}/education?as_of=yesterday")).status_code == 400


async def test_lengths_are_kept_in_minutes_whatever_they_were_measured_in(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    for number, (length, unit, shown) in enumerate(
        [("1.5", "60", "1 h 30 min"), ("3", "50", "2 h 30 min"), ("45", "1", "45 min")]
    ):
        await add(browser, id_, title=f"Course {number}", length=length, unit=unit)
        assert shown in browser.words


async def test_what_cannot_be_read_comes_back_with_a_sentence_and_all_that_was_typed(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    wrong = {"title": "", "length": "many", "subject_1": "ethics", "length_2": "2", "form": "by post"}
    answer = await add(browser, id_, **wrong)
    assert answer.status_code == 422
    assert "Give the title as it stands on the certificate." in browser.words
    answer = await add(browser, id_, **(wrong | {"title": "Ethics"}))
    assert answer.status_code == 422
    for sentence in (
        "“many” is no length; give a number like 3 or 1.5.",
        "Say how much of the course was ethics.",
        "Say which subject this length is of.",
        "Choose how the course was taken.",
    ):
        assert sentence in browser.words
    assert 'value="451-12"' in browser.page
    answer = await add(browser, id_, subject_1="ethics", length_1="4")
    assert answer.status_code == 422
    assert "The subjects have 240 minutes together, the course 180." in browser.words
    answer = await add(browser, id_, completed_on="01/01/2027")
    assert "Nobody can have completed a course on Jan 1, 2027." in browser.words


async def test_the_same_course_again_is_asked_about_and_can_be_another_one(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    await add(browser, id_)
    answer = await add(browser, id_)
    assert answer.status_code == 422
    assert "is on file already" in browser.words
    assert 'name="sure"' in browser.page
    assert (await add(browser, id_, sure="yes")).status_code == 303
    assert "2 courses" in browser.words


async def test_a_certificate_is_inspected_kept_and_shown_as_a_picture(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    answer = await add(browser, id_, files={"certificate": ("ethics.png", files.gif(), "image/png")})
    assert answer.status_code == 422
    assert "Allowed are PDF, PNG and JPEG" in browser.words
    sent = {"certificate": ("ethics.pdf", files.pdf(), "application/pdf")}
    answer = await add(browser, id_, files=sent, certificate_shows="participant")
    assert answer.status_code == 303
    assert "Not known of it: address or e-mail of the provider, signature." in browser.words
    picture = await browser.get(address(browser, "certificate"))
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content[:2] == b"\xff\xd8"
    assert picture.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    stranger = await site.sign_in("owner", stranger=True)
    assert (await stranger.get(address(browser, "certificate"))).status_code == 404


async def test_a_correction_needs_a_reason_and_keeps_the_certificate(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    await add(browser, id_, files={"certificate": ("ethics.pdf", files.pdf(), "application/pdf")})
    form = address(browser, "correct")
    answer = await send(browser, form, form, COURSE | {"length": "100", "unit": "1"})
    assert answer.status_code == 422
    assert "Give the reason." in browser.words
    answer = await send(browser, form, form, COURSE | {"length": "100", "unit": "1", "reason": "misread"})
    assert answer.status_code == 303
    assert "2 of 12 hours" in browser.words
    assert "ethics.pdf" in browser.words
    assert "1 course" in browser.words
    assert (await browser.get(form)).status_code == 404


async def test_a_void_course_counts_for_nothing(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    await add(browser, id_)
    form = address(browser, "void")
    assert (await send(browser, form, form, {"reason": ""})).status_code == 422
    assert (await send(browser, form, form, {"reason": "somebody else's"})).status_code == 303
    assert "The course is void." in browser.words
    assert "No course yet" in browser.words


async def test_a_therapist_reads_the_own_ledger_and_nobody_elses_and_writes_none(site: Site) -> None:
    id_ = await texan(site)
    other = await texan(site)
    manager = await site.sign_in("manager")
    await add(manager, id_, files={"certificate": ("ethics.pdf", files.pdf(), "application/pdf")})
    await add(manager, other, files={"certificate": ("ethics.pdf", files.pdf(), "application/pdf")})
    theirs = address(manager, "certificate")
    async with site.database.write.begin() as session:
        invited = await accounts.invite(
            session, act=site.act(), email="sofia@example.org", name="Sofia", role="therapist", therapist_id=id_
        )
    browser = await site.sign_in_person(invited.person_id, site.ours.id)
    answer = await browser.get("/me/education")
    await browser.get(answer.headers["location"])
    assert "3.6 of 12 hours" in browser.words
    assert "Add course" not in browser.words
    assert (await browser.get(address(browser, "certificate"))).status_code == 200
    assert (await browser.get(f"/therapists/{other}/education")).status_code == 404
    assert (await browser.get(theirs)).status_code == 404
    assert (await browser.get(f"/therapists/{id_}/courses/new")).status_code == 403


async def test_a_reviewer_reads_and_does_not_write(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("reviewer")
    assert (await browser.get(f"/therapists/{id_}/education")).status_code == 200
    assert (await browser.get(f"/therapists/{id_}/courses/new")).status_code == 403


async def test_who_holds_nothing_that_asks_for_hours_is_told_so(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/education")
    assert "Nothing on file asks for hours." in browser.words


async def test_what_the_catalog_does_not_know_is_a_question_on_the_page(site: Site) -> None:
    id_ = await people.therapist(site)
    await people.license_of(site, id_, verified=False, jurisdiction="us-ky", ends_on=date(2027, 8, 31))
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/education")
    assert "how many are asked is not known here" in browser.words
    assert "To find out" in browser.words


async def test_one_click_makes_the_pack_of_a_cycle(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    original = files.pdf()
    await add(browser, id_, files={"certificate": ("ethics.pdf", original, "application/pdf")})
    await add(browser, id_, title="Too early", completed_on="08/31/2025")
    link = re.search(r'href="([^"]+/education/pack[^"]+)"', browser.page)
    assert link
    answer = await browser.get(link.group(1).replace("&amp;", "&"))
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="education-sofia-papadopoulou-us-tx-')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as made:
        manifest = json.loads(made.read("manifest.json"))
        listed = {each["name"]: each["sha256"] for each in manifest["files"]}
        assert set(made.namelist()) == {*listed, "manifest.json"}
        assert all(hashlib.sha256(made.read(name)).hexdigest() == digest for name, digest in listed.items())
        assert made.read("ledger.pdf")[:5] == b"%PDF-"
        assert made.read(manifest["courses"][0]["certificate"])[:2] == b"\xff\xd8"
    assert [each["title"] for each in manifest["courses"]] == ["Ethics at work"]
    assert manifest["courses"][0]["original"]["sha256"] == hashlib.sha256(original).hexdigest()
    assert manifest["window"] == {"starts_on": "2025-09-01", "ends_on": "2027-08-31"}
    assert original not in answer.content  # originals never leave by this way


async def test_a_pack_that_would_lack_a_certificate_is_not_made(site: Site) -> None:
    id_ = await texan(site)
    browser = await site.sign_in("manager")
    await add(browser, id_, files={"certificate": ("ethics.pdf", files.pdf(), "application/pdf")})
    link = re.search(r'href="([^"]+/education/pack[^"]+)"', browser.page)
    assert link
    shutil.rmtree(site.settings.home / "evidence")
    answer = await browser.get(link.group(1).replace("&amp;", "&"))
    assert answer.status_code == 303
    await browser.get(answer.headers["location"])
    assert "There is no pack: The certificate of “Ethics at work” cannot be read" in browser.words


async def test_nobody_gets_a_pack_of_what_is_not_theirs(site: Site) -> None:
    id_ = await texan(site)
    held = await people.license_of(site, id_, verified=False, jurisdiction="us-tx", number="MT2")
    stranger = await site.sign_in("owner", stranger=True)
    browser = await site.sign_in("manager")
    path = f"/therapists/{id_}/education/pack"
    assert (await stranger.get(f"{path}?credential={held.id}")).status_code == 404
    assert (await browser.get(path)).status_code == 404
    assert (await browser.get(f"{path}?credential={id_}")).status_code == 404
    assert (await browser.get(f"{path}?credential={held.id}&term={id_}")).status_code == 404
    assert (await browser.get(f"{path}?credential={held.id}&term={held.term_id}")).status_code == 200
