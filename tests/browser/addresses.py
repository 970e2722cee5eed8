"""All pages: one address for each GET route, found by following the links from the first page as a person would."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable
from html import unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import httpx

from compliance.web.routes import ROUTES

if TYPE_CHECKING:  # `make attack` follows links, too, and has no browser
    from playwright.sync_api import StorageState

NO_PAGES: Final = {
    "/static/{name:str}": "a file of the pages",
    "/health/live": "for machines",
    "/health/ready": "for machines",
    "/metrics": "for machines",
    "/reports/{report_id:uuid}/file": "a file to keep",
    "/therapists/together": "only by the marks of the list",
    "/therapists/together/{task_id:uuid}": "only after something was done for many",
    "/exposures/{task_id:uuid}/{name:str}": "a file to keep",
    "/exposures/{task_id:uuid}": "only where treatments were sent in",
    "/reports/{report_id:uuid}/packet/file": "a file to keep",
    "/reports/schema": "for machines",
    "/imports/{import_id:uuid}/corrections.csv": "a file to keep",
    "/exports/{name:str}": "a file to keep",
    "/matrix/{name:str}": "a file to keep",
    "/evidence/{evidence_id:uuid}": "a file to look at",
    "/renewals/{submission_id:uuid}/files/{evidence_id:uuid}": "a file to look at",
    "/calendar/{name:str}": "for calendar programs",
    "/mailbox/previews/{name:str}/letter": "the frame inside /mailbox/previews/{name:str}",
    "/mailbox/{message_id:uuid}/letter": "the frame inside /mailbox/{message_id:uuid}",
    "/courses/{course_id:uuid}/certificate": "a file to look at",
    "/therapists/{therapist_id:uuid}/education/pack": "a file to keep",
    "/verify/certificates.pem": "a file to keep",
    "/verify/script/{name:str}": "a file to keep",
    "/api/v1/clearance": "for machines",
    "/api/v1/clinics": "for machines",
    "/api/v1/credentials/{credential_id:uuid}/reminders": "for machines",
    "/api/v1/therapists": "for machines",
    "/api/v1/therapists/{therapist_id:uuid}": "for machines",
    "/organization/logo/picture": "a file to look at",
    "/sign-in/provider": "leads to the provider",
    "/set-password/{token:str}/provider": "leads to the provider",
    "/sign-in/provider/callback": "from the provider",
    "/account/provider/link": "leads to the provider",
    # Steps between a form and its end; test_second_factor.py of the pages and of the browser goes through them, and
    # test_forms_that_come_back.py judges how they are made.
    "/account/confirm": "only before ways to sign in are changed",
    "/sign-in/second-factor": "only between the password and the session",
    "/sign-in/passkey": "only where passkeys can be used, which browsers refuse an address of numbers",
    "/set-password/{token:str}/passkey": "only of an invitation that nobody has accepted",
    "/sign-in/provider/invitation": "only between the provider and an invitation; test_accepting.py looks at it",
    # What the demonstration has nothing of, even when it is lived in; test_forms_that_come_back.py judges these, too.
    "/addresses/{refused_id:uuid}": "only where a mail server has refused an address",
    "/confirm-address/{token:str}": "only from a mail to a new address",
    "/unsubscribe/{token:str}": "only from a weekly mail",
    "/clinics/{clinic_id:uuid}/waivers/new": "only of a clinic that lacks what is asked of it",
    "/imports/{import_id:uuid}/questions": "only of an import that asks something",
    "/imports/{import_id:uuid}/undo": "only of an import that was not undone yet",
    "/law-answers/{answer_id:uuid}/take-back": "only where the law was answered",
    "/policies/looks/{task_id:uuid}": "only where many hundreds work",
    "/reminders/delegates/{delegation_id:uuid}/end": "only where somebody stands in",
    "/reminders/set-ladders/{ladder_id:uuid}/clear": "only where a ladder was set",
}
ENOUGH: Final = 3
"""So many pages of each route are read for links."""

_KINDS: Final = {"uuid": "[0-9a-f-]{36}", "str": "[^/]+"}


def routes() -> list[str]:
    """The paths of all GET routes, as they are written in the program."""
    return sorted(path for each in ROUTES if "GET" in each.http_methods for path in each.paths)


def pages() -> list[str]:
    """Those that show a page."""
    return [path for path in routes() if path not in NO_PAGES]


def _pattern(route: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+:(\w+)\}", route)
    return re.compile("".join(_KINDS[part] if index % 2 else re.escape(part) for index, part in enumerate(parts)))


class Found:
    """The first address that was met for each route."""

    def __init__(self) -> None:
        self._patterns = [(route, _pattern(route)) for route in sorted(routes(), key=lambda each: each.count("{"))]
        self.addresses: dict[str, str] = {}
        self._seen: set[str] = set()
        self._often: Counter[str] = Counter()

    def route_of(self, path: str) -> str | None:
        """The route that answers at this path; one without placeholders goes before one with them."""
        return next((route for route, pattern in self._patterns if pattern.fullmatch(path)), None)

    def add(self, address: str) -> bool:
        """Notes an address; whether its page should be read for more links (the first ENOUGH are)."""
        path = urlsplit(address).path
        route = self.route_of(path)
        if route is None or address in self._seen or self._often[route] == ENOUGH:
            return False
        self._seen.add(address)
        self._often[route] += 1
        self.addresses.setdefault(route, address)
        return True


def browser_of(state: StorageState, address: str) -> httpx.Client:
    """Somebody who is signed in as in this state, without a window."""
    cookies = {each["name"]: each["value"] for each in state["cookies"]}
    return httpx.Client(base_url=address, cookies=cookies, follow_redirects=False, timeout=30)


def links_of(page: str) -> Iterable[str]:
    """Where a page leads."""
    return (unescape(each) for each in re.findall(r'<a\b[^>]*\bhref="([^"#]+)', page))


def follow(client: httpx.Client, found: Found, wanted: set[str], *starts: str) -> None:
    """Reads pages from the starts on, and notes the addresses that they lead to, until all that is wanted is found."""
    waiting = deque(each for each in starts if found.add(each))
    while waiting and not wanted <= found.addresses.keys():
        at = waiting.popleft()
        answer = client.get(at)
        if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
            paths = (urljoin(at, each) for each in links_of(answer.text))
            waiting.extend(each for each in paths if each.startswith("/") and found.add(each))
