"""Restoring: a backup is proven before anything is written, goes into an empty place (or, told so, into the place
of what is there), and is proven again before it holds."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from compliance.db import portable, revisions
from compliance.db.engine import Database
from compliance.db.scope import SYSTEM, tell
from compliance.services import trail
from compliance.services.backups import FORMAT, MANIFEST, BackedUp
from compliance.store import Store


class BackupRefused(ValueError):
    """The file or the place cannot be used; nothing was written. The message is the sentence to show."""


class BackupBroken(Exception):
    """The file is not what was backed up; nothing was written."""


def proven(path: Path) -> dict[str, Any]:
    """The manifest of a backup in which everything is as it says. Raises BackupRefused and BackupBroken."""
    with _opened(path) as archive:
        manifest = _manifest(path, archive)
        for table, said in manifest["tables"].items():
            rows, sha256 = _measured(archive, f"tables/{table}.jsonl")
            if (rows, sha256) != (said["rows"], said["sha256"]):
                raise BackupBroken(f"{path}: the table {table} is not as it was backed up.")
        for blob in manifest["blobs"]:
            if _measured(archive, f"blobs/{blob['sha256']}")[1] != blob["sha256"]:
                raise BackupBroken(f"{path}: the evidence {blob['sha256']} is not as it was backed up.")
    return manifest


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:*") as archive:
            yield archive
    except FileNotFoundError:
        raise BackupRefused(f"There is no file {path}.") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        why = (
            error.strerror if isinstance(error, OSError) and error.strerror else "it is no tar file, or it was cut off"
        )
        raise BackupRefused(f"{path} cannot be read as a backup: {why}.") from None


def _manifest(path: Path, archive: tarfile.TarFile) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(_member(archive, MANIFEST).read())
    except (BackupBroken, ValueError):
        raise BackupRefused(f"{path} is no backup of this program: it has no {MANIFEST}.") from None
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"{path} has the format {manifest.get('format')}; this program reads {FORMAT}.")
    if manifest["schema"] != revisions.newest():
        raise BackupRefused(
            f"{path} was made at schema {manifest['schema']}, and this program is written for {revisions.newest()}. "
            f"Restore it with the program that made it ({manifest['program']}), then upgrade that."
        )
    return manifest


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        found = archive.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise BackupBroken(f"{name} is missing in the backup.")
    return found


def _measured(archive: tarfile.TarFile, name: str) -> tuple[int, str]:
    """Lines and SHA-256 of a member."""
    digest, lines = hashlib.sha256(), 0
    with _member(archive, name) as member:
        while piece := member.read(1 << 18):
            digest.update(piece)
            lines += piece.count(b"\n")
    return lines, digest.hexdigest()


async def restore(database: Database, store: Store, path: Path, *, replace: bool = False) -> BackedUp:
    """Puts a backup into an empty, migrated database and the store; all rows in one transaction.

    `replace`: whatever is there goes in the same transaction, after the file is proven; where a trail does not hold,
    nothing has gone. Documents in the store stay. Raises BackupRefused for a file that is none or a place that is not
    empty, BackupBroken where it does not hold.
    """
    manifest = proven(path)
    async with database.reader.connect() as connection, connection.begin():
        await tell(connection, SYSTEM)
        if not replace:
            await _must_be_empty(connection)
    restored = BackedUp(missing=manifest["missing"])
    with _opened(path) as archive:
        for blob in manifest["blobs"]:
            await store.put(_member(archive, f"blobs/{blob['sha256']}").read(), blob["sha256"])
            restored.blobs += 1
        async with database.system.write.begin() as session:
            connection = await session.connection()
            if replace:
                await portable.empty(connection)
            await _must_be_empty(connection)
            for table in portable.tables():
                if table.name in manifest["tables"]:
                    restored.rows += await portable.put(
                        connection, table, _member(archive, f"tables/{table.name}.jsonl")
                    )
            await _walk(session, path, manifest["trails"])
    return restored


async def _must_be_empty(connection: AsyncConnection) -> None:
    found = await portable.filled(connection)
    if found:
        raise BackupRefused(
            f"The database is not empty ({', '.join(found[:5])} hold rows). Restore into a new one: name it with "
            "COMPLIANCE_DATABASE_URL or COMPLIANCE_HOME. To lose what is here instead, say --replace-everything."
        )


async def _walk(session: AsyncSession, path: Path, heads: dict[str, Any]) -> None:
    """Every chain, from its beginning to the head that the manifest names."""
    for organization_id, head in heads.items():
        count, broken = await trail.verify(session, organization_id=UUID(organization_id))
        if broken is not None or count != head["seq"]:
            where = f"entry {broken.seq}: {broken.problem}" if broken else f"{count} entries instead of {head['seq']}"
            raise BackupBroken(f"{path}: the trail of {organization_id} does not hold ({where}).")
