"""A form that comes back with its errors is a page like any other: the number beside “To decide” stays."""

from __future__ import annotations

import re

from tests.web import people
from tests.web.conftest import Site


def count_in_head(page: str) -> str | None:
    found = re.search(r'href="/decisions"[^>]*>[^<]*<span class="count">(\d+)', page)
    return found[1] if found else None


async def test_the_number_of_what_waits_stays_when_a_form_comes_back(site: Site) -> None:
    id_ = await people.therapist(site)
    await people.license_of(site, id_, verified=False)
    browser = await site.sign_in("manager")
    await browser.get("/clinics/new")
    before = count_in_head(browser.page)
    assert before is not None
    answer = await browser.send_form("/clinics/new", {"name": "", "jurisdiction": "us-fl"})
    assert answer.status_code == 422
    assert "Give" in browser.words
    assert count_in_head(browser.page) == before
