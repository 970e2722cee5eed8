"""`compliance report packet`, as it is typed."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

from tests.cli.conftest import CommandLine


def issued(demonstration: CommandLine, tmp_path: Path) -> str:
    out = str(tmp_path / "report.json")
    found: Any = demonstration.json("report", "audit", "--clinic", "Tampa", "--format", "json", "--output", out)
    return str(found["id"])


def test_the_packet_of_an_issued_report_is_written_and_its_hash_is_the_result(
    demonstration: CommandLine, tmp_path: Path
) -> None:
    report, out = issued(demonstration, tmp_path), tmp_path / "packet.zip"
    said = demonstration.says("report", "packet", report, "--output", str(out)).strip()
    assert said == hashlib.sha256(out.read_bytes()).hexdigest()
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert "manifest.json" in archive.namelist()
    assert list(tmp_path.glob(".*.part")) == []


def test_what_is_no_report_is_refused_with_a_sentence(demonstration: CommandLine, tmp_path: Path) -> None:
    out = str(tmp_path / "packet.zip")
    unknown = "0193ab12-0000-7000-8000-000000000000"
    said = demonstration.refuses("report", "packet", unknown, "--output", out)
    assert said == f"No report has the id {unknown}.\n"
    assert "is not a valid UUID" in demonstration.refuses("report", "packet", "tampa", "--output", out)


def test_the_inspector_sheet_is_written(demonstration: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "tampa.pdf"
    demonstration.says("report", "inspector", "--clinic", "Tampa", "--output", str(out))
    assert out.read_bytes().startswith(b"%PDF-")
    assert "Nowhere" in demonstration.refuses("report", "inspector", "--clinic", "Nowhere", "--output", str(out))
