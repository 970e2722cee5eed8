"""Importing a roster through the pages: preview, choice of clinics, apply, corrections, undo."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from compliance.db.records import TherapistRow
from compliance.services.task_runner import Tools, run_waiting
from compliance.store import open_store
from tests.markup import outline
from tests.web.conftest import Browser, Site

DATA = Path(__file__).parents[1] / "data"
HEAD = "first_name,last_name,email,clinic,modality,credential_type,jurisdiction,number,issued_on,expires_on\n"
SOFIA = "Sofia,Ray,sofia@example.org,Tampa,Massage,LMT License,FL,MA92644,09/01/2025,08/31/2027\n"
KANSAS = "Kim,Low,kim@example.org,Kansas City,Massage,MBLEx,,123,05/01/2018,\n"


async def work(site: Site) -> None:
    """What the worker does with the tasks that wait."""
    store = open_store(site.settings.evidence_url, site.settings.home)
    await run_waiting(Tools(site.database, store, site.clock, site.settings.signing()), worker_id=uuid4())


async def upload(site: Site, browser: Browser, content: str | bytes, name: str = "roster.csv") -> str:
    """Sends a file and lets the worker judge it; where its page is."""
    await browser.get("/imports/new")
    given = content.encode() if isinstance(content, str) else content
    answer = await browser.send_form("/imports", {"create_clinics": "yes"}, files={"file": (name, given)})
    assert answer.status_code == 303, browser.words
    path = str(answer.headers["location"])
    await browser.get(path)
    await work(site)
    await browser.get(path)
    return path


async def test_a_preview_says_what_would_happen_and_nothing_is_written_before_it_is_confirmed(site: Site) -> None:
    browser = await site.sign_in("manager")
    path = await upload(site, browser, HEAD + SOFIA)
    assert "1 therapist to create, 0 to change: import them?" in browser.words
    assert "Aug 31, 2027" in browser.words
    assert outline(browser.page).faults == []
    await browser.get("/therapists")
    assert "Sofia Ray" not in browser.words
    await browser.get(path)
    await browser.send_form(f"{path}/confirm", {"deed": "apply"})
    await work(site)
    await browser.get(path)
    assert "1 therapist created, 0 changed." in browser.words
    assert "Make the first audit report" in browser.words
    await browser.get("/therapists")
    assert "Sofia Ray" in browser.words


async def test_a_running_import_shows_how_far_it_is_and_looks_again_without_a_script(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/imports/new")
    answer = await browser.send_form("/imports", {}, files={"file": ("roster.csv", (HEAD + SOFIA).encode())})
    await browser.get(answer.headers["location"])
    assert "Waiting for its turn" in browser.words
    assert f'<a href="{answer.headers["location"]}">Look again</a>' in browser.page
    assert "http-equiv" not in browser.page  # loading anew by itself takes a screen reader back to the top


async def test_the_same_file_again_changes_nothing(site: Site) -> None:
    browser = await site.sign_in("manager")
    path = await upload(site, browser, HEAD + SOFIA)
    await browser.send_form(f"{path}/confirm", {"deed": "apply"})
    await work(site)
    await upload(site, browser, HEAD + SOFIA)
    assert "Everything in this file is on file already." in browser.words


async def test_a_question_is_answered_where_it_is_listed(site: Site) -> None:
    browser = await site.sign_in("manager")
    path = await upload(site, browser, HEAD + SOFIA.replace("08/31/2027", "07/31/2027"))
    assert f"{path}/questions" not in browser.page  # nothing is written yet
    await browser.send_form(f"{path}/confirm", {"deed": "apply"})
    await work(site)
    await browser.get(f"{path}?show=questions")
    assert f"{path}/questions?line=2" in browser.page
    await browser.get(f"{path}/questions?line=2")
    assert "Go and correct" in browser.words
    assert outline(browser.page).faults == []
    await browser.send_form(f"{path}/questions", {"line": "2", "answer": "kept"})
    assert "Nothing is answered yet" in browser.words
    await browser.send_form(f"{path}/questions", {"line": "2", "answer": "kept", "reason": "It is printed so"})
    await browser.get(f"{path}?show=questions")
    assert "Kept as it is: It is printed so" in browser.words
    assert (await browser.get(f"{path}/questions?line=2")).status_code == 404


async def test_refused_rows_show_line_field_value_and_remedy_and_come_back_as_a_file(site: Site) -> None:
    browser = await site.sign_in("owner")
    path = await upload(site, browser, (DATA / "roster-bad-rows.csv").read_bytes())
    assert "11 of 12 rows cannot be taken as they are." in browser.words
    assert "Line 3" in browser.words
    assert "31/02/2027" in browser.words
    answer = await browser.send_form(f"{path}/confirm", {"deed": "apply"})
    assert answer.status_code == 422
    assert "Leave them out and import the rest" in browser.words
    assert outline(browser.page).faults == []
    file = await browser.get(f"{path}/corrections.csv")
    assert "attachment" in file.headers["content-disposition"]
    assert file.text.count("\n") == 12
    assert "problem" in file.text.splitlines()[0]


async def test_each_error_stands_beside_its_cell_with_the_value_what_is_allowed_and_the_remedy(site: Site) -> None:
    browser = await site.sign_in("owner")
    head = HEAD.replace("credential_type,", "").replace("jurisdiction", "State")
    bad = "Bo,Low,not an address,Tampa,Massage,Floridaa,MA1,09/01/2025,31/08/2027\n"
    await upload(site, browser, head + bad)
    for header, given in (("email", "not an address"), ("State", "Floridaa"), ("expires_on", "31/08/2027")):
        field = f'value="{given}" aria-label="{header}, line 2"'
        cell = rf'class="column">{header}</td>\s*<td role="cell" class="given"[^§]*?{re.escape(field)}'
        assert re.search(cell, browser.page), header
    assert "Is us-fl meant? What may stand there" in browser.words
    assert "us-wy (Wyoming)" in browser.words
    assert "Credential type no such column The row has number but no credential type. Say what it is." in browser.words
    assert "The whole row , line 2 first_name Bo last_name Low" in browser.words
    places = [browser.page.index(f">{each}<") for each in ("email", "State", "expires_on", "Credential type")]
    assert places == sorted(places), "in the order of the file's columns, what the file has no column for last"
    assert outline(browser.page).faults == []


async def test_cells_are_mended_on_the_page_and_checked_as_an_import_of_their_own(site: Site) -> None:
    browser = await site.sign_in("manager")
    head = HEAD.replace("credential_type,", "")
    bad = "Bo,Low,not an address,Tampa,Massage,FL,MA1,09/01/2025,08/31/2027\n"
    worse = "Cy,Low,cy@example.org,Tampa,Massage,Floridaa,,,\n"
    path = await upload(site, browser, head + "Di,Low,di@example.org,Tampa,Massage,,,,\n" + bad + worse)
    assert "2 of 3 rows cannot be taken" in browser.words
    given = {"cell-3-2": "bo@example.org", "cell-3-credential_type": "LMT License", "cell-4-5": "Floridaa"}
    answer = await browser.send_form(f"{path}/mend", given)
    assert answer.status_code == 303
    mended = str(answer.headers["location"])
    assert mended != path
    await work(site)
    await browser.get(mended)
    assert "roster-mended.csv" in browser.words
    assert "1 of 2 rows cannot be taken" in browser.words, "Bo is mended, Cy is as it was"
    answer = await browser.send_form(f"{mended}/mend", {"cell-3-5": "FL", "cell-3-credential_type": "LMT License"})
    await browser.get(answer.headers["location"])
    assert "The rest of the file waits in roster-mended.csv" in browser.words
    await work(site)
    await browser.get(answer.headers["location"])
    assert "Import of roster-mended.csv" in browser.words
    await browser.get("/therapists")
    assert "Bo Low" not in browser.words, "nothing is written before somebody says so"


async def test_mending_takes_no_cell_that_there_is_not_and_nothing_where_nothing_waits(site: Site) -> None:
    browser = await site.sign_in("manager")
    path = await upload(site, browser, HEAD + SOFIA)
    for strange in ("cell-2-99", "cell-2-person", "cell-x-1", "problem"):
        assert (await browser.send_form(f"{path}/mend", {strange: "x"})).status_code == 400, strange
    answer = await browser.send_form(f"{path}/mend", {"cell-2-2": "x"})
    assert answer.headers["location"] == path


async def test_many_refused_rows_come_in_pages_that_can_be_gone_through_both_ways(site: Site) -> None:
    browser = await site.sign_in("owner")
    path = await upload(site, browser, HEAD + "".join(f"Bo,Low{n},none,,,,,,,\n" for n in range(2, 112)))
    assert "1 to 50 of 110 rows" in browser.words
    assert "Previous 50" not in browser.words
    await browser.get(following(browser, "next"))
    assert "51 to 100 of 110 rows" in browser.words
    assert "Low52" in browser.words
    await browser.get(following(browser, "next"))
    assert "101 to 110 of 110 rows" in browser.words
    assert "Next 50" not in browser.words
    await browser.get(following(browser, "prev"))
    assert "51 to 100 of 110 rows" in browser.words
    await browser.get(following(browser, "prev"))
    assert "1 to 50 of 110 rows" in browser.words
    await browser.get(f"{path}?before=x&after=-1")
    assert "1 to 50 of 110 rows" in browser.words
    await browser.get(f"{path}?after=999")
    assert "No row here" in browser.words


def following(browser: Browser, which: str) -> str:
    """Where the button for the next or the previous page leads."""
    found = re.search(rf'href="([^"]+)" rel="{which}"', browser.page)
    assert found
    return unescape(found.group(1)).partition("#")[0]


async def test_a_clinic_that_is_not_on_file_is_created_in_the_state_that_was_chosen(site: Site) -> None:
    browser = await site.sign_in("owner")
    path = await upload(site, browser, HEAD + SOFIA + KANSAS)
    assert "1 of 2 rows cannot be taken as it is." in browser.words
    assert "Its state is not told by their licenses: choose it." in browser.words
    given = {"deed": "apply", "create_clinics": "yes", "clinics": ["Kansas City=us-ks"]}
    answer = await browser.send_form(f"{path}/confirm", given)
    assert answer.status_code == 303
    await work(site)
    await browser.get(path)
    assert "2 therapists created, 0 changed." in browser.words
    await browser.get("/clinics")
    assert "Kansas City" in browser.words


async def test_rows_that_are_left_out_do_not_keep_the_rest_from_being_imported(site: Site) -> None:
    browser = await site.sign_in("owner")
    path = await upload(site, browser, HEAD + SOFIA + KANSAS)
    await browser.send_form(f"{path}/confirm", {"deed": "apply", "create_clinics": "yes", "leave_out_refused": "yes"})
    await work(site)
    await browser.get(path)
    assert "1 row was left out" in browser.words


async def test_a_file_that_is_not_what_its_name_says_is_refused_with_a_sentence(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/imports/new")
    answer = await browser.send_form("/imports", {}, files={"file": ("roster.xlsx", b"first_name,last_name\n")})
    assert answer.status_code == 422
    assert "Save the roster as CSV or XLSX" in browser.words
    answer = await browser.send_form("/imports", {"create_clinics": "yes"})
    assert answer.status_code == 422
    assert "Give the roster" in browser.words


async def test_an_import_can_be_undone_with_a_reason(site: Site) -> None:
    browser = await site.sign_in("owner")
    path = await upload(site, browser, HEAD + SOFIA)
    await browser.send_form(f"{path}/confirm", {"deed": "apply"})
    await work(site)
    await browser.get(path)
    assert f"{path}/undo" in browser.page
    await browser.get(f"{path}/undo")
    assert re.search(r"Void from then on: 1 credential,.* 1 assignment\.", browser.words)
    assert "1 therapist that only this import added is void, too." in browser.words
    assert outline(browser.page).faults == []
    answer = await browser.send_form(f"{path}/undo", {"reason": ""})
    assert answer.status_code == 422
    assert "Nothing is undone" in browser.words
    answer = await browser.send_form(f"{path}/undo", {"reason": "The wrong file"})
    assert answer.headers["location"].startswith("/tasks/")
    await work(site)
    await browser.get(path)
    assert "The import of roster.csv was undone." in browser.words
    await browser.get("/therapists?people=merged")
    assert "Sofia" not in browser.words
    async with site.database.read() as session:
        sofia = await session.scalar(select(TherapistRow.id).where(TherapistRow.first_name == "Sofia"))
    await browser.get(f"/therapists/{sofia}")
    assert "The record of Sofia Ray is void." in browser.words
    assert (await browser.get(f"{path}/undo")).status_code == 404


async def test_an_import_can_be_thrown_away(site: Site) -> None:
    browser = await site.sign_in("owner")
    path = await upload(site, browser, HEAD + SOFIA)
    await browser.send_form(f"{path}/cancel")
    await browser.get("/imports")
    assert "Cancelled" in browser.words
    assert "Nothing waits to be imported." in browser.words


async def test_a_strangers_import_is_not_there(site: Site) -> None:
    ours, theirs = await site.sign_in("owner"), await site.sign_in("owner", stranger=True)
    path = await upload(site, ours, HEAD + SOFIA)
    assert (await theirs.get(path)).status_code == 404
    assert (await theirs.get(f"{path}/corrections.csv")).status_code == 404
    await theirs.get("/imports/new")
    for deed in ("confirm", "cancel", "undo"):
        assert (await theirs.send_form(f"{path}/{deed}", {})).status_code == 404


async def test_reviewers_and_auditors_import_nothing(site: Site) -> None:
    for role in ("reviewer", "auditor"):
        browser = await site.sign_in(role)
        assert (await browser.get("/imports/new")).status_code == 403
