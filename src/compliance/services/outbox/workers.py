"""Who delivers. A worker is alive while its heartbeat number changes; no clock has to be right, its own or another's.

A reaper remembers each worker's number beside its own monotonic time. One whose number did not change for a minute
is declared dead by whoever is first, and in the same transaction its leases go back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.queries.due_terms import lock_chains
from compliance.db.records import DeliveryRow, OutboxRow, WorkerRow
from compliance.services.outbox.leases import QUIETLY
from compliance.services.outbox.pace import PACE
from compliance.services.outbox.settling import Terms, after_unknown

DIED = "The worker died before the server answered."


async def register(session: AsyncSession, *, now: datetime, host: str, pid: int) -> UUID:
    """A new worker, with an id of its own at every start."""
    id_ = new_id(now)
    row = {"id": id_, "heartbeat_no": 0, "host": host, "pid": pid, "started_at": now, "seen_at": now, "dead": False}
    await session.execute(insert(WorkerRow).values(row))
    return id_


async def beat(session: AsyncSession, *, worker_id: UUID, now: datetime) -> bool:
    """One heartbeat; False: this worker was declared dead and must stop at once."""
    query = update(WorkerRow).where(WorkerRow.id == worker_id, WorkerRow.dead.is_(False))
    query = query.values(heartbeat_no=WorkerRow.heartbeat_no + 1, seen_at=now)
    done: Any = await session.execute(query, execution_options=QUIETLY)
    return bool(done.rowcount == 1)


async def retire(session: AsyncSession, *, worker_id: UUID, terms: Terms) -> None:
    """A worker's orderly end; whatever it still holds goes back."""
    query = update(WorkerRow).where(WorkerRow.id == worker_id).values(dead=True, seen_at=terms.now)
    await session.execute(query, execution_options=QUIETLY)
    await take_leases(session, worker_id=worker_id, terms=terms)


@dataclass(slots=True)
class Watch:
    """What one reaper has seen: each worker's number, and when by its own clock it last changed. `patience`: seconds
    without a new number after which a worker counts as dead."""

    patience: float = PACE.silence
    seen: dict[UUID, tuple[int, float]] = field(default_factory=dict)

    def silent(self, numbers: dict[UUID, int], elapsed: float) -> list[tuple[UUID, int]]:
        """Workers whose number has not changed for too long, with that number; remembers the others."""
        for worker, number in numbers.items():
            if worker not in self.seen or self.seen[worker][0] != number:
                self.seen[worker] = (number, elapsed)
        self.seen = {worker: known for worker, known in self.seen.items() if worker in numbers}
        return [(worker, number) for worker, (number, since) in self.seen.items() if elapsed - since >= self.patience]


async def heartbeats(session: AsyncSession) -> dict[UUID, int]:
    """The number of every worker that is not known to be dead."""
    query = select(WorkerRow.id, WorkerRow.heartbeat_no).where(WorkerRow.dead.is_(False))
    return {row.id: row.heartbeat_no for row in await session.execute(query)}


async def bury(session: AsyncSession, *, worker_id: UUID, heartbeat_no: int, terms: Terms) -> int:
    """Declares a worker dead if it has not stirred since, and returns its leases; how many. One reaper wins."""
    same = (WorkerRow.id == worker_id, WorkerRow.heartbeat_no == heartbeat_no, WorkerRow.dead.is_(False))
    done: Any = await session.execute(update(WorkerRow).where(*same).values(dead=True), execution_options=QUIETLY)
    return await take_leases(session, worker_id=worker_id, terms=terms) if done.rowcount == 1 else 0


async def holds_leases(session: AsyncSession, worker_id: UUID) -> bool:
    """Whether anything is leased to a worker."""
    return (await session.execute(select(OutboxRow.id).where(*_leased(worker_id)).limit(1))).first() is not None


def _leased(worker_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.lease_owner == worker_id, OutboxRow.state.in_(("leased", "transmitting"))


async def take_leases(session: AsyncSession, *, worker_id: UUID, terms: Terms) -> int:
    """What was leased waits again; of what was being transmitted nobody knows whether it arrived. How many."""
    owners = select(OutboxRow.organization_id).where(*_leased(worker_id)).distinct()
    await lock_chains(session, list(await session.scalars(owners)))  # of what is held, somebody is told
    mine = select(OutboxRow).where(*_leased(worker_id)).with_for_update()
    rows = (await session.scalars(mine.execution_options(populate_existing=True))).all()
    for row in rows:
        row.lease_owner = None
        if row.state == "leased":
            row.state, row.next_at = "pending", terms.at
        else:
            await _attempt_unknown(session, row, terms.at)
            await after_unknown(session, row, DIED, terms)
    return len(rows)


async def _attempt_unknown(session: AsyncSession, row: OutboxRow, now: datetime) -> None:
    tried = DeliveryRow
    same = (
        tried.organization_id == row.organization_id,
        tried.outbox_id == row.id,
        tried.lease_token == row.lease_token,
    )
    new = {"outcome": "unknown", "ended_at": now, "reply": DIED}
    await session.execute(update(tried).where(*same).values(new), execution_options=QUIETLY)
