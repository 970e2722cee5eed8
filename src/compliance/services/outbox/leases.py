"""Claiming messages, marking them just before they become irrevocable, and giving them back.

A lease has no end by the clock: it holds while its worker's heartbeat number keeps changing (`workers`). Its token
grows with every claim, so that whoever lost a lease can settle nothing any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.queries.outbox import leaves, time_has_come
from compliance.db.records import DeliveryRow, OutboxRow, WorkerRow
from compliance.domain.reminders import local_day
from compliance.services.mailing import letter, render
from compliance.services.outbox import routes
from compliance.services.outbox.pace import PACE, Pace

QUIETLY: Final = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message under a lease, with the bytes to send. `problem`: they could not be made."""

    organization_id: UUID
    id: UUID
    kind: str
    recipient: str
    content: bytes
    message_id: str
    attempts: int
    lease_owner: UUID
    lease_token: int
    route_id: str
    started_at: datetime
    problem: str = ""


async def claim(
    session: AsyncSession,
    *,
    now: datetime,
    worker_id: UUID,
    route_id: str,
    sender: str,
    limit: int,
    pace: Pace = PACE,
) -> list[Claimed]:
    """Takes up to `limit` messages that are due, within the route's quota, and writes them for the day if they are
    not frozen. Other workers skip what is locked here; one that was declared dead gets nothing, for nobody would take
    its leases back."""
    if not await _is_alive(session, worker_id):
        return []
    granted = await routes.take_tokens(session, route_id, now, limit, pace)
    if granted == 0:
        return []
    waiting = select(OutboxRow).where(OutboxRow.state == "pending", time_has_come(now, pace.longest_wait), leaves())
    due = waiting.order_by(OutboxRow.next_at).limit(granted).with_for_update(skip_locked=True, of=OutboxRow)
    rows = (await session.scalars(due.execution_options(populate_existing=True))).all()
    if len(rows) < granted:
        await routes.give_back(session, route_id, now, granted - len(rows))
    return [_lease(row, worker_id, route_id, sender, now) for row in rows]


async def _is_alive(session: AsyncSession, worker_id: UUID) -> bool:
    """Whether the worker counts as alive; its funeral waits until this transaction ends."""
    query = select(WorkerRow.id).where(WorkerRow.id == worker_id, WorkerRow.dead.is_(False))
    return await session.scalar(query.with_for_update(read=True)) is not None


def _lease(row: OutboxRow, worker_id: UUID, route_id: str, sender: str, now: datetime) -> Claimed:
    row.state, row.lease_owner, row.route_id = "leased", worker_id, route_id
    row.lease_token += 1
    row.attempts += 1
    content, problem = row.rfc822 or b"", ""
    if not content:
        try:
            render_again(row, now)
            content = letter(row, sender=sender, at=now)
        except Exception as error:  # one message that cannot be written steps aside and blocks nobody
            problem = f"It could not be written: {error}"
    return Claimed(
        organization_id=row.organization_id,
        id=row.id,
        kind=row.kind,
        recipient=row.recipient_address,
        content=content,
        message_id=row.message_id,
        attempts=row.attempts,
        lease_owner=worker_id,
        lease_token=row.lease_token,
        route_id=route_id,
        started_at=now,
        problem=problem,
    )


def render_again(row: OutboxRow, now: datetime) -> None:
    """Writes a message that is not frozen anew when its day has passed."""
    today = local_day(now, str(row.facts["zone"]))
    if row.rfc822 is None and row.rendered_on != today:
        row.subject, row.text, row.html = render(row.kind, row.facts, today)
        row.rendered_on = today


def held_by(claimed: Claimed) -> Any:
    """The row, if the lease still holds."""
    return and_(
        OutboxRow.organization_id == claimed.organization_id,
        OutboxRow.id == claimed.id,
        OutboxRow.lease_owner == claimed.lease_owner,
        OutboxRow.lease_token == claimed.lease_token,
    )


async def mark(session: AsyncSession, *, claimed: Claimed) -> bool:
    """Freezes the bytes and says that the final dot is about to be sent; False: it may not be sent any more.

    The mark changes the row that a withdrawal changes, so the row's lock puts the two in order.
    """
    frozen = {"state": "transmitting", "rfc822": claimed.content, "sha256": hashlib.sha256(claimed.content).hexdigest()}
    query = update(OutboxRow).where(held_by(claimed), OutboxRow.state == "leased").values(frozen)
    done: Any = await session.execute(query, execution_options=QUIETLY)
    if done.rowcount != 1:
        return False
    await session.execute(insert(DeliveryRow).values(attempt(claimed, "mark", "transmitting")))
    return True


def attempt(claimed: Claimed, phase: str, outcome: str) -> dict[str, Any]:
    """The row of one attempt."""
    return {
        "organization_id": claimed.organization_id,
        "id": new_id(claimed.started_at),
        "outbox_id": claimed.id,
        "lease_token": claimed.lease_token,
        "worker_id": claimed.lease_owner,
        "phase": phase,
        "outcome": outcome,
        "reply": "",
        "started_at": claimed.started_at,
    }


async def release(session: AsyncSession, *, claimed: Collection[Claimed], now: datetime) -> None:
    """Gives back what was not begun, as if it had never been claimed; but tokens of leases never shrink."""
    back = {"state": "pending", "lease_owner": None, "attempts": OutboxRow.attempts - 1}
    for each in claimed:
        query = update(OutboxRow).where(held_by(each), OutboxRow.state == "leased").values(back)
        await session.execute(query, execution_options=QUIETLY)
        await routes.give_back(session, each.route_id, now, 1)
