"""Signed checkpoints of every trail: each thousand entries or each hour in which something was written.

A checkpoint is made of a chain that holds from the one before; what was tampered with is not signed. They write no
entry of their own, else every checkpoint would ask for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.checkpoints import Checkpoint, TrailKey
from compliance.crypto.hashes import GENESIS
from compliance.db.records import TrailCheckpointRow, TrailHeadRow
from compliance.services.trail import Broken, Step, walk

ENTRIES: Final = 1000
HOURLY: Final = timedelta(hours=1)
BATCH: Final = 2000


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint on record."""

    seq: int
    hash: bytes
    at: datetime
    note: str
    mailed_at: datetime | None


async def due(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Whose trail has grown enough, or long enough ago."""
    head, row = TrailHeadRow, TrailCheckpointRow
    newest = select(row.organization_id, func.max(row.seq).label("seq"), func.max(row.at).label("at"))
    last = newest.group_by(row.organization_id).subquery()
    grown = head.seq - func.coalesce(last.c.seq, 0)
    wanted = or_(grown >= ENTRIES, and_(grown > 0, or_(last.c.at.is_(None), last.c.at <= now - HOURLY)))
    query = select(head.organization_id).outerjoin(last, last.c.organization_id == head.organization_id).where(wanted)
    return list(await session.scalars(query.order_by(head.organization_id)))


async def next_one(session: AsyncSession, *, organization_id: UUID, key: TrailKey) -> Checkpoint | Broken:
    """The checkpoint of a trail as it is, or what does not hold since the one before."""
    head = await session.get(TrailHeadRow, organization_id)
    if head is None:
        return Broken(0, "the chain has no head")
    last = await newest(session, organization_id)
    step = Step(last.seq, last.hash) if last else Step(0, GENESIS)
    while step.seq < head.seq:
        batch = min(BATCH, head.seq - step.seq)
        there, broken = await walk(session, organization_id=organization_id, step=step, batch=batch)
        if broken or there.seq == step.seq:
            return broken or Broken(step.seq + 1, f"entry {step.seq + 1} is not there")
        step = there
    if (step.seq, step.hash) != (head.seq, head.hash):
        return Broken(head.seq, "the head says something else than the chain")
    return key.checkpoint(organization_id, step.seq, step.hash)


async def newest(session: AsyncSession, organization_id: UUID) -> Kept | None:
    """The last checkpoint of a trail."""
    row = TrailCheckpointRow
    query = select(row).where(row.organization_id == organization_id).order_by(row.seq.desc()).limit(1)
    found = await session.scalar(query)
    return Kept(found.seq, found.hash, found.at, found.note, found.mailed_at) if found else None


async def keep(session: AsyncSession, *, checkpoint: Checkpoint, at: datetime) -> None:
    """Writes a checkpoint down, once."""
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = {
        "organization_id": checkpoint.organization_id,
        "seq": checkpoint.seq,
        "hash": checkpoint.hash,
        "at": at,
        "key_id": checkpoint.key_id,
        "note": checkpoint.note,
    }
    await session.execute(make(TrailCheckpointRow).values(row).on_conflict_do_nothing())
