"""A trail as a file that an auditor can check alone: lines of JSON, as `crypto/offline/trail_file.py` reads them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.checkpoints import TrailKey
from compliance.crypto.hashes import GENESIS, instant_text
from compliance.crypto.offline.trail_file import FORMAT
from compliance.db.records import TrailCheckpointRow, TrailEntryRow, TrailHeadRow, TrailValueRow

BATCH = 2000


async def lines(
    session: AsyncSession,
    *,
    organization_id: UUID,
    name: str,
    key: TrailKey,
    now: datetime,
    values: bool = False,
    birth_dates: bool = False,
) -> AsyncIterator[str]:
    """The lines, each with its line feed. With `values` the personal values that lie beside the chain go along, dates
    of birth with `birth_dates` alone; else only their salted hashes, which are in it. A day without its year cannot be
    shown: no hash would fit it."""
    head = await session.get(TrailHeadRow, organization_id)
    seq, digest = (head.seq, head.hash) if head else (0, GENESIS)
    about = {"organization": str(organization_id), "name": name, "key": key.verifier(organization_id)}
    yield _line({"format": FORMAT, "exported_at": instant_text(now), **about, "seq": seq, "hash": digest.hex()})
    for first in range(1, seq + 1, BATCH):
        last = min(first + BATCH - 1, seq)
        beside = await _beside(session, organization_id, first, last, birth_dates) if values else {}
        row = TrailEntryRow
        mine = (row.organization_id == organization_id, row.seq.between(first, last))
        for each in await session.execute(select(row.seq, row.hash, row.body).where(*mine).order_by(row.seq)):
            kept = {"kept": beside[each.seq]} if each.seq in beside else {}
            yield _line({"seq": each.seq, "hash": each.hash.hex(), "body": each.body, **kept})
    at = TrailCheckpointRow
    query = select(at.note).where(at.organization_id == organization_id, at.seq <= seq).order_by(at.seq)
    for note in await session.scalars(query):
        yield _line({"checkpoint": note})


async def _beside(
    session: AsyncSession, organization_id: UUID, first: int, last: int, birth_dates: bool
) -> dict[int, object]:
    row = TrailValueRow
    mine = (row.organization_id == organization_id, row.seq.between(first, last))
    found = (await session.execute(select(row.seq, row.kept).where(*mine))).all()
    if birth_dates:
        return {each.seq: each.kept for each in found}
    shown = {each.seq: {at: kept for at, kept in each.kept.items() if not at.endswith("birth_date")} for each in found}
    return {seq: kept for seq, kept in shown.items() if kept}


def _line(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
