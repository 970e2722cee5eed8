"""The ledger from scripts: what is on file, what is missing, and the pack; wrongly typed too."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from tests.uploads import files

ANA = ("--therapist", "Ana Ruiz")
COURSE = ("--title", "Ethics at work", "--completed", "2026-05-02", "--minutes", "180", "--form", "live")


def balances(command: CommandLine, status: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = command.json("education", "balance", *ANA, "--as-of", "2026-11-22", status=status)
    return found


def test_a_course_is_added_listed_and_counted(demonstration: CommandLine) -> None:
    before = {each["credential"]["id"]: each for each in balances(demonstration, 1)}
    id_ = demonstration.says("education", "add", *ANA, *COURSE, "--subject", "ethics=60").strip()
    listed = demonstration.json("education", "list", *ANA)
    assert [(each["id"], each["minutes"], each["subjects"]) for each in listed if each["id"] == id_] == [
        (id_, 180, {"ethics": 60})
    ]
    assert "Ethics at work" in demonstration.says("education", "list", *ANA)
    after = {each["credential"]["id"]: each for each in balances(demonstration, 1)}
    gained = [after[each]["counted_minutes"] - before[each]["counted_minutes"] for each in before]
    assert 180 in gained
    said = demonstration.says("education", "balance", *ANA, "--as-of", "2026-11-22", status=1)
    assert all(each["sentence"] in said for each in after.values())
    assert all(each["citation"] in said for each in after.values())


def test_the_same_course_again_is_refused_unless_one_is_sure(demonstration: CommandLine) -> None:
    demonstration.says("education", "add", *ANA, *COURSE)
    assert "is on file already" in demonstration.refuses("education", "add", *ANA, *COURSE)
    assert demonstration.json("education", "add", *ANA, *COURSE, "--sure")["id"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--title", "x", "--completed", "2026-05-02", "--minutes", "0", "--form", "live"), "minutes"),
        (("--title", "x", "--completed", "31/12/2026", "--minutes", "60", "--form", "live"), "month first"),
        (("--title", "x", "--completed", "2026-05-02", "--minutes", "60", "--form", "by-post"), "self-study"),
        ((*COURSE, "--subject", "ethics"), "ethics=120"),
        ((*COURSE, "--subject", "ethics=181"), "Each minute is of one subject"),
        ((*COURSE, "--certificate", "/nowhere/at-all.pdf"), "no file that can be read"),
    ],
)
def test_what_is_typed_wrongly_is_one_sentence(demonstration: CommandLine, words: tuple[str, ...], says: str) -> None:
    assert says in demonstration.refuses("education", "add", *ANA, *words)


def test_who_is_not_known_is_wrong_usage(demonstration: CommandLine) -> None:
    for verb in ("list", "balance"):
        assert "No therapist has" in demonstration.refuses("education", verb, "--therapist", "Nobody")


def test_the_pack_of_a_cycle_is_written_whole(demonstration: CommandLine, tmp_path: Path) -> None:
    scan = tmp_path / "ethics.pdf"
    scan.write_bytes(files.pdf())
    demonstration.says("education", "add", *ANA, *COURSE, "--certificate", str(scan))
    license_ = next(each for each in balances(demonstration, 1) if each["credential"]["type"] == "massage-license")
    out = tmp_path / "pack.zip"
    words = ("education", "pack", *ANA, "--credential", license_["credential"]["id"], "--as-of", "2026-11-22")
    demonstration.says(*words, "--output", str(out))
    with zipfile.ZipFile(out) as made:
        manifest = json.loads(made.read("manifest.json"))
        assert {each["name"] for each in manifest["files"]} | {"manifest.json"} == set(made.namelist())
    assert manifest["answer"] == next(
        each["sentence"] for each in balances(demonstration, 1) if each["credential"] == license_["credential"]
    )


def test_a_file_that_is_no_certificate_is_refused(demonstration: CommandLine, tmp_path: Path) -> None:
    scan = tmp_path / "ethics.gif"
    scan.write_bytes(files.gif())
    assert "Allowed are PDF, PNG and JPEG" in demonstration.refuses(
        "education", "add", *ANA, *COURSE, "--certificate", str(scan)
    )


def test_a_file_of_courses_is_looked_at_recorded_and_changes_nothing_the_second_time(
    demonstration: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "courses.csv"
    head = "First Name,Last Name,Title,Completed,Minutes,Form\n"
    file.write_text(head + "Ana,Ruiz,Ethics again,2026-05-02,180,live\nAna,Ruiz,Stones,2026-05-03,60,webinar\n")
    command = ("education", "import", str(file), "--organization", demonstration.json("organization", "list")[0]["id"])
    before = len(demonstration.json("education", "list", *ANA))
    assert demonstration.json(*command, "--dry-run")["new"] == 2
    assert len(demonstration.json("education", "list", *ANA)) == before
    assert demonstration.says(*command).strip() == "2 recorded, 0 on file already, 0 refused"
    assert len(demonstration.json("education", "list", *ANA)) == before + 2
    assert demonstration.says(*command).strip() == "0 recorded, 2 on file already, 0 refused"
    file.write_text(head + "Ana,Ruiz,More,2026-05-04,180,live\nNobody,Known,Stones,2026-05-03,60,webinar\n")
    said = demonstration.says(*command, status=1)
    assert "line 3, last_name: No therapist here has" in said
    assert len(demonstration.json("education", "list", *ANA)) == before + 2
    file.write_text("a,b\n")
    assert "has no column" in demonstration.refuses(*command)
