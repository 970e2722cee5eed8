"""A drill, on both databases: saved while others write, proven, put back, and compared to the last row and byte."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import clock
from compliance.crypto.hashes import sha256_hex
from compliance.db import portable
from compliance.db.records import OrganizationRow, TrailHeadRow
from compliance.services import therapists
from compliance.services.trail import Act
from compliance.store.blobs import blob_name
from tests.cli.conftest import CommandLine
from tests.cli.test_backups import changed, contents, member


async def add_somebody(session: AsyncSession) -> None:
    """A deed that moves the head of the trail."""
    ours = (await session.scalars(select(OrganizationRow.id))).one()
    now = clock.now()
    new = therapists.NewTherapist("Drill", f"Number {now:%f}", email=f"drill{now:%f}@example.org")
    await therapists.add(session, act=Act(ours, "cli:tester", now), therapist=new)


async def heads(session: AsyncSession) -> dict[str, dict[str, Any]]:
    rows = await session.execute(select(TrailHeadRow.organization_id, TrailHeadRow.seq, TrailHeadRow.hash))
    return {str(each.organization_id): {"seq": each.seq, "hash": each.hash.hex()} for each in rows}


async def lines(session: AsyncSession) -> dict[str, bytes]:
    """Each table as a backup writes it."""
    connection = await session.connection()
    return {
        table.name: b"".join([each async for each in portable.lines(connection, table)]) for table in portable.tables()
    }


def test_saved_while_others_write_and_put_back_in_the_place_of_what_came_after(demonstration: CommandLine) -> None:
    file = demonstration.folder / "drill.tar"
    running = demonstration.process("backup", str(file))
    deeds = 0
    while running.poll() is None or deeds == 0:
        demonstration.inside(add_somebody)
        deeds += 1
    assert running.returncode == 0
    manifest = json.loads(member(file, "manifest.json"))
    after = demonstration.inside(heads)
    blobs = [each["sha256"] for each in manifest["blobs"]]
    assert blobs
    for sha256 in blobs:  # the store is lost, too
        (demonstration.folder / "home" / "evidence" / blob_name(sha256)).unlink()
    assert "--replace-everything" in demonstration.refuses("restore", str(file))
    assert demonstration.inside(heads) == after
    assert "every trail holds" in demonstration.says("restore", str(file), "--replace-everything")
    assert demonstration.inside(heads) == manifest["trails"]
    for name, content in demonstration.inside(lines).items():
        assert sha256_hex(content) == manifest["tables"][name]["sha256"], name
    for sha256 in blobs:
        assert sha256_hex((demonstration.folder / "home" / "evidence" / blob_name(sha256)).read_bytes()) == sha256
    assert "entries hold" in demonstration.says("trail", "verify")


def test_a_backup_that_does_not_hold_replaces_nothing(demonstration: CommandLine) -> None:
    """Neither one with another byte, nor one whose hashes were mended but not its chain."""
    file = demonstration.folder / "saved.tar"
    demonstration.says("backup", str(file))
    demonstration.inside(add_somebody)
    before = contents(demonstration)
    people = member(file, "tables/therapists.jsonl").replace(b"Ana", b"Eve", 1)
    other = changed(file, "tables/therapists.jsonl", people)
    assert "not as it was" in demonstration.refuses("restore", str(other), "--replace-everything", status=1)
    whole = mended(file)
    assert "does not hold" in demonstration.refuses("restore", str(whole), "--replace-everything", status=1)
    assert contents(demonstration) == before


def mended(file: Path) -> Path:
    """A backup without one entry of the trail, and with the hash that fits."""
    entries = member(file, "tables/trail_entries.jsonl").splitlines(keepends=True)
    cut = b"".join(each for each in entries if b'"seq":9,' not in each)
    manifest = json.loads(member(file, "manifest.json"))
    manifest["tables"]["trail_entries"] = {"rows": cut.count(b"\n"), "sha256": sha256_hex(cut)}
    half = changed(file, "tables/trail_entries.jsonl", cut)
    assert tarfile.is_tarfile(half)
    return changed(half.rename(half.with_name("half.tar")), "manifest.json", json.dumps(manifest).encode())
