"""The workbook: nothing calculates, days are days, and it is pleasant to work with."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

from compliance.reports import render
from compliance.reports.spreadsheet import plain
from tests.reports.reading import sheets
from tests.reports.sample_reports import HOSTILE, harbor, report_of, therapist


def parts(xlsx: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(xlsx)) as package:
        return {name: package.read(name).decode() for name in package.namelist() if name.endswith((".xml", ".rels"))}


async def test_no_cell_calculates_and_none_links() -> None:
    names = (
        *HOSTILE,
        "http://evil.example/",
        "mailto:x@y.example",
        "internal:Sheet2!A1",
        "{=1}",
        "+1",
        "-1",
        "@SUM(1)",
    )
    found = parts(await render(report_of(*(therapist(n, name) for n, name in enumerate(names))), "xlsx"))
    assert not [name for name, text in found.items() if re.search(r"<f[ >]|<hyperlink|externalLink", text)]


async def test_days_are_dates_and_an_open_end_is_said_in_words() -> None:
    book = sheets(await render(harbor(), "xlsx"))
    ends = {row["ends_on"] for row in book["Terms"]}
    assert {date(2027, 8, 31), "does not end"} <= ends
    assert {type(row["starts_on"]) for row in book["Terms"]} == {date}


async def test_every_sheet_keeps_its_head_in_view_and_has_filters() -> None:
    found = parts(await render(harbor(), "xlsx"))
    pages = [text for name, text in found.items() if name.startswith("xl/worksheets/sheet")]
    assert len(pages) == 18
    assert all('state="frozen"' in text and "<autoFilter" in text for text in pages)


async def test_the_workbook_is_dated_by_the_instant_of_knowing() -> None:
    found = parts(await render(harbor(), "xlsx"))
    assert set(re.findall(r"2026-11-23T[0-9:]+Z", found["docProps/core.xml"])) == {"2026-11-23T13:10:05Z"}


def test_a_text_longer_than_a_cell_is_cut_where_one_sees_it() -> None:
    assert len(plain("x" * 40_000)) == 32_767
    assert plain("x" * 40_000).endswith("…")
    assert plain("a\x00b\tc") == "a\ufffdb\tc"
