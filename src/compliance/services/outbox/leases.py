"""Claiming messages, marking them just before they become irrevocable, and giving them back.

A lease has no end by the clock: it holds while its worker's heartbeat number keeps changing (`workers`). Its token
grows with every claim, so that whoever lost a lease can settle nothing any more.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels.compose import Letter, compose
from compliance.crypto.ids import new_id
from compliance.db.queries.outbox import leaves, time_has_come
from compliance.db.queries.owned import among
from compliance.db.records import DeliveryRow, OutboxRow, WorkerRow
from compliance.domain.reminders import local_day
from compliance.services.mailing import letter, render
from compliance.services.outbox import routes
from compliance.services.outbox.pace import PACE, Pace
from compliance.services.outbox.resting import awake

QUIETLY: Final = {"synchronize_session": False}
UNWRITTEN: Final = "It could not be written: {}"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message under a lease: the bytes that were frozen, or the letter that becomes bytes (`written`). `problem`: it
    cannot be written."""

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
    letter: Letter | None = None
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
    if await routes.rests(session, route_id, now, pace):
        return []
    waiting = select(OutboxRow).where(OutboxRow.state == "pending", time_has_come(now, pace.longest_wait), leaves())
    due = waiting.order_by(OutboxRow.next_at).limit(limit).with_for_update(skip_locked=True, of=OutboxRow)
    rows = await awake(session, due.execution_options(populate_existing=True), now)
    # What all workers share is locked last, and for as long as writing the leases takes.
    granted = await routes.take_tokens(session, route_id, now, len(rows), pace) if rows else 0
    if not granted or not await _is_alive(session, worker_id):
        return []
    return [_lease(row, worker_id, route_id, sender, now) for row in rows[:granted]]


async def _is_alive(session: AsyncSession, worker_id: UUID) -> bool:
    """Whether the worker counts as alive; its funeral waits until this transaction ends."""
    query = select(WorkerRow.id).where(WorkerRow.id == worker_id, WorkerRow.dead.is_(False))
    return await session.scalar(query.with_for_update(read=True)) is not None


def _lease(row: OutboxRow, worker_id: UUID, route_id: str, sender: str, now: datetime) -> Claimed:
    row.state, row.lease_owner, row.route_id = "leased", worker_id, route_id
    row.lease_token += 1
    row.attempts += 1
    said, problem = None, ""
    if row.rfc822 is None:
        try:
            render_again(row, now)
            said = letter(row, sender=sender, at=now)
        except Exception as error:  # one message that cannot be written steps aside and blocks nobody
            problem = UNWRITTEN.format(error)
    return Claimed(
        organization_id=row.organization_id,
        id=row.id,
        kind=row.kind,
        recipient=row.recipient_address,
        content=row.rfc822 or b"",
        letter=said,
        message_id=row.message_id,
        attempts=row.attempts,
        lease_owner=worker_id,
        lease_token=row.lease_token,
        route_id=route_id,
        started_at=now,
        problem=problem,
    )


def written(claimed: Claimed) -> Claimed:
    """The same with its bytes. It takes milliseconds of work, so it is done when no transaction is open."""
    if claimed.letter is None:
        return claimed
    try:
        return replace(claimed, content=compose(claimed.letter), letter=None)
    except ValueError as error:
        return replace(claimed, problem=UNWRITTEN.format(error))


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


async def mark(session: AsyncSession, *, claimed: Sequence[Claimed]) -> set[UUID]:
    """Freezes the bytes and says that the final dots are about to be sent; which of them may be sent.

    The mark changes the row that a withdrawal changes, so the row's lock puts the two in order. It never waits for
    that lock: a row that somebody else is changing just now is not sent now.
    """
    held = await hold(session, claimed, "leased")
    going = [each for each in claimed if each.id in held]
    if not going:
        return held
    frozen = [
        {"mine": each.organization_id, "which": each.id, "rfc822": each.content, "sha256": _hash(each.content)}
        for each in going
    ]
    row = cast("Table", OutboxRow.__table__)
    which = (row.c.organization_id == bindparam("mine"), row.c.id == bindparam("which"))
    new: dict[str, Any] = {"rfc822": bindparam("rfc822"), "sha256": bindparam("sha256")}
    await session.execute(update(row).where(*which).values(new | {"state": "transmitting"}), frozen)
    await session.execute(insert(DeliveryRow), [attempt(each, "mark", "transmitting") for each in going])
    return held


async def hold(session: AsyncSession, claimed: Sequence[Claimed], state: str) -> set[UUID]:
    """Locks the rows whose leases still hold and that are in this state; whatever others have locked is left out."""
    row, found = OutboxRow, set[UUID]()
    tokens = {each.id: (each.lease_owner, each.lease_token) for each in claimed}
    for which in among(row, row.id, {each.id: each.organization_id for each in claimed}):
        query = select(row.id, row.lease_owner, row.lease_token).where(which, row.state == state)
        held = await session.execute(query.with_for_update(skip_locked=True))
        found |= {each.id for each in held if tokens[each.id] == (each.lease_owner, each.lease_token)}
    return found


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
    held = await hold(session, list(claimed), "leased")
    back = {"state": "pending", "lease_owner": None, "attempts": OutboxRow.attempts - 1}
    await session.execute(update(OutboxRow).where(OutboxRow.id.in_(held)).values(back), execution_options=QUIETLY)
    for route_id, count in Counter(each.route_id for each in claimed).items():
        await routes.give_back(session, route_id, now, count)
