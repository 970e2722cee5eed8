"""Evidence: looked into before it is kept, shown as a rendition only, and never to a stranger."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from tests.uploads import files
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.people import send


async def upload(browser: Browser, credential_id: UUID, name: str, content: bytes, **values: Any) -> Any:
    """Sends a file by the form."""
    form = f"/credentials/{credential_id}/evidence"
    return await send(browser, f"{form}/new", form, values, files={"file": (name, content, "application/x-anything")})


def shown(browser: Browser) -> str:
    """The address of the first file on the page."""
    found = re.search(r'src="(/evidence/[0-9a-f-]+)"', browser.page)
    assert found, browser.words
    return found.group(1)


GOOD = [("card.png", files.png()), ("card.jpg", files.jpeg()), ("a.pdf", files.pdf())]


@pytest.mark.parametrize(("name", "content"), GOOD)
async def test_a_file_is_kept_and_shown_as_a_picture_drawn_anew(site: Site, name: str, content: bytes) -> None:
    held = await people.license_of(site, await people.therapist(site))
    browser = await site.sign_in("reviewer")
    answer = await upload(browser, held.id, name, content, term_id=str(held.term_id))
    assert answer.status_code == 303, browser.words
    assert f"{name} is kept as evidence." in browser.words
    picture = await browser.get(shown(browser))
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content[:2] == b"\xff\xd8"
    assert content not in picture.content
    assert b"secret-metadata" not in picture.content
    assert picture.headers["cache-control"] == "no-store"  # whoever comes to this browser next sees no license
    assert picture.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["content-disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("card.png", files.pdf(), "is named as"),
        ("card.gif", files.gif(), "Allowed are PDF, PNG and JPEG files of up to 15 MB."),
        ("card.pdf", b"", "is empty"),
        ("card.pdf", files.pdf(files.active("script on opening")), "Print it to a new PDF"),
        ("card.png", files.png()[:200], "cannot be read"),
    ],
)
async def test_a_file_that_is_not_what_it_says_comes_back_as_a_sentence(
    site: Site, name: str, content: bytes, why: str
) -> None:
    held = await people.license_of(site, await people.therapist(site))
    browser = await site.sign_in("manager")
    answer = await upload(browser, held.id, name, content)
    assert answer.status_code == 422
    assert why in browser.words
    await browser.get(f"/credentials/{held.id}")
    assert "No file" in browser.words


async def test_a_file_over_15_mb_is_refused_in_the_form_and_one_far_over_by_its_size(site: Site) -> None:
    held = await people.license_of(site, await people.therapist(site))
    browser = await site.sign_in("manager")
    answer = await upload(browser, held.id, "card.pdf", b"%PDF-1.4 " + b"0" * (16 * 2**20))
    assert answer.status_code == 422
    assert "“card.pdf” has 16.0 MB." in browser.words
    answer = await browser.send_form(
        f"/credentials/{held.id}/evidence", files={"file": ("card.pdf", b"0" * (31 * 2**20), "application/pdf")}
    )
    assert answer.status_code == 413


async def test_no_file_at_all_is_asked_for(site: Site) -> None:
    held = await people.license_of(site, await people.therapist(site))
    browser = await site.sign_in("manager")
    form = f"/credentials/{held.id}/evidence"
    answer = await send(browser, f"{form}/new", form, {})
    assert answer.status_code == 422
    assert "Give the file." in browser.words


async def test_a_file_is_taken_off_with_a_reason(site: Site) -> None:
    held = await people.license_of(site, await people.therapist(site))
    browser = await site.sign_in("manager")
    await upload(browser, held.id, "card.png", files.png())
    void = re.search(r'href="(/evidence-links/[^"]+/void)"', browser.page)
    assert void
    await send(browser, void.group(1), void.group(1), {"reason": "of somebody else"})
    await browser.get(f"/credentials/{held.id}")
    assert "No file" in browser.words
    assert "File taken off" in browser.words


async def test_a_stranger_sees_no_file_of_ours(site: Site) -> None:
    held = await people.license_of(site, await people.therapist(site))
    browser = await site.sign_in("manager")
    await upload(browser, held.id, "card.png", files.png())
    stranger = await site.sign_in("owner", stranger=True)
    assert (await stranger.get(shown(browser))).status_code == 404
    assert (await site.browser().get(shown(browser))).status_code in (302, 303, 401)


async def test_a_store_that_is_not_there_is_a_sentence_and_not_a_crash(site: Site) -> None:
    held = await people.license_of(site, await people.therapist(site))
    site.settings.home.mkdir(parents=True, exist_ok=True)
    (site.settings.home / "evidence").write_text("a file where the folder should be")
    browser = await site.sign_in("manager")
    answer = await upload(browser, held.id, "card.png", files.png())
    assert answer.status_code == 422
    assert "The evidence folder" in browser.words
