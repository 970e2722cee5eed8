"""Chromium for the tests, one service for all of them, and a page that is watched while it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy.engine import make_url

from tests.browser.installation import Installation, Served
from tests.browser.watching import Watch

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 15_000
"""Milliseconds that anything on a page may take."""
STILL: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
"""Options of every window: a color that is on its way to another one cannot be measured."""

Open = Callable[..., Page]

SAID = "said"
"""The property of a test that holds what it has measured; said at the end of the run, by whichever process ran it."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what was measured."""
    for report in terminalreporter.getreports("passed"):
        for name, said in report.user_properties:
            if name == SAID:
                terminalreporter.write_line(str(said))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's browser; none is ever downloaded."""
    if not CHROMIUM.exists():
        pytest.fail(f"The browser tests need Chromium at {CHROMIUM}: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demonstration clinics, served; shared by all tests, so each looks for a therapist of its own to change."""
    installation = Installation(tmp_path_factory.mktemp("demonstration"))
    installation.run("demo")
    with installation.serving() as served:
        yield served


@pytest.fixture(scope="session")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgresql_server: str) -> Iterator[Served]:
    """The same on PostgreSQL, with a worker beside the service."""
    name = f"browser_{uuid4().hex[:12]}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    address = make_url(postgresql_server).set(drivername="postgresql", database=name)
    url = address.render_as_string(hide_password=False)
    own = {"COMPLIANCE_DATABASE_URL": url, "COMPLIANCE_SECRET_KEY": token_hex(32)}
    installation = Installation(tmp_path_factory.mktemp("on-postgresql"), own)
    installation.run("demo")
    with installation.serving() as served:
        yield served
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def sign_in(page: Page, link: str) -> None:
    """Uses a one-time link as its reader does."""
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


class SignedIn:
    """Browser state of those who are signed in: each one-time link is used once, then its cookie is kept."""

    def __init__(self, chromium: Browser) -> None:
        self.chromium = chromium
        self.states: dict[str, Any] = {}

    def state(self, served: Served, role: str) -> Any:
        """Cookies of this role at this service."""
        link = served.links[role]
        if link not in self.states:
            context = self.chromium.new_context()
            sign_in(context.new_page(), link)
            self.states[link] = context.storage_state()
            context.close()
        return self.states[link]


@pytest.fixture(scope="session")
def signed_in(chromium: Browser) -> SignedIn:
    """The same, for the session."""
    return SignedIn(chromium)


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes windows that nobody has used before, and closes them."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        made.append(chromium.new_context(**(STILL | options)))
        made[-1].set_default_timeout(PATIENCE)
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def watches() -> list[Watch]:
    """What the pages of this test are watched by."""
    return []


@pytest.fixture
def open_as(
    contexts: Callable[..., BrowserContext], demonstration: Served, signed_in: SignedIn, watches: list[Watch]
) -> Iterator[Open]:
    """`open_as(role, ...)`: a window in which that role is signed in (none: nobody); any complaint fails the test."""

    def opened(role: str | None = "owner", *, served: Served | None = None, **options: Any) -> Page:
        where = served or demonstration
        state = {"storage_state": signed_in.state(where, role)} if role else {}
        page = contexts(base_url=where.address, **state, **options).new_page()
        watches.append(Watch(where.address).on(page))
        return page

    yield opened
    faults = [fault for watch in watches for fault in watch.faults]
    assert faults == []
