"""One person's file to hand out: everything on record of them as JSON, their documents, and who did what with it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.trail import unfolded, values_beside
from compliance.db.records import TherapistRow, TrailEntryRow
from compliance.services.personal.gathering import Gathered, gather
from compliance.services.refusals import Problem, Unknown
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


async def export(
    session: AsyncSession, store: Store, *, organization_id: UUID, therapist_id: UUID, path: Path, now: datetime
) -> int:
    """Writes the ZIP to `path`; how many documents are in it. Raises Unknown. A document that the store has lost is
    named in `missing`."""
    if await session.get(TherapistRow, (organization_id, therapist_id)) is None:
        raise Unknown(Problem("therapist_id", f"No therapist has the id {therapist_id}."))
    found = await gather(session, organization_id, therapist_id)
    missing, count = [], 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in found.rows.get("evidence", ()):
            try:
                archive.writestr(f"evidence/{row.sha256}.{_ending(row.kind)}", await store.get(row.sha256))
                count += 1
            except (EvidenceMissing, EvidenceDamaged):
                missing.append(row.sha256)
        told = await _told(session, found) | {"missing": missing, "exported_at": now.isoformat()}
        archive.writestr("file.json", json.dumps(told, indent=1, ensure_ascii=False))
        archive.writestr("README.txt", README)
    return count


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
