"""What nobody means: odd values in every address and every form. A page, a refusal, never a defect."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

import pytest

from tests.web.conftest import Browser, Site
from tests.web.summaries import faults_of
from tests.web.test_matrix import routes, signed_in
from tests.web.world import World, world

ODD: Final = ("\x00", "'; DROP TABLE people; --%_\\", "9" * 30, "//[")
ASKED: Final = (
    "q", "before", "after", "clinic", "clinic_id", "modality", "verdict", "people", "sort", "state", "show", "kind",
    "type", "jurisdiction", "requirement", "next",
)  # fmt: skip
STORED: Final = ("/evidence/", "/reports/")
"""Files that this world has rows for and no bytes: 503 is the answer."""
UNSEEN: Final = ("/retry", "/give-up", "/accept", "/send-back", "/note", "/verifications", "/correct")
"""What may be wrong there is in no field to see: a form that is no longer open, a value that the page carries along."""


def addresses(ours: World, *, method: str) -> list[str]:
    """Every address, with ids of our own world."""
    named = [ours.path(template) for m, template, _ in routes(with_ids=True) if m == method]
    others = [template for m, template, _ in routes(with_ids=False) if m == method]
    return named + [re.sub(r"\{(code|jurisdiction)\}", "us-fl", each).replace("{offer}", "cpr") for each in others]


async def test_no_address_fails_whatever_is_asked_of_it(site: Site) -> None:
    ours, browser = await world(site, site.ours), await signed_in(site, "owner")
    paths = [each for each in addresses(ours, method="GET") if not each.startswith(STORED) and "{" not in each]
    assert len(paths) > 60
    for path in [*paths, "/sign-in"]:
        for odd in ODD:
            answer = await browser.get(path, params=dict.fromkeys(ASKED, odd))
            assert answer.status_code < 500, (path, odd)


async def test_no_form_fails_whatever_is_typed_into_it(site: Site) -> None:
    ours, browser = await world(site, site.ours), await signed_in(site, "owner")
    forms: dict[str, set[str]] = {}
    for path in addresses(ours, method="GET"):
        if not path.startswith(STORED) and "{" not in path:
            await fields_of(browser, path, forms)
    assert len(forms) > 30
    came_back: set[str] = set()
    for path, names in forms.items():
        if path in ("/sign-out", "/account/password"):
            continue
        for odd in ("", *ODD):
            answer = await browser.send_form(path, dict.fromkeys(names, odd))
            assert answer.status_code < 500, (path, odd)
            if answer.status_code == 422:
                came_back.add(path)
                assert faults_of(answer.text, all_links=not path.endswith(UNSEEN)) == [], (path, odd)
    assert len(came_back) > 20


async def fields_of(browser: Browser, path: str, forms: dict[str, set[str]]) -> None:
    """Adds what the forms of a page have, by where they go."""
    for form in re.findall(r"<form\b.*?</form>", (await browser.get(path)).text, re.DOTALL):
        goes = re.search(r'action="([^"]*)"', form.partition(">")[0])
        if 'method="post"' in form.partition(">")[0]:
            names = set(re.findall(r'name="([^"]+)"', form)) - {"csrf_token"}
            forms.setdefault(unescape(goes.group(1)) if goes else path, set()).update(names)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"\xff\xfe\x00&&=&%zz"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=", b"a"),
        ("application/json", b"{"),
        ("application/x-msgpack", b"\x1f\x8b"),
        ("nonsense", b""),
    ],
)
async def test_a_body_that_is_no_form_is_refused(site: Site, kind: str, body: bytes) -> None:
    browser = await signed_in(site, "owner")
    for path in ("/therapists", "/clinics/new", "/imports", "/sign-in", "/verify", "/organizations"):
        for token in ({}, {"x-csrf-token": browser.token}):
            answer = await browser.post(path, content=body, headers={"content-type": kind} | token)
            assert 400 <= answer.status_code < 500, (path, answer.status_code)
