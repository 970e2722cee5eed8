"""Reading rosters in the child process: encodings, delimiters, quotes, lines, workbooks, and what is no roster."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from compliance.sources import FIELDS, Head, RosterRow, Unreadable, child, read_roster
from compliance.sources.typed import guarded, unguarded

DATA = Path(__file__).parent.parent / "data"


async def read(path: Path, name: str = "") -> tuple[Head, list[RosterRow]]:
    async with read_roster(path, declared_name=name or path.name) as reading:
        return reading.head, [row async for batch in reading.batches() for row in batch]


async def read_text(folder: Path, text: str | bytes, name: str = "roster.csv") -> tuple[Head, list[RosterRow]]:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return await read(path)


def value(row: RosterRow, field: str) -> str:
    return row.values[FIELDS.index(field)]


async def refusal(folder: Path, text: str | bytes, name: str = "roster.csv") -> str:
    with pytest.raises(Unreadable) as refused:
        await read_text(folder, text, name)
    return str(refused.value)


async def test_the_messy_sample_reads_without_a_problem() -> None:
    head, rows = await read(DATA / "roster-messy.csv")
    assert (head.kind, head.delimiter) == ("csv", ";")
    assert len(rows) == 89
    assert not [row.problems for row in rows if row.problems]
    assert value(rows[12], "first_name") == "Chloé"
    assert value(rows[0], "birth_date") == "1975-01-01"
    assert rows[0].extras == {"Locker": "0"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_the_delimiter_is_found_by_the_headers(tmp_path: Path, delimiter: str) -> None:
    head, rows = await read_text(tmp_path, "Last Name|Email|Notes\nA|a@x.org|b\n".replace("|", delimiter))
    assert head.delimiter == delimiter
    assert value(rows[0], "email") == "a@x.org"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_names_are_read_with_and_without_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    _head, rows = await read_text(tmp_path, "Last Name\nGrünwald\n".encode(encoding))
    assert value(rows[0], "last_name") == "Grünwald"


async def test_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    sentence = await refusal(tmp_path, "Last Name\nA\nGrünwald\n".encode("latin-1"))
    assert "not in UTF-8" in sentence
    assert "CSV UTF-8" in sentence


async def test_lines_are_the_files_own_across_quoted_line_ends_and_blank_lines(tmp_path: Path) -> None:
    text = 'Last Name,Notes\nA,"one\ntwo\nthree"\n\nB,x\n"C",y\n'
    _head, rows = await read_text(tmp_path, text)
    assert [(row.line, value(row, "last_name")) for row in rows] == [(2, "A"), (6, "B"), (7, "C")]
    assert value(rows[0], "notes") == "one\ntwo\nthree"


async def test_a_quotation_mark_that_never_closes_is_told_with_its_line(tmp_path: Path) -> None:
    assert "line 3" in await refusal(tmp_path, 'Last Name,Notes\nA,b\nB,"never closed\nC,d\n')


async def test_a_header_that_never_ends_is_told_like_a_cell_that_never_ends(tmp_path: Path) -> None:
    assert await refusal(tmp_path, "first_name," + ",".join(f"c{each}" for each in range(9_000)) + "\nAnn,Lee\n")
    said = await refusal(tmp_path, "x" * 40_000 + "\nAnn\n")
    assert "has a cell of more than 32,767 characters" in said


async def test_a_row_that_breaks_off_or_runs_over_is_a_problem_of_that_row(tmp_path: Path) -> None:
    _head, rows = await read_text(tmp_path, "Last Name,Email,Notes\nA\nB,b@x.org,fine\nC,c@x.org,one,two\n")
    assert [bool(row.problems) for row in rows] == [True, False, True]
    assert "breaks off before “Email”" in rows[0].problems[0].problem


async def test_what_a_row_says_wrongly_is_told_with_field_value_and_remedy(tmp_path: Path) -> None:
    text = "Last Name,Email,NPI,DOB\nA,nobody,1234567890,31/12/1980\n,b@x.org,,\n"
    _head, rows = await read_text(tmp_path, text)
    assert [(each.field, each.value) for each in rows[0].problems] == [
        ("birth_date", "31/12/1980"),
        ("email", "nobody"),
        ("npi", "1234567890"),
    ]
    assert all(each.problem.endswith(".") for each in rows[0].problems)
    assert [each.field for each in rows[1].problems] == ["last_name"]


async def test_a_workbook_gives_dates_and_whole_numbers(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "mm/dd/yy"})
    sheet.write_row(1, 0, ["Last Name", "NPI", "Expires", "Lic #", "Notes"])
    sheet.write_row(3, 0, ["Álvarez", 1234567893])
    sheet.write_datetime(3, 2, date(2027, 8, 31), day)
    sheet.write_number(3, 3, 80000)
    sheet.write_number(3, 4, 0.5)
    book.close()
    head, rows = await read(path)
    assert head.kind == "xlsx"
    row = rows[0]
    assert row.line == 4
    assert [value(row, each) for each in ("last_name", "npi", "expires_on", "number", "notes")] == [
        "Álvarez", "1234567893", "2027-08-31", "80000", "0.5",
    ]  # fmt: skip
    assert not row.problems


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("roster.xlsx", b"Last Name\nA\n", "is no workbook"),
        ("roster.csv", b"PK\x03\x04zipped", "is a workbook or archive"),
        ("roster.csv", b"%PDF-1.7\n", "is a PDF"),
        ("roster.pdf", b"%PDF-1.7\n", "A roster is one of"),
        ("roster.xlsx", b"PK\x03\x04 but broken", "cannot be read"),
        ("roster.xlsx", b"\xd0\xcf\x11\xe0old", "old or protected"),
        ("roster.csv", b"", "empty"),
        ("roster.csv", b"Last Name\nA\0B\n", "Line 2 holds a zero byte"),
    ],
)
async def test_what_is_no_roster_is_refused_by_a_sentence(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    assert says in await refusal(tmp_path, content, name)


async def test_rows_that_would_fill_the_memory_here_are_refused_by_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("first_name,last_name,notes\n" + f"Ana,Ruiz,{'x' * 20_000}\n" * 3, encoding="utf-8")
    monkeypatch.setattr(child, "_LONGEST", 10_000)
    async with read_roster(file, declared_name="roster.csv") as reading:
        with pytest.raises(Unreadable, match="more than 64 MB"):
            await anext(reading.batches())


def test_the_spreadsheet_reader_is_not_imported_by_the_door() -> None:
    code = "import sys, compliance.sources; print('python_calamine' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_a_guarded_cell_comes_back_as_it_was(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["=SUM(A1)", "+1 555", "-1", "@x", "  =1", "＝1", "\t=1"])
def test_what_a_spreadsheet_would_calculate_is_guarded(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
