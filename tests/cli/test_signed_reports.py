"""Signed reports and trails from the command line, and in the hands of an auditor who has Python alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import clock
from compliance.crypto.offline.signed_pdf import inspect
from compliance.db.records import ReportFingerprintRow, ReportRow, TrailEntryRow
from tests.cli.conftest import CommandLine, command_line


def make(installation: CommandLine, name: str, *more: str) -> Path:
    file = installation.folder / name
    installation.says("report", "audit", "--clinic", "Tampa", "--format", "pdf", "--output", str(file), *more)
    return file


def python(folder: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_pdf_is_verified_here_and_by_the_script_and_one_changed_byte_is_found_by_both(
    demonstration: CommandLine,
) -> None:
    file = make(demonstration, "tampa.pdf")
    said = demonstration.json("report", "verify", str(file))
    assert (said["answer"], said["certificate"]["ours"], said["certificate"]["expired"]) == ("unchanged", True, False)
    told = demonstration.says("report", "verify", str(file))
    assert told.startswith("Yes. Issued here and unchanged since.")
    assert f"Id            {said['report']}" in told
    assert re.search(r"Records as of \w+ \d+, \d{4}, \d+:\d\d [AP]M America/New_York \(.* UTC\), up to entry", told)
    demonstration.says("report", "verifier", "--output", str(demonstration.folder / "check.py"))
    fingerprint = said["certificate"]["fingerprint"]
    words = ("check.py", "tampa.pdf", "--fingerprint", fingerprint)
    status, text = python(demonstration.folder, *words)
    assert (status, text.startswith("UNCHANGED.")) == (0, True)
    content = bytearray(file.read_bytes())
    content[5000] ^= 1
    file.write_bytes(bytes(content))
    assert demonstration.json("report", "verify", str(file), status=1)["answer"] == "changed"
    assert python(demonstration.folder, *words)[0] == 1


def test_a_changed_row_of_the_database_is_found(demonstration: CommandLine) -> None:
    file = make(demonstration, "tampa.pdf")

    async def tamper(session: AsyncSession) -> None:
        row = (await session.scalars(select(TrailEntryRow).where(TrailEntryRow.action == "report.issued"))).one()
        row.body = row.body.replace(":", ": ", 1)

    demonstration.inside(tamper)
    assert demonstration.json("report", "verify", str(file), status=1)["answer"] == "disputed"
    assert "does not hold" in demonstration.says("trail", "verify", status=1)


def test_a_report_of_another_installation_and_a_picture_have_their_own_answers(
    demonstration: CommandLine, nowhere: CommandLine
) -> None:
    file = make(demonstration, "tampa.pdf")
    elsewhere = command_line(nowhere.folder / "other")
    elsewhere.folder.mkdir()
    elsewhere.says("db", "upgrade")
    assert elsewhere.json("report", "verify", str(file), status=1)["answer"] == "elsewhere"
    picture = demonstration.folder / "a.png"
    picture.write_bytes(b"\x89PNG")
    assert demonstration.says("report", "verify", str(picture), status=1).startswith("No. This is not a report.")


def test_another_process_makes_the_same_bytes_before_it_signs(demonstration: CommandLine) -> None:
    """The kept file is forgotten, and made anew by a process that knows nothing of the first."""
    now = clock.now().isoformat()

    async def unsigned(session: AsyncSession) -> str | None:
        return await session.scalar(select(ReportRow.unsigned_sha256))

    async def forget(session: AsyncSession) -> None:
        await session.execute(delete(ReportFingerprintRow))
        await session.execute(delete(ReportRow))

    first = make(demonstration, "one.pdf", "--known-at", now).read_bytes()
    before = demonstration.inside(unsigned)
    demonstration.inside(forget)
    file = demonstration.folder / "two.pdf"
    words = ("report", "audit", "--clinic", "Tampa", "--format", "pdf", "--known-at", now, "--output", str(file))
    other = demonstration.process(*words)
    assert other.wait() == 0, other.communicate()
    assert demonstration.inside(unsigned) == before
    assert before
    assert file.read_bytes() != first


def test_a_restored_installation_knows_its_reports_and_signs_with_the_same_certificate(
    demonstration: CommandLine, tmp_path: Path
) -> None:
    file = make(demonstration, "tampa.pdf")
    demonstration("backup", str(tmp_path / "all.tar"))
    new = command_line(tmp_path / "new")
    new("restore", str(tmp_path / "all.tar"))
    assert new.json("report", "verify", str(file))["answer"] == "unchanged"
    again = inspect(make(new, "later.pdf").read_bytes())
    assert again.certificate == inspect(file.read_bytes()).certificate


def test_a_trail_is_exported_and_checked_by_the_script(demonstration: CommandLine) -> None:
    folder = demonstration.folder
    assert demonstration.json("run", "checkpoint-trails")["done"]["signed"] == 2
    assert "1 signed checkpoint" in demonstration.says("trail", "verify")
    demonstration.says("trail", "export", "--output", str(folder / "trail.jsonl"))
    demonstration.says("trail", "verifier", "--output", str(folder / "check.py"))
    status, said = python(folder, "check.py", "trail.jsonl")
    assert (status, said.startswith("WHOLE.")) == (0, True)
    report = folder / "a.json"
    demonstration.says("report", "audit", "--clinic", "Tampa", "--format", "json", "--output", str(report))
    (folder / "printed.txt").write_text(json.loads(report.read_bytes())["provenance"]["checkpoint"], "utf-8")
    demonstration.says("trail", "export", "--output", str(folder / "trail.jsonl"))
    assert python(folder, "check.py", "trail.jsonl", "--checkpoint", "printed.txt")[0] == 0
    lines = (folder / "trail.jsonl").read_text("utf-8").replace("organization.added", "organization.adopted", 1)
    (folder / "trail.jsonl").write_text(lines, "utf-8")
    assert python(folder, "check.py", "trail.jsonl")[0] == 1
    assert "cannot be written" in demonstration.refuses("trail", "export", "--output", str(folder / "no" / "t.jsonl"))


def test_an_end_that_was_cut_off_is_found_by_the_checkpoint(demonstration: CommandLine) -> None:
    demonstration.says("run", "checkpoint-trails")

    async def cut(session: AsyncSession) -> None:
        from compliance.db.records import INSTALLATION, TrailHeadRow

        last = await session.scalar(select(TrailHeadRow).where(TrailHeadRow.organization_id != INSTALLATION))
        assert last is not None
        mine = (TrailEntryRow.organization_id == last.organization_id, TrailEntryRow.seq >= last.seq)
        await session.execute(delete(TrailEntryRow).where(*mine))
        before = select(TrailEntryRow.hash).where(
            TrailEntryRow.organization_id == last.organization_id, TrailEntryRow.seq == last.seq - 1
        )
        digest = await session.scalar(before)
        await session.execute(
            update(TrailHeadRow)
            .where(TrailHeadRow.organization_id == last.organization_id)
            .values(seq=last.seq - 1, hash=digest)
        )

    demonstration.inside(cut)
    assert "a checkpoint or a report knows of" in demonstration.says("trail", "verify", status=1)
