"""A small sample of `make attack`, against the application itself; and each of its judges can see what it looks for."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests import builders
from tests.attack import faults, hostile_documents
from tests.attack.faults import PRODUCT
from tests.attack.hostile_files import all_of_them
from tests.attack.injecting import PAYLOADS
from tests.attack.tally import Tally
from tests.attack.writing import marks, write
from tests.uploads.files import active, pdf
from tests.web.conftest import Site


async def test_whatever_is_typed_is_text_in_every_format(site: Site) -> None:
    """Names of therapists, read back from pages and from both shapes of the roster."""
    browser = await site.sign_in("owner")
    await browser.get("/therapists/new")
    taken = 0
    for number, payload in enumerate(PAYLOADS):
        typed = {"first_name": payload, "last_name": f"{payload} {number}", "clinic_id": str(site.ours.clinics[0])}
        answer = await browser.send_form(
            "/therapists", typed | {"modalities": builders.MASSAGE, "starts_on": "2026-01-05"}
        )
        assert answer.status_code in (303, 422), payload
        assert not faults.faults_of_page(browser.page), payload
        taken += answer.status_code == 303
        await browser.get("/therapists")
        assert not faults.faults_of_page(browser.page), payload
    assert taken > 5
    assert not faults.faults_of_csv((await browser.get("/exports/roster.csv")).text)
    assert not faults.faults_of_workbook((await browser.get("/exports/roster.xlsx")).content)


def test_there_are_more_than_three_hundred_hostile_files_and_no_two_are_alike() -> None:
    made = all_of_them()
    assert len(made) > 300
    assert len({each.what for each in made}) == len(made)
    assert len({(each.name, each.content) for each in made}) > 0.97 * len(made)


def _mail(**headers: str) -> bytes:
    message = EmailMessage()
    for name, value in ({"To": "a@example.org"} | headers).items():
        message[name.replace("_", "-")] = value
    message.set_content("words")
    return message.as_bytes()


def _workbook(sheet: str) -> bytes:
    answer = io.BytesIO()
    with zipfile.ZipFile(answer, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return answer.getvalue()


@pytest.mark.parametrize(
    ("judge", "bad", "good"),
    [
        (faults.faults_of_page, PAYLOADS[0], "&lt;zq-evil onzq=1&gt;"),
        (faults.faults_of_page, "<p onclick='x'>", "<p>"),
        (faults.faults_of_page, PRODUCT, "{{7919*7907}}"),
        (faults.faults_of_page, "<a href='javascript:zq14()'>", "<a href='/therapists?q=javascript:zq14()'>"),
        (faults.faults_of_csv, "a,b\r\n=1+1,2\r\n", "a,b\r\n'=1+1,-2\r\n"),
        (faults.faults_of_workbook, _workbook("<c><f>1+1</f></c>"), _workbook("<c><t>=1+1</t></c>")),
        (faults.faults_of_calendar, "SUMMARY:a\r\nX-ZQ-EVIL:1\r\n", "SUMMARY:a\\nX-ZQ-EVIL:1\r\n"),
        (faults.faults_of_document, pdf(active("launch on a click")), pdf()),
        (faults.faults_of_mail, _mail(Bcc="b@example.org"), _mail()),
        (faults.faults_of_mail, _mail(X_Zq_Evil="1"), _mail(Subject="X-Zq-Evil: 1")),
    ],
)
def test_each_judge_sees_what_it_looks_for_and_nothing_else(judge: Any, bad: Any, good: Any) -> None:
    assert judge(bad)
    assert not judge(good)


def test_a_tally_that_tried_nothing_or_met_a_defect_is_not_good() -> None:
    tally = Tally("x")
    assert not tally.good
    tally.judge("a", 404, expected=(404,))
    assert tally.good
    tally.judge("b", 200, expected=(404,))
    assert tally.wrong == ["b -> 200"]
    tally.judge("c", 500, expected=(500,))
    assert (tally.tried, tally.refused, tally.failed) == (3, 1, ["c -> 500"])


def test_a_part_that_was_cut_off_is_not_good_and_is_said_in_the_document(tmp_path: Path) -> None:
    whole, cut = (
        Tally("whole", tried=2, refused=2),
        Tally("cut", tried=1, refused=1, unfinished="stopped after 5 seconds"),
    )
    assert (whole.good, cut.good) == (True, False)
    document = tmp_path / "security.md"
    (begin, end), other = marks("PostgreSQL"), " kept ".join(marks("SQLite"))
    document.write_text(f"before {other} {begin} old {end} after", "utf-8")
    write([whole, cut], builders.TODAY, 90, "PostgreSQL", document)
    said = document.read_text("utf-8")
    assert "| whole | 2 | 2 | 0 | 0 | 0 |" in said
    assert "**Not finished:** cut: stopped after 5 s" in said
    assert said.startswith(f"before {other} {begin}")
    assert said.endswith(f"{end} after")
    assert "old" not in said


def test_documents_that_act_do_so_in_more_than_forty_ways() -> None:
    assert len(hostile_documents.WAYS) + len(hostile_documents.OLD_WAYS) > 40
