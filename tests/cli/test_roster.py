"""Rosters in and out: all or nothing, the same file twice changes nothing, and an export imported changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.cli.conftest import CommandLine

HEADER = (
    "First Name,Last Name,Email,Clinic,Modalities,Started On,Credential Type,State,Lic No,Expires On,"
    "Renewed On,Standing,Verified On,Verified By,Verification Source\n"
)
GOOD = (
    "Ana,Ruiz,ana@example.org,Tampa,trigger point therapy,2023-01-05,LMT License,FL,MA 81,08/31/2027,"
    "2025-09-01,Active,2026-10-01,J. Ortiz,board website\n"
    "Bo,Lind,bo@example.org,Reno,massage therapy,2024-02-01,LMT License,NV,NVMT.7,2027-03-01,"
    "2025-03-02,Active,,,\n"
)
BAD = "Cy,Ode,cy@example.org,Tampa,massage therapy,2024-02-01,Reiki Master,FL,R 1,2027-02-30,,Active,,,\n"
HERE = ("--organization", "Harbor Massage")


@pytest.fixture
def harbor(compliance: CommandLine) -> CommandLine:
    """An empty organization."""
    compliance.says("organization", "add", "Harbor Massage")
    return compliance


def roster(harbor: CommandLine, *rows: str) -> str:
    path = harbor.folder / "roster.csv"
    path.write_text(HEADER + "".join(rows), "utf-8")
    return str(path)


def counts(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["created"], found["changed"], found["unchanged"]


CLINICS = ("--create-clinics", "Tampa=us-fl", "--create-clinics", "Reno=Nevada")


def test_a_roster_is_looked_at_applied_and_then_changes_nothing(harbor: CommandLine) -> None:
    words = ("import", "roster", roster(harbor, GOOD), *HERE, *CLINICS)
    looked = harbor.json(*words, "--dry-run")
    assert (looked["applied"], looked["refused"], counts(looked)) == (False, [], (2, 0, 0))
    assert harbor.json("clinic", "list") == []
    applied = harbor.json(*words)
    assert (applied["applied"], counts(applied)) == (True, (2, 0, 0))
    assert counts(harbor.json(*words)) == (0, 0, 2)
    assert [each["name"] for each in harbor.json("clinic", "list")] == ["Reno", "Tampa"]
    assert [(each["clinic"], each["status"]) for each in applied["clinics_lacking"]] == [("Tampa", "missing")]
    assert "Nobody is cleared at Tampa yet: Florida establishment license." in harbor(*words).stderr
    given = ("--number", "MM 1", "--issued-on", "2025-09-01", "--expires-on", "2027-08-31")
    harbor.says("clinic", "license", "add", "Tampa", *given)
    harbor.says("check", "--therapist", "Ana Ruiz", "--modality", "massage therapy", "--clinic", "Tampa",
                "--hypothetical", "--on", "2026-11-22")  # fmt: skip


def test_one_bad_row_holds_all_back_and_comes_back_to_be_corrected(harbor: CommandLine) -> None:
    corrections = harbor.folder / "again.csv"
    words = ("import", "roster", roster(harbor, GOOD, BAD), *HERE, *CLINICS, "--corrections", str(corrections))
    found = harbor.json(*words, status=1)
    assert found["applied"] is False
    assert {(each["line"], each["field"], each["value"]) for each in found["refused"]} == {
        (4, "credential_type", "Reiki Master"), (4, "expires_on", "2027-02-30"),
    }  # fmt: skip
    assert harbor.json("clinic", "list") == []
    header, row = corrections.read_text("utf-8-sig").splitlines()
    assert header == HEADER.strip() + ",problem"
    assert row.startswith(BAD.strip().rpartition(",Active")[0])
    said = harbor.says(*words, status=1)
    assert said.startswith("What it would do:")
    assert "line 4, credential_type 'Reiki Master': " in said


def test_good_rows_are_applied_when_the_bad_ones_are_left_out(harbor: CommandLine) -> None:
    words = ("import", "roster", roster(harbor, GOOD, BAD), *HERE, *CLINICS, "--leave-out-refused")
    found = harbor.json(*words, status=1)
    assert (found["applied"], counts(found)) == (True, (2, 0, 0))


def test_an_export_imported_changes_nothing(harbor: CommandLine) -> None:
    harbor.says("import", "roster", roster(harbor, GOOD), *HERE, *CLINICS)
    for name in ("out.csv", "out.xlsx"):
        path = harbor.folder / name
        harbor.says("export", "roster", *HERE, "--output", str(path))
        assert counts(harbor.json("import", "roster", str(path), *HERE)) == (0, 0, 2)
    rows = CalamineWorkbook.from_path(harbor.folder / "out.xlsx").get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert "Ana,Ruiz" in harbor.says("export", "roster", *HERE, "--output", "-")


def test_a_file_that_cannot_be_read_is_wrong_usage(harbor: CommandLine, tmp_path: Path) -> None:
    picture = tmp_path / "roster.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    wrong = {
        (str(tmp_path / "none.csv"),): "cannot be read",
        (str(picture),): "roster.xlsx",
        (roster(harbor, GOOD), "--create-clinics", "Tampa"): "names no jurisdiction",
        (roster(harbor, GOOD), "--create-clinics", "Tampa=ZZ"): "'ZZ' is not known",
    }
    for words, says in wrong.items():
        assert says in harbor.refuses("import", "roster", *words, *HERE), words


def test_a_look_from_the_command_line_leaves_no_import_waiting(harbor: CommandLine) -> None:
    found = harbor.json("import", "roster", roster(harbor, GOOD), *HERE, *CLINICS, "--dry-run")
    later = harbor.json("import", "roster", roster(harbor, GOOD), *HERE, *CLINICS)
    assert found["import"] != later["import"]
    assert '"run": 0' in harbor.says("run", "run-tasks")
