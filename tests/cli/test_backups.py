"""A backup is whole, proves itself, goes into an empty place only, and moves between the two databases."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import clock
from compliance.crypto.ids import new_id
from compliance.db.records import PersonRow, Record, ReportRow, TherapistRow
from compliance.services import merging
from compliance.services.trail import Act
from compliance.store import open_store
from tests.cli.conftest import CommandLine, command_line

AUDIT = ("report", "audit", "--clinic", "Tampa", "--format", "csv", "--output")


@pytest.fixture
def saved(demonstration: CommandLine) -> Path:
    """A backup with a report and a merged record in it."""
    demonstration.says(*AUDIT, str(demonstration.folder / "tampa.csv"))
    demonstration.inside(merge_two)
    path = demonstration.folder / "saved.tar.gz"
    demonstration.says("backup", str(path))
    return path


async def merge_two(session: AsyncSession) -> None:
    """Rows that point to others of their own table: the kept record comes after the merged one."""
    rows = (await session.scalars(select(TherapistRow).order_by(TherapistRow.id).limit(2))).all()
    act = Act(rows[0].organization_id, "cli:tester", clock.now())
    await merging.merge(session, act=act, kept_id=rows[1].id, merged_id=rows[0].id, reason="the same person")


def contents(installation: CommandLine) -> dict[str, list[str]]:
    """Every row that is kept, as text."""

    async def read(session: AsyncSession) -> dict[str, list[str]]:
        found = {}
        for table in Record.metadata.sorted_tables:
            if table.name not in ("sessions", "sign_in_attempts", "job_runs"):
                found[table.name] = sorted(repr(row) for row in await session.execute(select(table)))
        return found

    return installation.inside(read)


def test_a_backup_restores_every_row_and_file_into_an_embedded_database(
    demonstration: CommandLine, saved: Path, tmp_path: Path
) -> None:
    new = command_line(tmp_path / "new")
    assert "every trail holds" in new.says("restore", str(saved))
    assert contents(new) == contents(demonstration)
    assert "entries hold" in new.says("trail", "verify")
    again = tmp_path / "again.csv"
    assert new.json("report", "verify", str(demonstration.folder / "tampa.csv"))["issued_here"] is True
    known_at = new.inside(known_at_of_the_report)
    new.says(*AUDIT, str(again), "--known-at", known_at)
    assert again.read_bytes() == (demonstration.folder / "tampa.csv").read_bytes()


def test_a_restore_under_another_secret_key_says_so(loaded_file: Path, tmp_path: Path) -> None:
    copied, file = shutil.copy(loaded_file, tmp_path / "old.db"), tmp_path / "b.tar"
    old = command_line(loaded_file.parent, f"sqlite:///{copied}")  # with the evidence that lies beside the original
    old.says("run", "checkpoint-trails")
    old.says("backup", str(file))
    same, other = command_line(tmp_path / "same"), command_line(tmp_path / "other")
    other.environment["COMPLIANCE_SECRET_KEY"] = "another key, of another installation"
    assert "another key" not in same("restore", str(file)).stderr
    restored = other("restore", str(file))
    assert restored.exit_code == 0
    assert "checkpoints under another key: bring that one back" in restored.stderr


async def known_at_of_the_report(session: AsyncSession) -> str:
    return str((await session.scalars(select(ReportRow.question))).one()["known_at"])


def test_a_backup_restores_into_whichever_database_is_empty(
    compliance: CommandLine, loaded_file: Path, tmp_path: Path
) -> None:
    embedded = command_line(loaded_file.parent, f"sqlite:///{loaded_file}")
    file = tmp_path / "moved.tar"
    embedded.says("backup", str(file))
    compliance.says("restore", str(file))
    assert contents(compliance) == contents(embedded)
    compliance.says("check", "--therapist", "Ana Ruiz", "--modality", "trigger point", "--clinic", "Tampa")


def test_a_place_that_is_not_empty_is_refused(demonstration: CommandLine, saved: Path) -> None:
    before = contents(demonstration)
    assert "The database is not empty" in demonstration.refuses("restore", str(saved))
    assert contents(demonstration) == before


def changed(saved: Path, name: str, content: bytes | None) -> Path:
    """The same backup with one member changed, or without it."""
    other = saved.with_name("changed.tar")
    with tarfile.open(saved) as old, tarfile.open(other, "w") as new:
        for member in old.getmembers():
            kept = old.extractfile(member)
            assert kept is not None
            data = kept.read() if member.name != name else content
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return other


def member(saved: Path, name: str) -> bytes:
    with tarfile.open(saved) as archive:
        found = archive.extractfile(name)
        assert found is not None
        return found.read()


def test_a_backup_that_was_changed_is_noticed_before_anything_is_written(saved: Path, tmp_path: Path) -> None:
    people = member(saved, "tables/therapists.jsonl").replace(b"Ana", b"Eve", 1)
    blob = json.loads(member(saved, "manifest.json"))["blobs"][0]["sha256"]
    new = command_line(tmp_path / "new")
    for name, content in (
        ("tables/therapists.jsonl", people),
        (f"blobs/{blob}", b"something else"),
        (f"blobs/{blob}", None),
        ("tables/trail_entries.jsonl", None),
    ):
        assert name.rpartition("/")[2].partition(".")[0] in new.refuses(
            "restore", str(changed(saved, name, content)), status=1
        )
    assert not (tmp_path / "new" / "home" / "compliance.db").exists()


def test_a_trail_that_was_cut_with_its_manifest_is_noticed_too(saved: Path, tmp_path: Path) -> None:
    """Somebody who mends the hashes of the tables still has to mend the chain."""
    from compliance.crypto.hashes import sha256_hex

    entries = member(saved, "tables/trail_entries.jsonl").splitlines(keepends=True)
    cut = b"".join(each for each in entries if b'"seq":9,' not in each)
    manifest = json.loads(member(saved, "manifest.json"))
    manifest["tables"]["trail_entries"] = {"rows": cut.count(b"\n"), "sha256": sha256_hex(cut)}
    half = changed(saved, "tables/trail_entries.jsonl", cut)
    whole = changed(half.rename(half.with_name("half.tar")), "manifest.json", json.dumps(manifest).encode())
    new = command_line(tmp_path / "new")
    assert "does not hold" in new.refuses("restore", str(whole), status=1)
    assert new.json("organization", "list") == []


def test_what_is_no_backup_is_refused(nowhere: CommandLine, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("not a tar")
    assert "no tar file" in nowhere.refuses("restore", str(other))
    assert "There is no file" in nowhere.refuses("restore", str(tmp_path / "none.tar"))
    with tarfile.open(tmp_path / "photos.tar", "w") as archive:
        archive.add(other)
    assert "is no backup of this program" in nowhere.refuses("restore", str(tmp_path / "photos.tar"))
    assert "There is no folder" in nowhere.refuses("backup", str(tmp_path / "none" / "b.tar"))


def test_a_backup_never_takes_the_place_of_another_unless_it_is_told_to(
    demonstration: CommandLine, saved: Path
) -> None:
    before = saved.read_bytes()
    assert "is there already" in demonstration.refuses("backup", str(saved))
    assert saved.read_bytes() == before
    demonstration.says("backup", str(saved), "--overwrite")
    assert saved.read_bytes() != before


def test_evidence_that_is_missing_is_told_and_the_rest_is_saved(demonstration: CommandLine, saved: Path) -> None:
    blob = json.loads(member(saved, "manifest.json"))["blobs"][0]["sha256"]
    home = demonstration.folder / "home"
    asyncio.run(open_store("file:evidence", home).remove(blob))
    done = demonstration("backup", str(saved), "--overwrite")
    assert (done.exit_code, blob in done.stderr) == (1, True)
    assert json.loads(member(saved, "manifest.json"))["missing"] == [blob]


def test_a_backup_is_of_one_moment_while_others_write(compliance: CommandLine) -> None:
    """What is added while tables are read is in none of them, and never waits for the backup."""
    compliance.says("demo")
    file = compliance.folder / "while.tar"
    running = compliance.process("backup", str(file))

    async def sign_up(session: AsyncSession) -> None:
        id_ = new_id(clock.now())
        row = {"id": id_, "email": f"{id_}@example.org", "folded_email": f"{id_}@example.org", "name": ""}
        await session.execute(insert(PersonRow), [row | {"created_at": clock.now()}])

    while running.poll() is None:
        compliance.inside(sign_up)
    assert running.returncode == 0
    new = command_line(compliance.folder / "new")
    assert "every trail holds" in new.says("restore", str(file))
