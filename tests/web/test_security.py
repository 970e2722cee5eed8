"""What every answer carries, what every change must show, and what is said when something goes wrong."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from dataclasses import dataclass, replace

import pytest
import structlog
import uvicorn
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import delete, event, func, select

from compliance.db.records import OrganizationRow, TrailEntryRow
from compliance.rendering import static
from compliance.services import organizations
from compliance.services.refusals import Problem, Unknown, refuse
from compliance.settings import read_settings
from compliance.web import account
from compliance.web.access import PUBLIC, SIGNED_IN, needs
from compliance.web.app import create_app
from compliance.web.logging import conceal, shown_path
from compliance.web.page import Html, Page
from compliance.web.security import headers
from compliance.web.sessions import cookie_name
from tests.web.conftest import KEY, Site

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'"
)


async def test_every_answer_has_the_headers(site: Site) -> None:
    for path in ("/sign-in", "/nowhere", "/static/app.css", "/health/live", "/account", "/sign-in/x"):
        given = (await site.browser().get(path)).headers
        assert given["content-security-policy"] == POLICY, path
        assert given["x-content-type-options"] == "nosniff"
        assert given["referrer-policy"] == "same-origin"
        assert given["cross-origin-resource-policy"] == "same-origin"
        assert "cache-control" in given
        assert "strict-transport-security" not in given  # plain http on this machine


def test_behind_tls_the_browser_is_told_to_stay_there() -> None:
    over_tls = read_settings({"COMPLIANCE_PUBLIC_URL": "https://example.org", "COMPLIANCE_SECRET_KEY": KEY})
    assert headers(over_tls)["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert headers(over_tls)["cross-origin-opener-policy"] == "same-origin"


async def test_no_page_has_anything_inline(site: Site) -> None:
    browser = await site.sign_in("owner")
    for path in ("/sign-in", "/account", "/organizations", "/forgot-password", "/nowhere"):
        page = (await browser.get(path)).text
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", page), path


async def test_pages_are_kept_by_nobody_and_files_for_good(site: Site) -> None:
    browser = site.browser()
    assert (await browser.get("/sign-in")).headers["cache-control"] == "no-store"
    file = await browser.get(static("app.css"))
    assert "immutable" in file.headers["cache-control"]
    assert file.headers["content-type"].startswith("text/css")
    again = await browser.get("/static/app.css", headers={"if-none-match": file.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "immutable" not in again.headers["cache-control"]


async def test_only_files_of_the_folder_are_served(site: Site) -> None:
    for name in ("../layout.html", "..%2Flayout.html", "nothing.css", "%2e%2e"):
        assert (await site.browser().get(f"/static/{name}")).status_code == 404, name


async def test_another_host_is_refused(site: Site) -> None:
    """A link made for another name would lead people there."""
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000"):
        assert (await site.browser().get("/sign-in", headers={"host": host})).status_code == 200, host
    for host in ("evil.example", "127.0.0.1:9", "127.0.0.1", "", "127.0.0.1:8000.evil.example"):
        assert (await site.browser().get("/sign-in", headers={"host": host})).status_code == 400, host
        assert (await site.browser().get("/health/live", headers={"host": host})).status_code == 200, host


@pytest.fixture
def unused_tcp_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- changes -------------------------------------------------------------------------------------------------------

WHERE_FROM = (
    ({"sec-fetch-site": "same-origin"}, True),
    ({"sec-fetch-site": "cross-site"}, False),
    ({"sec-fetch-site": "same-site"}, False),
    ({"sec-fetch-site": "none"}, False),
    ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"}, False),
    ({"origin": "http://127.0.0.1:8000"}, True),
    ({"origin": "http://localhost:8000"}, True),
    ({"origin": "http://127.0.0.1"}, False),
    ({"origin": "https://evil.example"}, False),
    ({"origin": "null"}, False),
    ({"referer": "http://127.0.0.1:8000/account"}, False),
    ({}, False),
)


async def test_a_change_comes_from_our_own_page(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/account")
    form = {"csrf_token": browser.token, "name": "Dana"}
    del browser.headers["sec-fetch-site"]
    for sent, accepted in WHERE_FROM:
        answer = await browser.post("/account/name", data=form, headers=sent)
        assert answer.status_code == (303 if accepted else 400), sent


async def test_signing_in_comes_from_our_own_page_too(site: Site) -> None:
    for sent, accepted in WHERE_FROM:
        stranger = site.browser()
        del stranger.headers["sec-fetch-site"]
        answer = await stranger.post("/sign-in", data={"email": "x@y.example"}, headers=sent)
        assert answer.status_code == (422 if accepted else 400), sent


async def test_a_change_carries_the_token_of_this_session(site: Site) -> None:
    mine, other = await site.sign_in("owner"), await site.sign_in("manager")
    await mine.get("/account")
    await other.get("/account")
    for token, status in (
        (mine.token, 303),
        (other.token, 400),
        ("", 400),
        ("x" * 96, 400),
        (mine.token[:-1], 400),
        (mine.token.upper(), 400),
    ):
        answer = await mine.post("/account/name", data={"csrf_token": token, "name": "Dana"})
        assert answer.status_code == status, token
    assert (await mine.post("/account/name", data={"name": "Dana"})).status_code == 400
    by_header = await mine.post("/account/name", data={"name": "Dana"}, headers={"x-csrf-token": mine.token})
    assert by_header.status_code == 303
    assert (await mine.post("/account/name", json={"name": "x"})).status_code == 400


async def test_a_token_planted_with_a_cookie_is_worth_nothing(site: Site) -> None:
    """Litestar's own middleware takes any pair of cookie and field that agree; this one asks for the session's."""
    browser = await site.sign_in("owner")
    for name in ("csrftoken", "csrf_token", "x-csrftoken"):
        browser.bring(name, "planted")
    answer = await browser.post("/account/name", data={"csrf_token": "planted", "name": "Dana"})
    assert answer.status_code == 400


async def test_a_field_that_a_form_does_not_have_is_refused(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/account")
    answer = await browser.send_form("/account/name", {"name": "Dana", "role": "owner"})
    assert answer.status_code == 400
    assert "role" in browser.words


async def test_a_body_that_is_too_large_is_refused_with_its_size(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/account")
    answer = await browser.send_form("/account/name", {"name": "x" * 300_000})
    assert answer.status_code == 413
    assert "You sent 293 KB." in browser.words
    assert "Up to 256 KB are allowed." in browser.words


async def test_a_huge_upload_is_answered_and_not_cut_off(site: Site, unused_tcp_port: int) -> None:
    """Over a real connection: a browser reads the answer only after it has sent everything."""
    settings = replace(site.settings, port=unused_tcp_port, public_url=f"http://127.0.0.1:{unused_tcp_port}")
    app = create_app(settings, site.database, clock=site.clock)
    server = uvicorn.Server(uvicorn.Config(app, port=unused_tcp_port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it has no event for it
        await asyncio.sleep(0.01)
    token = (await site.sign_in("owner")).cookies[cookie_name(settings)]
    answer = await send_whole(unused_tcp_port, f"session={token}", 30 * 2**20)
    server.should_exit = True
    await serving
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"You sent 30 MB." in answer


async def send_whole(port: int, cookie: str, size: int) -> bytes:
    """Sends everything before it reads anything, as browsers do."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    given = (
        "POST /account/name HTTP/1.1", f"host: 127.0.0.1:{port}", f"cookie: {cookie}", f"content-length: {size}",
        "content-type: multipart/form-data; boundary=x", "sec-fetch-site: same-origin", "connection: close",
    )  # fmt: skip
    writer.write("\r\n".join((*given, "", "")).encode())
    for _ in range(size // 2**20):
        writer.write(bytes(2**20))
        await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


async def test_what_is_said_once_is_said_once_and_only_by_us(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/account")
    await browser.send_form("/account/name", {"name": "Dana R"})
    await browser.get("/account")
    assert "Your name is changed." in browser.words
    await browser.get("/account")
    assert "Your name is changed." not in browser.words
    browser.bring("flash", "eyJ0ZXh0IjoiU2VuZCBtb25leSJ9.0000")
    await browser.get("/account")
    assert "money" not in browser.words


# -- what a page writes is kept or not, as a whole -----------------------------------------------------------------


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
            return page.again(
                "account/account.html", await page.form(Empty), person=page.viewer, memberships=[], part=""
            )
    raise Stop


@dataclass(frozen=True)
class Empty:
    """No field."""


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
    assert answer.headers["content-security-policy"] == POLICY


async def test_a_request_leaves_one_line_without_its_token(site: Site) -> None:
    with structlog.testing.capture_logs() as lines:
        await site.browser().get("/sign-in/hOoM8FlgsHNQDur0mj7F5dfPsu5FFo_-yyyRJQgiDck?token=secret")
    mine = [each for each in lines if each["event"] == "request"]
    assert len(mine) == 1
    assert mine[0]["path"] == "/sign-in/***"
    assert mine[0]["status"] == 404
    assert "secret" not in json.dumps(lines)
    assert "hOoM8" not in json.dumps(lines)


def test_ids_stay_in_logged_paths_and_tokens_do_not() -> None:
    known = "/therapists/01a203fe-757e-774a-a965-87205f7ad9d7/credentials"
    assert shown_path(known) == known
    assert shown_path("/calendar/hOoM8FlgsHNQDur0mj7F5dfPsu5FFo_-yyyRJQgiDck.ics") == "/calendar/***"


def test_values_under_the_names_of_secrets_are_not_logged() -> None:
    said = conceal(None, "info", {"event": "x", "password": "p", "cookie": "c", "authorization": "a", "token": "t"})
    assert said == {"event": "x", "password": "***", "cookie": "***", "authorization": "***", "token": "***"}
