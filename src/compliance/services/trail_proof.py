"""Whether a trail holds as a whole: its chain, its head, its signed checkpoints, and what issued reports printed of it.

The chain alone proves that nobody changed an entry and left the rest. Who rewrites all that follows, and the head, is
found by a checkpoint: its key lies in no database. A tail cut off to before the newest checkpoint is found by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.checkpoints import holds, read
from compliance.crypto.hashes import GENESIS
from compliance.db.records import ReportRow, TrailCheckpointRow
from compliance.services.trail import Broken, Step, check_head, walk


@dataclass(frozen=True, slots=True)
class Marks:
    """What is known of a trail from outside its chain: hashes by place, how many checkpoints say so, what is wrong."""

    hashes: Mapping[int, bytes]
    checkpoints: int
    broken: Broken | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a walk found: so many entries hold, with so many checkpoints; the first that does not."""

    entries: int
    checkpoints: int
    broken: Broken | None


async def prove(session: AsyncSession, *, organization_id: UUID, public: bytes, batch: int = 2000) -> Proof:
    """Walks a trail from its first entry to its head. `public`: the key that its checkpoints are signed with."""
    known = await marks(session, organization_id=organization_id, public=public)
    step = Step(0, GENESIS)
    while True:
        there, broken = await walk(
            session, organization_id=organization_id, step=step, batch=batch, hashes=known.hashes
        )
        if broken or there.seq - step.seq < batch:
            broken = broken or beyond(known, there) or await check_head(session, organization_id, there)
            return Proof(there.seq, known.checkpoints, broken or known.broken)
        step = there


async def marks(session: AsyncSession, *, organization_id: UUID, public: bytes) -> Marks:
    """Every checkpoint that holds, and every head that a report printed; the first checkpoint that does not hold."""
    row = TrailCheckpointRow
    query = select(row.seq, row.hash, row.note).where(row.organization_id == organization_id).order_by(row.seq)
    found = (await session.execute(query)).all()
    wrong = next(
        (each.seq for each in found if not _signed(organization_id, each.seq, each.hash, each.note, public)), 0
    )
    broken = Broken(wrong, "its checkpoint was not signed with this installation's key") if wrong else None
    return Marks(await _printed(session, organization_id) | {each.seq: each.hash for each in found}, len(found), broken)


def _signed(organization_id: UUID, seq: int, digest: bytes, note: str, public: bytes) -> bool:
    said = read(note)
    right = said is not None and (said.organization_id, said.seq, said.hash) == (organization_id, seq, digest)
    return right and holds(note, public)


async def _printed(session: AsyncSession, organization_id: UUID) -> dict[int, bytes]:
    head = ReportRow.question["trail_head"].as_string()
    query = select(ReportRow.recorded_seq, head).where(ReportRow.organization_id == organization_id)
    return {seq: bytes.fromhex(digest) for seq, digest in await session.execute(query) if digest}


def beyond(known: Marks, last: Step) -> Broken | None:
    """Whether a checkpoint or a report knows of more entries than there are."""
    longest = max(known.hashes, default=0)
    if longest <= last.seq:
        return None
    return Broken(last.seq + 1, f"a checkpoint or a report knows of {longest} entries, {last.seq} are there")
