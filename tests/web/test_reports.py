"""Audit reports over HTTP: asking, the kept file, the list, and the public check of a file."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest

from compliance.crypto.ids import new_id
from compliance.web import reports
from tests import builders
from tests.markup import outline
from tests.web.conftest import Browser, Site


async def ask(browser: Browser, **more: str) -> str:
    """Asks for a report; where its page is."""
    await browser.get("/reports")
    answer = await browser.send_form("/reports", {"as_of": "2026-11-23", "format": "csv"} | more)
    assert answer.status_code == 303, browser.words
    return str(answer.headers["location"])


async def staffed(site: Site) -> str:
    """A clinic with somebody in it; its id."""
    tampa = site.ours.clinics[0]
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        await builders.trigger_point_therapist(session, act, tampa, first_name="Sofia", last_name="Ray")
    return str(tampa)


async def test_a_report_is_made_kept_and_listed_with_who_asked_and_its_hash(site: Site) -> None:
    clinic_id = await staffed(site)
    browser = await site.sign_in("owner")
    path = await ask(browser, clinic_id=clinic_id)
    await browser.get(path)
    assert "The audit report of Tampa for Nov 23, 2026 is ready." in browser.words
    file = await browser.get(f"{path}/file")
    assert "Sofia Ray" in file.text
    assert "attachment" in file.headers["content-disposition"]
    assert sha256(file.content).hexdigest() in (await browser.get(path)).text
    await browser.get("/reports")
    assert "Tampa, Nov 23, 2026" in browser.words
    assert "Dana Owner" in browser.words
    assert outline(browser.page).faults == []


async def test_a_pdf_opens_in_the_browser_and_is_a_pdf(site: Site) -> None:
    clinic_id = await staffed(site)
    browser = await site.sign_in("auditor")
    path = await ask(browser, clinic_id=clinic_id, format="pdf")
    file = await browser.get(f"{path}/file")
    assert file.content.startswith(b"%PDF-")
    assert file.headers["content-disposition"].startswith("inline")
    assert "default-src 'none'" not in file.headers["content-security-policy"]


async def test_half_a_period_is_asked_for_again(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/reports")
    answer = await browser.send_form("/reports", {"as_of": "2026-11-23", "format": "csv", "starts_on": "2026-01-01"})
    assert answer.status_code == 422
    assert "Give both days of the period, or neither." in browser.words
    assert 'value="2026-01-01"' in browser.page


async def test_a_report_may_be_limited_and_its_page_and_the_list_say_to_what(site: Site) -> None:
    await staffed(site)
    browser = await site.sign_in("owner")
    given = {"therapists": "Sofia Ray", "modalities": "trigger-point-therapy", "sample": "5", "seed": "7"}
    path = await ask(browser, **given)
    await browser.get(path)
    assert "1 therapist; Trigger point therapy; a sample of 5, drawn by seed 7" in browser.words
    file = (await browser.get(f"{path}/file")).text
    assert "Sofia Ray" in file
    await browser.get(path)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', browser.page))
    await browser.get("/reports")
    assert "only 1 therapist; Trigger point therapy; a sample of 5, drawn by seed 7" in browser.words
    again = await browser.send_form("/reports", hidden | {"format": "json"})
    question = (await browser.get(f"{again.headers['location']}/file")).json()["question"]
    assert question["sample"] == {"size": 5, "seed": 7, "of": 1, "by_trail": False}
    assert (question["therapists"], question["modalities"]) == (["Sofia Ray"], ["Trigger point therapy"])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"therapists": "Nobody Here"}, "Nobody here is called “Nobody Here”."),
        ({"modalities": "juggling"}, "“juggling” is no modality of the list."),
        ({"sample": "0"}, "A sample has at least one person."),
        ({"seed": "3"}, "Say how many people the seed is to draw."),
        ({"sample": "2", "seed": "-1"}, "Give a seed of 0 or more."),
    ],
)
async def test_a_limit_that_cannot_be_is_said_beside_its_field(
    site: Site, given: dict[str, str], sentence: str
) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/reports")
    answer = await browser.send_form("/reports", {"as_of": "2026-11-23", "format": "csv"} | given)
    assert answer.status_code == 422
    assert sentence in browser.words
    assert outline(browser.page).faults == []


async def test_the_shape_of_the_json_is_published(site: Site) -> None:
    browser = await site.sign_in("auditor")
    answer = await browser.get("/reports/schema")
    assert answer.headers["content-type"].startswith("application/schema+json")
    assert answer.json()["title"] == "Audit report"


async def test_a_big_report_becomes_a_task(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await staffed(site)
    monkeypatch.setattr(reports, "AT_ONCE", 0)
    browser = await site.sign_in("owner")
    path = await ask(browser)
    assert path.startswith("/tasks/")
    await browser.get(path)
    assert "Audit report of Harbor Trigger Point Clinics, CSV is being made." in browser.words


async def test_a_strangers_report_is_not_there(site: Site) -> None:
    await staffed(site)
    ours, theirs = await site.sign_in("owner"), await site.sign_in("owner", stranger=True)
    path = await ask(ours)
    assert (await theirs.get(path)).status_code == 404
    assert (await theirs.get(f"{path}/file")).status_code == 404
    await theirs.get("/reports")
    given = {"as_of": "2026-11-23", "format": "csv", "clinic_id": str(site.ours.clinics[0])}
    assert (await theirs.send_form("/reports", given)).status_code == 404


async def test_a_reviewer_neither_reads_nor_makes_reports(site: Site) -> None:
    browser = await site.sign_in("reviewer")
    assert (await browser.get("/reports")).status_code == 403


async def test_anybody_may_check_a_file_and_one_changed_byte_shows(site: Site) -> None:
    await staffed(site)
    browser = await site.sign_in("owner")
    path = await ask(browser)
    content = (await browser.get(f"{path}/file")).content
    anybody = site.browser()
    await anybody.get("/verify")
    await anybody.post("/verify", files={"file": ("report.csv", content)})
    assert "Unchanged: this file was issued here." in anybody.words
    assert "Harbor Trigger Point Clinics" in anybody.words
    await anybody.post("/verify", files={"file": ("report.csv", content + b" ")})
    assert "No file with exactly these bytes was issued here." in anybody.words
    await anybody.post("/verify", data={"sha256": sha256(content).hexdigest().upper()})
    assert "Unchanged: this file was issued here." in anybody.words
    answer = await anybody.post("/verify", data={"sha256": "abc"})
    assert answer.status_code == 422
    assert outline(anybody.page).faults == []


async def test_who_asks_about_files_without_end_has_to_wait_and_is_let_in_again(site: Site) -> None:
    anybody, given = site.browser(), {"sha256": "0" * 64}
    answers = [(await anybody.post("/verify", data=given)).status_code for _ in range(64)]
    assert answers[:60] == [200] * 60
    assert answers[-1] == 429
    assert "Wait half a minute" in anybody.words
    site.clock.forward(seconds=31)
    assert (await anybody.post("/verify", data=given)).status_code == 200


async def test_the_address_in_a_report_says_what_it_is_about(site: Site) -> None:
    await staffed(site)
    browser = await site.sign_in("owner")
    path = await ask(browser)
    anybody = site.browser()
    assert (await anybody.get(path.replace("/reports/", "/verify/"))).status_code == 200
    assert "Was this report changed after it was issued?" in anybody.words
    assert (await anybody.get(f"/verify/{new_id(site.clock.now)}")).status_code == 404


async def test_a_store_that_fails_is_named_and_nothing_is_issued(site: Site) -> None:
    clinic_id = await staffed(site)
    browser = await site.sign_in("owner")
    path = await ask(browser, clinic_id=clinic_id)
    store = site.settings.home / "evidence"
    store.rename(store.with_name("gone"))
    store.write_text("a file where the folder should be")
    assert (await browser.get(f"{path}/file")).status_code == 503
    assert "The evidence store cannot be used right now." in browser.words
    await browser.get("/reports")
    answer = await browser.send_form("/reports", {"as_of": "2026-11-22", "format": "csv"})
    assert answer.status_code == 503
    await browser.get("/imports/new")
    answer = await browser.send_form("/imports", {}, files={"file": ("a.csv", b"first_name,last_name\nSofia,Ray\n")})
    assert answer.status_code == 503
    assert str(site.settings.home) not in answer.text
