"""Backups: everything on record at one moment, and the evidence, in one file that proves itself.

The file is a tar of `tables/NAME.jsonl`, `blobs/SHA256` and `manifest.json`, which names the hash of each table and the
head of each trail. Database first, evidence after: evidence is never changed, so nothing on record can dangle.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from compliance.db import portable, revisions
from compliance.db.engine import Database
from compliance.db.queries.audit_reports import KIND
from compliance.db.records import EvidenceRow, FormerFactsRow, OrganizationRow, ReportRow, TaskRow, TrailHeadRow
from compliance.db.scope import SYSTEM, tell
from compliance.services.audit_reports.frame import program_version
from compliance.store import EvidenceDamaged, EvidenceMissing, Store

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"


@dataclass(slots=True)
class BackedUp:
    """What a backup holds; `missing` are files that the records name and the store has not got."""

    rows: int = 0
    blobs: int = 0
    missing: list[str] = field(default_factory=list)


async def backup(database: Database, store: Store, path: Path, *, now: datetime) -> BackedUp:
    """Writes the backup to `path`; it appears whole or not at all. May run while others write."""
    scratch = path.with_name(f".{path.name}.part")
    made = BackedUp()
    try:
        with tarfile.open(scratch, _mode(path)) as archive:
            manifest, wanted = await _tables(database, archive, made)
            manifest |= {"format": FORMAT, "made_at": now.isoformat(), "program": program_version()}
            manifest["blobs"] = [each async for each in _blobs(store, archive, wanted, made)]
            manifest["missing"] = made.missing
            _put(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
        scratch.chmod(0o600)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    return made


def _mode(path: Path) -> Any:
    return "w:gz" if path.suffix in (".gz", ".tgz") else "w"


async def _tables(database: Database, archive: tarfile.TarFile, made: BackedUp) -> tuple[dict[str, Any], list[str]]:
    """All tables as they are at one moment, and the evidence that they name."""
    async with database.reader.connect() as connection:
        if not database.embedded:
            await connection.execution_options(isolation_level="REPEATABLE READ")
        async with connection.begin():
            await tell(connection, SYSTEM)
            found = {table.name: await _table(connection, archive, table, made) for table in portable.tables()}
            manifest = {
                "schema": await connection.run_sync(revisions.current),
                "tables": found,
                "trails": await _heads(connection),
            }
            return manifest, await _named(connection)


async def _table(
    connection: AsyncConnection, archive: tarfile.TarFile, table: Table, made: BackedUp
) -> dict[str, object]:
    digest, rows = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as scratch:
        async for line in portable.lines(connection, table):
            digest.update(line)
            scratch.write(line)
            rows += 1
        size = scratch.tell()
        scratch.seek(0)
        archive.addfile(_entry(f"tables/{table.name}.jsonl", size), scratch)
    made.rows += rows
    return {"rows": rows, "sha256": digest.hexdigest()}


async def _heads(connection: AsyncConnection) -> dict[str, dict[str, object]]:
    heads = await connection.execute(select(TrailHeadRow.organization_id, TrailHeadRow.seq, TrailHeadRow.hash))
    return {str(each.organization_id): {"seq": each.seq, "hash": each.hash.hex()} for each in heads}


async def _named(connection: AsyncConnection) -> list[str]:
    """The hash of every file that the records name, each once."""
    found: set[str] = set()
    reports = select(ReportRow.sha256).where(ReportRow.kind == KIND)  # an inspector sheet is not kept
    evidence = [select(each) for each in (EvidenceRow.sha256, EvidenceRow.rendition_sha256)]
    for query in (*evidence, reports):
        found.update(each for each in await connection.scalars(query.distinct()) if each)
    found.update(await _logos(connection))
    waiting = select(TaskRow.input).where(TaskRow.state.in_(("waiting", "running", "ready")))
    found.update(str(each["sha256"]) for each in await connection.scalars(waiting) if "sha256" in each)
    return sorted(found)


async def _logos(connection: AsyncConnection) -> set[str]:
    """The pictures that reports print, or printed: old reports are made again with the logo of then."""
    was = select(FormerFactsRow.facts).where(FormerFactsRow.noun == "organization")
    kept = [*await connection.scalars(select(OrganizationRow.settings)), *await connection.scalars(was)]
    return {str(each["logo"]) for each in kept if each.get("logo")}


async def _blobs(
    store: Store, archive: tarfile.TarFile, wanted: list[str], made: BackedUp
) -> AsyncIterator[dict[str, object]]:
    for sha256 in wanted:
        try:
            content = await store.get(sha256)
        except (EvidenceMissing, EvidenceDamaged):
            made.missing.append(sha256)
            continue
        _put(archive, f"blobs/{sha256}", content)
        made.blobs += 1
        yield {"sha256": sha256, "size": len(content)}


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    archive.addfile(_entry(name, len(content)), io.BytesIO(content))


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry
