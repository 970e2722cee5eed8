"""The matrix: each cell is the finding of the therapist's own page, and the file holds what the page shows."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from compliance.domain.credentials import StandingCode
from compliance.domain.periods import FOREVER
from compliance.services import standings
from compliance.web import matrix
from tests import builders
from tests.markup import outline
from tests.web import people
from tests.web.conftest import Browser, Site, unlicensed
from tests.web.people import MASSAGE, ORLANDO, TRIGGER_POINT

OWN = ("met", "Met Dec 31, 2099")
"""The license of the clinic itself."""


async def shown(site: Site, query: str = "", role: str = "manager") -> Browser:
    browser = await site.sign_in(role)
    answer = await browser.get(f"/matrix{query}")
    assert answer.status_code == 200
    assert outline(browser.page).faults == []
    return browser


def cells(browser: Browser, name: str) -> list[tuple[str, str]]:
    """Status and words of each cell in somebody's first row."""
    row = browser.page.partition(f"<bdi>{name}</bdi>")[2].partition("</tr>")[0]
    found = re.findall(r'<td data-status="([\w-]+)">(.*?)</td>', row, re.DOTALL)
    return [(status, " ".join(re.sub(r"<[^>]+>", " ", words).split())) for status, words in found]


async def test_a_cell_says_its_status_and_until_when(site: Site) -> None:
    id_ = await people.cleared(site, modalities=(TRIGGER_POINT,))
    exam = {"starts_on": date(2019, 6, 14), "ends_on": FOREVER, "jurisdiction": None}
    await people.credential(site, id_, "mblex", **exam)
    browser = await shown(site)
    assert cells(browser, "Sofia Papadopoulou") == [
        ("met", "Met Aug 31, 2027"),
        ("met", "Met MBLEx"),
        ("missing", "Missing"),
        ("missing", "Missing"),
        OWN,
    ]
    assert "2 gaps stand between 1 therapist and their work." in browser.words
    assert "The state asks The practice asks Asked of the clinic Florida massage license" in browser.words
    assert "In force 1 of 1 1 of 1 0 of 1 0 of 1 1 of 1" in browser.words


async def test_what_the_board_said_and_when_something_lapsed_stand_in_the_cell(site: Site) -> None:
    marcus = await people.therapist(site, "Marcus Bell")
    await people.license_of(site, marcus, starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31))
    jorge = await people.therapist(site, "Jorge Luna", ORLANDO)
    held = await people.license_of(site, jorge)
    async with site.database.write.begin() as session:
        told = standings.StandingChange(held.id, StandingCode.SUSPENDED, date(2026, 10, 12))
        await standings.record_standing(session, act=site.act(), change=told)
    browser = await shown(site)
    assert cells(browser, "Marcus Bell") == [("lapsed", "Lapsed Aug 31, 2025"), OWN]
    assert cells(browser, "Jorge Luna") == [("blocked", "Suspended"), OWN]


async def test_a_cell_leads_to_the_line_of_the_therapists_page_that_says_the_same(site: Site) -> None:
    id_ = await people.therapist(site, modalities=(TRIGGER_POINT,))
    browser = await shown(site, "?as_of=2026-12-01")
    link = re.search(rf'href="(/therapists/{id_}\?[^"]+)#membership"', browser.page)
    assert link
    await browser.get(link.group(1).replace("&amp;", "&"))
    assert 'id="membership"' in browser.page
    assert "As of Dec 1, 2026" in browser.words


async def test_a_clinics_own_lapsed_license_stands_in_the_row_of_everybody_there(site: Site) -> None:
    await people.cleared(site)
    await unlicensed(site)
    async with site.database.write.begin() as session:
        place: dict[str, Any] = {"clinic_id": site.ours.clinics[people.TAMPA], "starts_on": date(2025, 1, 1)}
        ends_on = date(2026, 5, 31)
        await builders.credential(session, site.act(), None, "establishment-license", ends_on=ends_on, **place)
    browser = await shown(site)
    assert cells(browser, "Sofia Papadopoulou") == [("met", "Met Aug 31, 2027"), ("lapsed", "Lapsed May 31, 2026")]
    assert "Asked of the clinic" in browser.words
    file = (await browser.get("/matrix/as-shown.csv")).text.splitlines()
    assert "Florida establishment license" in file[0]
    assert "May 31, 2026" in file[1] or "2026-05-31" in file[1]


async def test_somebody_at_two_clinics_has_a_row_for_each(site: Site) -> None:
    id_ = await people.cleared(site)
    async with site.database.write.begin() as session:
        where = site.ours.clinics[ORLANDO]
        await builders.assignment(session, site.act(), id_, where, (TRIGGER_POINT,), date(2027, 1, 4))
    browser = await shown(site)
    assert browser.page.count("<bdi>Sofia Papadopoulou</bdi>") == 2
    only = await shown(site, f"?clinic={site.ours.clinics[ORLANDO]}")
    assert only.page.count("<bdi>Sofia Papadopoulou</bdi>") == 1
    assert len(cells(only, "Sofia Papadopoulou")) == 5


async def test_filters_narrow_people_and_columns(site: Site) -> None:
    await people.cleared(site)
    await people.therapist(site, "Marcus Bell", modalities=(TRIGGER_POINT,))
    browser = await shown(site, f"?modality={MASSAGE}")
    assert "Marcus Bell" not in browser.words
    assert "Professional membership" not in browser.words
    assert "Nothing stands between 1 therapist and massage therapy." in browser.words
    lacking = await shown(site, "?verdict=no")
    assert "Marcus Bell" in lacking.words
    assert "Sofia" not in lacking.words
    nobody = await shown(site, "?q=nobody-is-called-this")
    assert "Nobody fits" in nobody.words


async def test_another_day_is_shown_as_it_was(site: Site) -> None:
    await people.cleared(site)
    browser = await shown(site, "?as_of=2027-09-01")
    assert cells(browser, "Sofia Papadopoulou") == [("lapsed", "Lapsed Aug 31, 2027"), OWN]


async def test_pages_follow_by_name_and_the_file_holds_them_all(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "ROWS", 2)
    monkeypatch.setattr(matrix, "AT_ONCE", 2)
    for name in ("Ana Alba", "Bea Berg", "Cia Cole", "Dee Dahl", "Eve Egan"):
        await people.therapist(site, name)
    browser = await shown(site)
    seen = re.findall(r"<bdi>(\w+ \w+)</bdi></a> <span", browser.page)
    while following := re.search(r'href="([^"]+)" rel="next"', browser.page):
        await browser.get(following.group(1).replace("&amp;", "&"))
        seen += re.findall(r"<bdi>(\w+ \w+)</bdi></a> <span", browser.page)
    assert seen == ["Ana Alba", "Bea Berg", "Cia Cole", "Dee Dahl", "Eve Egan"]
    file = await browser.get("/matrix/as-shown.csv")
    assert [line["Therapist"] for line in csv.DictReader(io.StringIO(file.text.lstrip("\ufeff")))] == seen


async def test_the_file_says_what_the_page_says_as_text_and_as_days(site: Site) -> None:
    await people.cleared(site)
    await people.therapist(site, "=Marcus Bell", ORLANDO)
    browser = await site.sign_in("manager")
    file = await browser.get(f"/matrix/as-shown.csv?clinic={site.ours.clinics[0]}&modality={MASSAGE}")
    head, *lines = csv.reader(io.StringIO(file.text.lstrip("\ufeff")))
    own = ["Florida establishment license", "Florida establishment license until"]
    assert head == ["Therapist", "Clinic", "Florida massage license", "Florida massage license until", *own]
    assert lines == [["Sofia Papadopoulou", "Tampa", "Met", "2027-08-31", "Met", "2099-12-31"]]
    every = (await browser.get("/matrix/as-shown.csv")).text
    assert "'=Marcus Bell" in every
    book = CalamineWorkbook.from_filelike(io.BytesIO((await browser.get("/matrix/as-shown.xlsx")).content))
    cells = next(row for row in book.get_sheet_by_name("Matrix").to_python() if row[0] == "Sofia Papadopoulou")
    assert date(2027, 8, 31) in cells


async def test_files_are_for_those_who_may_export_and_have_two_names(site: Site) -> None:
    await people.cleared(site)
    browser = await site.sign_in("owner")
    assert (await browser.get("/matrix/as-shown.pdf")).status_code == 404
    assert (await browser.get("/matrix/other.csv")).status_code == 404
    auditor = await shown(site, role="auditor")
    assert "as-shown" not in auditor.page
    assert (await auditor.get("/matrix/as-shown.csv")).status_code == 403


async def test_nobody_elses_people_stand_in_it(site: Site) -> None:
    await people.cleared(site)
    theirs = await site.sign_in("owner", stranger=True)
    await theirs.get("/matrix")
    assert "Sofia" not in theirs.words
    assert "Sofia" not in (await theirs.get("/matrix/as-shown.csv")).text


async def test_who_works_nowhere_yet_is_there_and_asked_nothing(site: Site) -> None:
    await people.cleared(site)
    await people.therapist(site, "Hannah Lind", clinic=None)
    browser = await shown(site)
    assert "Hannah Lind No clinic yet Not asked" in browser.words
