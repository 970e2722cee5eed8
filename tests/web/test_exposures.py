"""Exposure audits over HTTP: sent in, looked at, checked, downloaded; nothing about patients is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests import builders
from tests.markup import outline
from tests.web.conftest import Browser, Site
from tests.web.test_packets import work

HEAD = b"therapist,day,modality,clinic"
DONE = HEAD + b",room\nSofia Ray,2026-11-20,Massage therapy,Tampa,3\nSofia Ray,2022-11-20,Massage therapy,Tampa,3\n"


async def staffed(site: Site) -> None:
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        sofia = await builders.therapist(session, act, "Sofia", "Ray")
        await builders.assignment(session, act, sofia, site.ours.clinics[0])
        await builders.verified_license(session, act, sofia)


async def send(browser: Browser, content: bytes) -> str:
    await browser.get("/exposures")
    answer = await browser.send_form("/exposures", {}, files={"file": ("done.csv", content)})
    return str(answer.headers.get("location", ""))


def kept(site: Site) -> Iterator[bytes]:
    folder: Path = site.settings.home / "evidence"
    return (each.read_bytes() for each in folder.rglob("*") if each.is_file())


async def test_a_file_is_shown_checked_and_answered_with_its_lines_as_a_file(site: Site) -> None:
    await staffed(site)
    browser = await site.sign_in("manager")
    path = await send(browser, DONE)
    await browser.get(path)
    assert "2 treatments were read. Is this right?" in browser.words
    assert "Left unread and not kept: room." in browser.words
    assert outline(browser.page).faults == []
    assert (await browser.get(f"{path}/every-line.csv")).status_code == 404
    await browser.get(path)
    assert (await browser.send_form(f"{path}/check")).status_code == 303
    await browser.get(path)
    assert "2 treatments are being checked." in browser.words
    await work(site)
    await browser.get(path)
    assert "1 of 2 treatments was given by somebody who was not cleared." in browser.words
    assert "Nov 20, 2022" in browser.words
    assert outline(browser.page).faults == []
    file = await browser.get(f"{path}/not-cleared.csv")
    assert file.text.count("\n") == 2
    assert "2022-11-20" in file.text
    assert (await browser.get(f"{path}/every-line.csv")).text.count("\n") == 3
    await browser.get("/exposures")
    assert "done.csv" in browser.words
    assert outline(browser.page).faults == []


async def test_a_file_about_patients_is_refused_and_nothing_of_it_is_kept(site: Site) -> None:
    browser = await site.sign_in("owner")
    assert await send(browser, HEAD + b",Patient\nSofia Ray,2026-11-20,Massage therapy,Tampa,Jo Secret\n") == ""
    assert "“Patient” looks like data about patients" in browser.words
    assert not [each for each in kept(site) if b"Secret" in each]


async def test_a_file_that_is_not_right_is_dropped_once(site: Site) -> None:
    await staffed(site)
    browser = await site.sign_in("owner")
    path = await send(browser, DONE)
    await browser.get(path)
    assert (await browser.send_form(f"{path}/drop")).headers["location"] == "/exposures"
    await browser.get(path)
    assert "This file was not checked." in browser.words
    await browser.get("/exposures")
    assert (await browser.send_form(f"{path}/check")).status_code == 303
    assert "This file was not checked." in (await browser.get(path)).text


async def test_another_organizations_audit_is_not_there(site: Site) -> None:
    await staffed(site)
    ours, theirs = await site.sign_in("owner"), await site.sign_in("owner", stranger=True)
    path = await send(ours, DONE)
    assert (await theirs.get(path)).status_code == 404
    await theirs.get("/exposures")
    assert (await theirs.send_form(f"{path}/check")).status_code == 404
    assert (await (await site.sign_in("reviewer")).get("/exposures")).status_code == 403
