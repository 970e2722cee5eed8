"""One person's file to hand out: everything on record of them as JSON, their documents, and who did what with it."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.trail import unfolded, values_beside
from compliance.db.records import TherapistRow, TrailEntryRow
from compliance.services import trail
from compliance.services.personal.gathering import Gathered, gather
from compliance.services.refusals import Problem, Unknown
from compliance.services.rows import load
from compliance.services.trail import Act, Entry
from compliance.store import EvidenceDamaged, EvidenceMissing, Store

HIDDEN: Final = frozenset(
    {"password_hash", "token_hash", "key_hash", "secret", "sealed", "rfc822", "coverage_fingerprint"}
)
"""Columns that are not about the person, or that open something."""
SKIPPED: Final = frozenset(
    {"sessions", "capabilities", "recovery_codes", "authenticator_apps", "passkeys", "former_facts"}
)
"""Tables of secrets, and what the history says anyway."""
README: Final = """\
file.json      everything on record, by table; `history` is who did what, when and why
evidence/      the documents as they came in, named by their SHA-256; file.json, `evidence`, says what each is
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One person's file as it is written out: what is in file.json, and the documents as (SHA-256, ending)."""

    tables: dict[str, Any]
    documents: tuple[tuple[str, str], ...]


async def hand_out(session: AsyncSession, *, act: Act, therapist_id: UUID, reason: str = "") -> None:
    """Writes down that the whole file is handed out. Raises Unknown."""
    row = (await load(session, act, TherapistRow, [therapist_id], "therapist"))[therapist_id]
    entry = Entry("therapist.exported", f"therapist:{row.id}", row.id, why=reason)
    await trail.record(session, act=act, entry=entry)


async def read(session: AsyncSession, *, organization_id: UUID, therapist_id: UUID, now: datetime) -> Told:
    """All that is on record of the person. Raises Unknown."""
    if await session.get(TherapistRow, (organization_id, therapist_id)) is None:
        raise Unknown(Problem("therapist_id", f"No therapist has the id {therapist_id}."))
    found = await gather(session, organization_id, therapist_id)
    files = {row.sha256: _ending(row.kind) for row in found.rows.get("evidence", ())}
    return Told(await _told(session, found) | {"exported_at": now.isoformat()}, tuple(files.items()))


async def write(store: Store, told: Told, path: Path) -> int:
    """Writes the ZIP to `path`; how many documents are in it. One that the store has lost is named in `missing`."""
    missing = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for sha256, ending in told.documents:
            try:
                content = await store.get(sha256)
                await asyncio.to_thread(archive.writestr, f"evidence/{sha256}.{ending}", content)
            except (EvidenceMissing, EvidenceDamaged):
                missing.append(sha256)
        plain = json.dumps(told.tables | {"missing": missing}, indent=1, ensure_ascii=False)
        archive.writestr("file.json", plain, zipfile.ZIP_DEFLATED)
        archive.writestr("README.txt", README)
    return len(told.documents) - len(missing)


def _ending(kind: str) -> str:
    return kind if kind.isalnum() else "bin"


async def _told(session: AsyncSession, found: Gathered) -> dict[str, Any]:
    tables = {name: [_plain(row._mapping) for row in rows] for name, rows in found.rows.items() if name not in SKIPPED}
    return tables | {"history": await _history(session, found)}


async def _history(session: AsyncSession, found: Gathered) -> list[dict[str, Any]]:
    row, made = TrailEntryRow, []
    beside = await values_beside(session, found.organization_id, found.seqs)
    for start in range(0, len(found.seqs), 10_000):
        mine = (row.organization_id == found.organization_id, row.seq.in_(found.seqs[start : start + 10_000]))
        columns = (row.seq, row.at, row.actor, row.action, row.subject, row.body)
        for each in await session.execute(select(*columns).where(*mine).order_by(row.seq)):
            old, new, why = unfolded(each.body, beside.get(each.seq, {}))
            told = {"seq": each.seq, "at": each.at, "actor": each.actor, "action": each.action, "subject": each.subject}
            made.append(_plain(told | {"old": old, "new": new, "why": why}))
    return made


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): _value(value) for key, value in row.items() if str(key) not in HIDDEN}


def _value(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (UUID, bytes)):
        return str(value) if isinstance(value, UUID) else value.hex()
    return list(value) if isinstance(value, tuple) else value
