"""What a handler writes is kept whole or not at all; what goes wrong is said well, and nothing secret is logged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
import structlog
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import delete, event, func, select

from compliance.db.records import OrganizationRow, TrailEntryRow
from compliance.services import organizations
from compliance.services.refusals import Problem, Unknown, refuse
from compliance.web import account
from compliance.web.access import PUBLIC, SIGNED_IN, needs
from compliance.web.app import create_app
from compliance.web.logging import conceal, shown_path
from compliance.web.page import Html, Page
from tests.web.conftest import Site


class Stop(Exception):
    """A defect."""


@post("/try/{outcome:str}", opt=needs(SIGNED_IN))
async def write(page: NamedDependency[Page], outcome: FromPath[str]) -> Html | Redirect:
    """Writes an organization and then ends as it is told."""
    await organizations.add(page.session, act=page.act, name="Written")
    match outcome:
        case "goes":
            return page.go("/", "Done.")
        case "raises-404":
            raise NotFoundException
        case "refuses":
            raise refuse("name", "No.")
        case "unknown":
            raise Unknown(Problem("name", "Nobody."))
        case "again":
            return page.again("account/forgot_password.html", await page.form(Empty), sent=False, mail_leaves=True)
    raise Stop


@dataclass(frozen=True)
class Empty:
    """No field that must be given."""

    email: str = ""


async def test_a_deed_is_recorded_whole_or_not_at_all(site: Site) -> None:
    site.app = create_app(site.settings, site.database, clock=site.clock, routes=[write, *account.ROUTES])
    browser = await site.sign_in("owner")
    await browser.get("/account")
    for outcome, status in (("raises-404", 404), ("refuses", 400), ("unknown", 404), ("again", 422), ("breaks", 500)):
        answer = await browser.send_form(f"/try/{outcome}")
        assert (answer.status_code, await written(site)) == (status, (0, 0)), outcome
        await browser.get("/account")
    assert (await browser.send_form("/try/goes")).status_code == 303
    assert await written(site) == (1, 1)


async def written(site: Site) -> tuple[int, int]:
    """Organizations that the handler wrote, and what it said in the trail of ours."""
    async with site.database.read() as session:
        rows = select(func.count()).select_from(OrganizationRow).where(OrganizationRow.name == "Written")
        said = select(func.count()).select_from(TrailEntryRow)
        said = said.where(TrailEntryRow.action == "organization.added", TrailEntryRow.actor.startswith("user:"))
        return await session.scalar(rows) or 0, (await session.scalar(said) or 0) // 2


async def test_a_commit_that_fails_is_never_told_as_done(site: Site) -> None:
    """Litestar's plugins for databases answer first and commit after; here the commit comes first."""

    @post("/try", opt=needs(SIGNED_IN))
    async def breaks_late(page: NamedDependency[Page]) -> Redirect:
        def fail(_session: object) -> None:
            raise Stop

        event.listen(page.session.sync_session, "before_commit", fail)
        return page.go("/", "Done.")

    site.app = create_app(site.settings, site.database, clock=site.clock, routes=[breaks_late, *account.ROUTES])
    browser = await site.sign_in("owner")
    await browser.get("/account")
    assert (await browser.send_form("/try")).status_code == 500
    await browser.get("/account")
    assert (await browser.send_form("/account/name", {"name": "Dana"})).status_code == 303  # and the next one goes on


@get("/try-write", opt=PUBLIC)
async def write_by_get(page: NamedDependency[Page]) -> str:
    """A page that only reads has no way to write."""
    await page.session.execute(delete(OrganizationRow))
    await page.session.commit()
    return "written"


async def test_a_page_that_is_only_looked_at_cannot_write_on_the_embedded_database(site: Site) -> None:
    if not site.database.embedded:
        return
    site.app = create_app(site.settings, site.database, clock=site.clock, routes=[write_by_get])
    assert (await site.browser().get("/try-write")).status_code >= 500


# -- errors and logs -----------------------------------------------------------------------------------------------


async def test_a_page_that_is_not_there_says_so_in_the_look_of_the_others(site: Site) -> None:
    browser = site.browser()
    answer = await browser.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page here" in browser.words
    assert answer.headers["x-request-id"] in browser.words


async def test_an_address_asked_in_the_wrong_way_is_no_defect(site: Site) -> None:
    answer = await site.browser().post("/health/live")
    assert answer.status_code == 405


async def test_the_api_answers_with_problem_details(site: Site) -> None:
    answer = await site.browser().get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["status"] == 404
    assert answer.json()["title"] == "Not Found"


async def test_a_defect_tells_a_stranger_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    @get("/broken", opt=PUBLIC)
    async def broken() -> str:
        raise Stop("the password is hunter2")

    site.app = create_app(site.settings, site.database, clock=site.clock, routes=[broken])
    browser = site.browser()
    answer = await browser.get("/broken")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.headers["x-request-id"] in browser.words
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_request_leaves_one_line_without_its_token(site: Site) -> None:
    with structlog.testing.capture_logs() as lines:
        await site.browser().get("/sign-in/hOoM8FlgsHNQDur0mj7F5dfPsu5FFo_-yyyRJQgiDck?token=secret")
    mine = [each for each in lines if each["event"] == "request"]
    assert len(mine) == 1
    assert mine[0]["path"] == "/sign-in/***"
    assert mine[0]["status"] == 404
    assert "secret" not in json.dumps(lines)
    assert "hOoM8" not in json.dumps(lines)


async def test_who_goes_away_in_the_middle_of_a_form_is_no_defect_of_ours(site: Site) -> None:
    events = iter([{"type": "http.request", "body": b"email=a", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(events)

    async def send(_message: Any) -> None:
        """Nobody is there."""

    host = site.settings.public_url.partition("://")[2].encode()
    headers = [(b"host", host), (b"sec-fetch-site", b"same-origin"), (b"content-length", b"90")]
    headers += [(b"content-type", b"application/x-www-form-urlencoded")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/sign-in", "raw_path": b"/sign-in", "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    with structlog.testing.capture_logs() as lines:
        await site.app(scope, receive, send)  # type: ignore[arg-type]
    assert [each["status"] for each in lines if each["event"] == "request"] == [499]
    assert not [each for each in lines if each["event"] == "defect"]


def test_ids_stay_in_logged_paths_and_tokens_do_not() -> None:
    known = "/therapists/01a203fe-757e-774a-a965-87205f7ad9d7/credentials"
    assert shown_path(known) == known
    assert shown_path("/calendar/hOoM8FlgsHNQDur0mj7F5dfPsu5FFo_-yyyRJQgiDck.ics") == "/calendar/***"


def test_values_under_the_names_of_secrets_are_not_logged() -> None:
    said = conceal(None, "info", {"event": "x", "password": "p", "cookie": "c", "authorization": "a", "token": "t"})
    assert said == {"event": "x", "password": "***", "cookie": "***", "authorization": "***", "token": "***"}
