"""The roster as a download, which can be imported again."""

from __future__ import annotations

from tests.web.conftest import Site
from tests.web.test_imports import HEAD, SOFIA, upload, work


async def test_an_export_holds_the_roster_and_imported_again_changes_nothing(site: Site) -> None:
    browser = await site.sign_in("owner")
    path = await upload(site, browser, HEAD + SOFIA)
    await browser.send_form(f"{path}/confirm", {"deed": "apply"})
    await work(site)
    file = await browser.get("/exports/roster.csv")
    assert "MA92644" in file.text
    assert "attachment" in file.headers["content-disposition"]
    await upload(site, browser, file.content)
    assert "Everything in this file is on file already." in browser.words


async def test_a_spreadsheet_is_a_spreadsheet(site: Site) -> None:
    browser = await site.sign_in("manager")
    assert (await browser.get("/exports/roster.xlsx")).content.startswith(b"PK")
    assert (await browser.get("/exports/roster.pdf")).status_code == 404


async def test_an_export_holds_nobody_elses_people_and_is_not_for_everybody(site: Site) -> None:
    ours = await site.sign_in("owner")
    path = await upload(site, ours, HEAD + SOFIA)
    await ours.send_form(f"{path}/confirm", {"deed": "apply"})
    await work(site)
    theirs = await site.sign_in("owner", stranger=True)
    assert "Sofia" not in (await theirs.get("/exports/roster.csv")).text
    auditor = await site.sign_in("auditor")
    assert (await auditor.get("/exports/roster.csv")).status_code == 403
