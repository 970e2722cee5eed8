"""Every address as every role: with a stranger's ids, with another clinic's, without a token, from another site."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Coroutine, Iterable
from statistics import median
from typing import Any, Final

import httpx

from compliance.web.access import SIGNED_IN
from tests.attack.tally import Tally
from tests.attack.target import STRANGERS, THEIR_THERAPIST, Target
from tests.web.conftest import Browser
from tests.web.test_matrix import allows, routes, same, unknown

ROLES: Final = ("owner", "manager", "limited", "reviewer", "auditor", "therapist")
API: Final = (
    ("GET", "/api/v1/therapists/{therapists}", "therapists.read"),
    ("GET", "/api/v1/credentials/{credentials}/reminders", "reminders.read"),
    ("POST", "/api/v1/therapists/{therapists}/courses", "education.write"),
    ("GET", "/api/v1/clearance?therapist={therapists}&modality=massage-therapy&clinic={clinics}", "clearance.read"),
)
COURSE: Final = {"courses": [{"title": "Ethics", "completed_on": "2026-05-02", "minutes": 60, "form": "live"}]}


def plain(template: str) -> str:
    """An address without ids, its other words filled in."""
    filled = re.sub(r"\{(code|jurisdiction)\}", "us-fl", template).replace("{offer}", "cpr")
    return re.sub(r"\{[^}]+\}", "roster.csv", filled)


async def walk(site: Target) -> AsyncIterator[Tally]:
    """The whole walk; one tally for each part of it."""
    browsers = {role: await _signed_in(site, role) for role in ROLES}
    yield await foreign_ids(site, browsers)
    yield await other_clinics(site, browsers["limited"])
    yield await beyond_the_role(site, browsers)
    yield await nobody(site)
    yield await forged(site, browsers["owner"])
    yield await keys(site)


async def _signed_in(site: Target, role: str) -> Browser:
    browser = await site.sign_in(role)
    await browser.get("/account")
    assert browser.token, f"{role} is not signed in: {browser.words[:300]}"
    return browser


def _may(role: str, needs: str) -> bool:
    return allows("manager", needs, limited=True) if role == "limited" else allows(role, needs)


async def _ask(browser: Browser, method: str, path: str) -> httpx.Response:
    return await (browser.get(path) if method == "GET" else browser.post(path, data={"csrf_token": browser.token}))


AT_ONCE: Final = 2
"""The service works while this process reads what it has answered; one after the other, each waits for the other."""


async def side_by_side(parts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All of them, so many at a time; each has a browser of its own."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(part: Coroutine[Any, Any, None]) -> None:
        async with turns:
            await part

    await asyncio.gather(*map(one, parts))


async def foreign_ids(site: Target, browsers: dict[str, Browser]) -> Tally:
    """A stranger's id is answered with 404 and, to the letter, like one that nobody has; beyond the role with 403."""
    tally = Tally("a stranger's ids, every route and role")
    times: dict[str, list[float]] = {"theirs": [], "nobody's": []}

    async def as_role(role: str, browser: Browser) -> None:
        for method, template, needs in routes(with_ids=True):
            what = f"{role} {method} {template}"
            began = time.perf_counter()
            answer = await _ask(browser, method, site.their_world.path(template))
            took = time.perf_counter() - began
            tally.judge(what, answer.status_code, expected=(404,) if _may(role, needs) else (403,))
            _must_not_tell(tally, what, answer.text)
            if not _may(role, needs):
                continue
            began = time.perf_counter()
            other = await _ask(browser, method, unknown(template, site))
            times["nobody's"].append(time.perf_counter() - began)
            times["theirs"].append(took)
            if same(answer.text) != same(other.text):
                tally.wrong.append(f"{what}: the page differs from that of an id that nobody has")

    await side_by_side(as_role(role, browser) for role, browser in browsers.items())
    theirs, others = (1000 * median(times[each]) for each in ("theirs", "nobody's"))
    tally.notes.append(f"median answer: a stranger's id {theirs:.1f} ms, an id that nobody has {others:.1f} ms")
    return tally


async def other_clinics(site: Target, browser: Browser) -> Tally:
    """Who is limited to one clinic, with ids of what is only at the other."""
    tally = Tally("another clinic's ids")
    for method, template, needs in routes(with_ids=True):
        answer = await _ask(browser, method, site.our_world.path(template))
        # What belongs to the person or the organization and not to a clinic is decided by the role alone.
        denied = (403,) if template.startswith("/policies") or not _may("limited", needs) else (404,)
        tally.judge(f"limited {method} {template}", answer.status_code, expected=denied)
    return tally


