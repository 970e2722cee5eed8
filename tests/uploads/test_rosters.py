from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from compliance.uploads import rosters
from compliance.uploads.refusals import Refused
from compliance.uploads.rosters import roster_kind


def workbook() -> bytes:
    answer = io.BytesIO()
    with xlsxwriter.Workbook(answer) as book:
        book.add_worksheet().write_row(0, 0, ["first_name", "last_name"])
    return answer.getvalue()


def packed(**parts: bytes) -> bytes:
    answer = io.BytesIO()
    with zipfile.ZipFile(answer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for name, content in parts.items():
            archive.writestr(name, content)
    return answer.getvalue()


def kind_of(folder: Path, data: bytes, name: str) -> str:
    (folder / "upload").write_bytes(data)
    return roster_kind(folder / "upload", declared_name=name)


def reason_of(folder: Path, data: bytes, name: str) -> str:
    with pytest.raises(Refused) as caught:
        kind_of(folder, data, name)
    assert f"“{name}”" in str(caught.value)
    assert "Allowed are CSV files in UTF-8 and XLSX workbooks of up to 20 MB." in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"first_name;last_name\nZo\xc3\xab;M\n", "roster.csv", "csv"),
        (b"\xef\xbb\xbffirst_name\n", "roster.CSV", "csv"),
        (b"first_name\tlast_name\n", "roster.tsv", "csv"),
        (workbook(), "roster.xlsx", "xlsx"),
    ],
)
def test_a_roster_is_what_name_and_content_agree_on(tmp_path: Path, data: bytes, name: str, kind: str) -> None:
    assert kind_of(tmp_path, data, name) == kind


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "roster.csv", "empty"),
        (workbook(), "roster.csv", "head"),
        (b"a,b\n", "roster.xlsx", "head"),
        (b"%PDF-1.7", "roster.csv", "head"),
        (b"a,b\n", "roster.ods", "suffix"),
        (b"a,b\n", "roster", "suffix"),
        (b"a,b\nZo\xeb,M\n", "roster.csv", "encoding"),
        ("a,b\n".encode("utf-16"), "roster.csv", "encoding"),
        (b"a,\0b\n", "roster.csv", "encoding"),
        (b"a,b\nZo\xc3", "roster.csv", "encoding"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "roster.xlsx", "encrypted"),
        (workbook()[:-30], "roster.xlsx", "broken"),
        (b"PK\x03\x04nonsense", "roster.xlsx", "broken"),
        (packed(**{"xl/vbaProject.bin": b"macro"}), "roster.xlsx", "active"),
        (packed(**{"xl/sheet.xml": bytes(rosters.LARGEST_UNPACKED)}), "roster.xlsx", "bomb"),
        (packed(**{f"p{n}": b"" for n in range(2000)}), "roster.xlsx", "bomb"),
    ],
)
def test_what_is_no_roster_is_refused_with_what_to_do(tmp_path: Path, data: bytes, name: str, reason: str) -> None:
    assert reason_of(tmp_path, data, name) == reason


def test_the_line_that_is_not_utf_8_is_named_also_in_a_large_file(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(b"plain line\n" * 60_000 + b"Zo\xeb\n")
    with pytest.raises(Refused, match=r"line 60001"):
        roster_kind(tmp_path / "upload", declared_name="roster.csv")


def test_a_workbook_that_lies_about_its_size_is_counted(tmp_path: Path) -> None:
    size = rosters.LARGEST_UNPACKED
    honest = packed(**{"xl/sheet.xml": bytes(size)})
    lying = honest.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != honest
    with zipfile.ZipFile(io.BytesIO(lying)) as archive:
        assert archive.getinfo("xl/sheet.xml").file_size == 1000
    assert reason_of(tmp_path, lying, "roster.xlsx") == "bomb"


def test_a_workbook_with_two_parts_of_one_name_is_broken(tmp_path: Path) -> None:
    answer = io.BytesIO(packed())
    with zipfile.ZipFile(answer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", "<other/>")
    assert reason_of(tmp_path, answer.getvalue(), "roster.xlsx") == "broken"
