"""Every form with everything wrong, and every step between a form and its end: axe-core and html-validate find nothing,
and nothing scrolls sideways. The pages are asked of the application; Chromium draws them with style and scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from compliance.web.static import files
from tests.browser.axe import Axe
from tests.browser.conftest import STILL
from tests.browser.kept_pages import Kept, collect
from tests.browser.test_every_page import WIDER
from tests.browser.validating import complaints
from tests.markup import outline

ORIGIN = "http://127.0.0.1:8000"
NEVER_BACK = {
    "/therapists/ID/file": "asks for nothing that it must have",
    "/organization/logo": "was given a good picture",
    "/organization/second-factor": "has one box",
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """All of these pages."""
    with ThreadPoolExecutor(1) as thread:  # this thread's loop is the browser's
        return thread.submit(asyncio.run, collect(tmp_path_factory.mktemp("kept"))).result()


@pytest.fixture(scope="module")
def window(chromium: Browser, kept: Kept) -> Iterator[Page]:
    """Shows a kept page at the address that is its name, and the files that it asks for."""
    context = chromium.new_context(base_url=ORIGIN, **STILL)
    page, names = context.new_page(), list(kept.answers)

    def give(route: Route) -> None:
        words = urlsplit(route.request.url).path.strip("/").split("/")
        if words[0] == "kept":
            answer = kept.answers[names[int(words[1])]]
            policy = answer.headers["content-security-policy"]
            headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
            route.fulfill(body=answer.text, headers=headers)
        elif words[0] == "static":
            route.fulfill(body=files()[words[1]].content, content_type=files()[words[1]].kind)
        else:
            route.fulfill(status=404)

    context.route("**/*", give)
    yield page
    context.close()


def test_axe_finds_nothing_in_light_and_dark_and_nothing_scrolls_sideways(window: Page, kept: Kept) -> None:
    axe, found, shapes = Axe(), [], set()
    for number, (name, answer) in enumerate(kept.answers.items()):
        shape = tuple(outline(answer.text).tags)
        if shape in shapes:
            continue  # the same elements in the same order, about something else
        shapes.add(shape)
        window.set_viewport_size({"width": 1440, "height": 900})
        window.emulate_media(color_scheme="light")
        window.goto(f"/kept/{number}")
        said = axe.everything(window)
        window.emulate_media(color_scheme="dark")
        said += axe.colors(window)
        window.set_viewport_size({"width": 320, "height": 800})
        found += [f"{name}: {each}" for each in [*said, *window.evaluate(WIDER)]]
    assert not found, "\n".join(found)


def test_html_validate_finds_nothing_in_them(kept: Kept, tmp_path: Path) -> None:
    found = complaints({name: answer.text for name, answer in kept.answers.items()}, tmp_path)
    assert not found, "\n".join(found)


def test_every_form_comes_back_with_a_summary_and_all_that_is_wrong_in_its_place(kept: Kept) -> None:
    for name, answer in kept.answers.items():
        if answer.status_code == 422:
            assert 'class="problems"' in answer.text, name
            assert "<title>Error: " in answer.text, name


def test_every_form_refuses_nonsense(kept: Kept) -> None:
    assert set(kept.taken) == set(NEVER_BACK)