async def beyond_the_role(site: Target, browsers: dict[str, Browser]) -> Tally:
    """Addresses without ids: 403 beyond the role; within it, nothing of the stranger's on any page."""
    tally = Tally("addresses without ids, every role")

    async def as_role(role: str, browser: Browser) -> None:
        for method, template, needs in routes(with_ids=False):
            if method == "POST" and _may(role, needs):
                continue  # what a role may send is tried by injection
            answer = await _ask(browser, method, plain(template))
            what = f"{role} {method} {template}"
            tally.judge(what, answer.status_code, expected=() if _may(role, needs) else (403,))
            _must_not_tell(tally, what, answer.text)

    await side_by_side(as_role(role, browser) for role, browser in browsers.items())
    return tally


async def nobody(site: Target) -> Tally:
    """Without a session, and with made-up ones, every page leads to the sign-in."""
    tally = Tally("without a session, or with a made-up one")
    browsers = [site.browser(), site.browser(cookie="session=" + "0" * 43), site.browser(cookie="session=' OR 1=1 --")]

    async def without(browser: Browser) -> None:
        for with_ids in (True, False):
            for method, template, _needs in routes(with_ids=with_ids):
                path = site.our_world.path(template) if with_ids else plain(template)
                answer = await browser.request(method, path)
                leads = answer.headers.get("location", "").startswith("/sign-in")
                tally.judge(f"nobody {method} {template}", answer.status_code if leads else 200, expected=(303,))

    await side_by_side(map(without, browsers))
    return tally


FORGED: Final = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none", "origin": "https://evil.example"},
    {"sec-fetch-site": "same-origin, cross-site"},
)


async def forged(site: Target, owner: Browser) -> Tally:
    """Changes from elsewhere with the right token, and from here with none or another's."""
    tally = Tally("changes forged by another site")
    other = await site.sign_in("owner", stranger=True)
    await other.get("/account")

    async def changes(with_ids: bool) -> None:
        for method, template, needs in routes(with_ids=with_ids):
            if method != "POST" or (needs == SIGNED_IN and template == "/sign-out"):
                continue
            path = site.our_world.path(template) if with_ids else plain(template)
            for headers in FORGED:
                answer = await owner.post(path, data={"csrf_token": owner.token}, headers=headers)
                tally.judge(f"{headers} {template}", answer.status_code, expected=(400,))
            for token in ("", "0" * 64, other.token):
                answer = await owner.post(path, data={"csrf_token": token})
                tally.judge(f"token {token[:4]!r} {template}", answer.status_code, expected=(400,))
            answer = await owner.post(path, data={"csrf_token": owner.token}, headers={"host": "evil.example"})
            tally.judge(f"another host {template}", answer.status_code, expected=(400,))

    await side_by_side(map(changes, (True, False)))
    return tally


async def keys(site: Target) -> Tally:
    """A stranger's key, and no key, before our ids; a key beyond its scope; a key before a page."""
    tally = Tally("keys of the API")
    assert site.keys
    ids = {name: str(value) for name, value in site.our_world.ids.items()}

    async def with_key(name: str, key: str) -> None:
        browser = site.browser(authorization=f"Bearer {key}")
        for method, template, scope in API:
            path = template.format(**ids)
            may = name in ("all of them", "ours") or name == scope
            expected = (403,) if not may else (200, 201) if name == "ours" else (404,)
            answer = await browser.request(method, path, json=COURSE if method == "POST" else None)
            tally.judge(f"key for {name}: {method} {template}", answer.status_code, expected=expected)
        for _method, template, _needs in routes(with_ids=False):
            answer = await browser.get(plain(template))
            tally.judge(f"key for {name} before {template}", answer.status_code, expected=(303, 405))

    await side_by_side(with_key(name, key) for name, key in site.keys.items())
    for wrong in ("", "Bearer", "Bearer ck_" + "0" * 43, "Bearer ' OR 1=1", "Basic YTpi", f"bearer {KEYLESS}"):
        for method, template, _scope in API:
            answer = await site.browser(authorization=wrong).request(method, template.format(**ids))
            tally.judge(f"{wrong!r} {template}", answer.status_code, expected=(401,))
    return tally


KEYLESS: Final = "ck_%ff" * 10


def _must_not_tell(tally: Tally, what: str, page: str) -> None:
    for word in (STRANGERS, THEIR_THERAPIST):
        if word in page:
            tally.wrong.append(f"{what}: the page says {word!r}")
