"""What every answer carries, what every change must show, and what is said when something goes wrong."""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import replace

import pytest
import uvicorn

from compliance.rendering import static
from compliance.settings import read_settings
from compliance.web.app import create_app
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

WHERE_FROM: tuple[tuple[dict[str, str], bool], ...] = (
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
