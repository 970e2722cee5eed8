"""The evidence packet over HTTP: made by a task, downloaded as it is zipped, and only by whom the report is for."""

from __future__ import annotations

import hashlib
import io
import zipfile

from compliance.crypto.ids import new_id
from compliance.services import evidence
from compliance.services.task_runner import Tools, run_waiting
from compliance.store import open_store
from tests import builders
from tests.markup import outline
from tests.web.conftest import Browser, Site
from tests.web.test_reports import ask

PAPER = b"a license"
DIGEST = hashlib.sha256(PAPER).hexdigest()


async def staffed(site: Site) -> str:
    """A clinic with somebody in it who has a proof; its id."""
    tampa, act = site.ours.clinics[0], builders.act_in(site.ours.id, site.clock.now)
    file = evidence.NewEvidence("license.pdf", "pdf", "application/pdf", DIGEST, len(PAPER), 1)
    await open_store(site.settings.evidence_url, site.settings.home).put(PAPER, DIGEST)
    async with site.database.write.begin() as session:
        sofia = await builders.therapist(session, act, "Sofia", "Ray")
        await builders.assignment(session, act, sofia, tampa)
        held = await builders.verified_license(session, act, sofia)
        await evidence.attach(session, act=act, evidence=file, credential_id=held.id)
    return str(tampa)


async def work(site: Site) -> None:
    """The worker does what waits."""
    store = open_store(site.settings.evidence_url, site.settings.home)
    tools = Tools(site.database, store, site.clock, site.settings.signing())
    assert await run_waiting(tools, worker_id=new_id(site.clock.now)) == 1


async def report_of(site: Site, browser: Browser) -> str:
    return await ask(browser, clinic_id=await staffed(site))


async def test_a_packet_is_made_left_found_again_and_downloaded(site: Site) -> None:
    browser = await site.sign_in("auditor")
    report = await report_of(site, browser)
    await browser.get(report)
    assert f'href="{report}/packet"' in browser.page
    await browser.get(f"{report}/packet")
    assert (await browser.get(f"{report}/packet/file")).status_code == 404
    await browser.get(f"{report}/packet")
    assert (await browser.send_form(f"{report}/packet")).status_code == 303
    await browser.get(f"{report}/packet")
    assert "The evidence of Tampa is being read and checked." in browser.words
    again = await browser.send_form(f"{report}/packet") if browser.token else None
    assert again is None or again.status_code == 303
    await work(site)
    await browser.get(f"{report}/packet")
    assert "The packet is whole: the report and 1 piece of evidence." in browser.words
    assert outline(browser.page).faults == []
    file = await browser.get(f"{report}/packet/file")
    assert file.headers["content-disposition"].startswith('attachment; filename="evidence-tampa-2026-11-23.zip"')
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.read(next(each for each in archive.namelist() if each.startswith("people/Sofia Ray/"))) == PAPER
    assert hashlib.sha256(file.content).hexdigest() in (await browser.get(f"{report}/packet")).text


async def test_a_lost_proof_is_the_answer_of_the_page(site: Site) -> None:
    browser = await site.sign_in("owner")
    report = await report_of(site, browser)
    await open_store(site.settings.evidence_url, site.settings.home).remove(DIGEST)
    await browser.get(f"{report}/packet")
    await browser.send_form(f"{report}/packet")
    await work(site)
    await browser.get(f"{report}/packet")
    assert "1 of 1 piece of evidence is not in the packet." in browser.words
    assert "license.pdf" in browser.words
    assert outline(browser.page).faults == []


async def test_a_packet_is_for_whom_the_report_is_for(site: Site) -> None:
    ours, theirs = await site.sign_in("owner"), await site.sign_in("owner", stranger=True)
    report = await report_of(site, ours)
    await theirs.get("/reports")
    assert (await theirs.get(f"{report}/packet")).status_code == 404
    assert (await theirs.get(f"{report}/packet/file")).status_code == 404
    await theirs.get("/reports")
    assert (await theirs.send_form(f"{report}/packet")).status_code == 404
    assert (await (await site.sign_in("reviewer")).get(f"{report}/packet")).status_code == 403


async def test_the_inspector_sheet_is_one_click_away_and_of_ones_own_clinics_alone(site: Site) -> None:
    clinic_id = await staffed(site)
    browser = await site.sign_in("owner")
    await browser.get(f"/clinics/{clinic_id}")
    path = f"/clinics/{clinic_id}/inspector-sheet"
    assert f'action="{path}"' in browser.page
    assert (await browser.get(path)).status_code == 405  # each is written down as issued: a mere look makes none
    await browser.get(f"/clinics/{clinic_id}")
    sheet = await browser.send_form(path)
    assert sheet.content.startswith(b"%PDF-")
    assert sheet.headers["content-disposition"] == 'inline; filename="inspector-tampa-2026-11-23.pdf"'
    for role, stranger, status in (("owner", True, 404), ("reviewer", False, 403)):
        other = await site.sign_in(role, stranger=stranger)
        await other.get("/account")
        assert (await other.send_form(path)).status_code == status
