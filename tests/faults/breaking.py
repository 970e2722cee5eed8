"""Six ways to break the sender. The judge has to notice each: a harness that cannot fail proves nothing.

Each changes the program in the worker's own process, before it begins.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import clock
from compliance.channels.conversation import Conversation
from compliance.channels.outcome import Outcome
from compliance.db.records import OutboxRow, WorkerRow
from compliance.services import outbox
from compliance.services.outbox import leases, settling, workers
from compliance.services.outbox.leases import Claimed
from tests.faults.worker import PACE


def no_mark() -> None:
    """Nothing says that the dot is about to be sent."""

    async def mark(session: AsyncSession, *, claimed: Sequence[Claimed]) -> set[UUID]:
        return {each.id for each in claimed}

    outbox.mark = mark
    _settle_from("leased", "transmitting")


def mark_after_the_dot() -> None:
    """It says so when it is too late."""

    def get_leave(self: Conversation, smtp: smtplib.SMTP) -> None:
        self._must_be_quiet(smtp)

    def transmit(self: Conversation, smtp: smtplib.SMTP) -> Outcome:
        self._phase = "end"
        smtp.send(b"\r\n.\r\n")
        code, reply = smtp.getreply()
        outcome = self._judge(code, reply)
        return outcome if self._ask() == "yes" else Outcome("withdrawn", "mark", "too late")

    Conversation._get_leave = get_leave  # type: ignore[method-assign]
    Conversation._transmit = transmit  # type: ignore[method-assign]


def no_token_check() -> None:
    """Whoever once had a lease may mark and settle for ever."""

    def held_by(claimed: Claimed) -> Any:
        return and_(OutboxRow.organization_id == claimed.organization_id, OutboxRow.id == claimed.id)

    async def hold(session: AsyncSession, claimed: Sequence[Claimed], state: str) -> set[UUID]:
        query = select(OutboxRow.id).where(OutboxRow.id.in_([each.id for each in claimed]))
        return set(await session.scalars(query.where(OutboxRow.state.in_(("pending", "leased", "transmitting")))))

    leases.held_by = settling.held_by = held_by  # type: ignore[attr-defined]
    leases.hold = settling.hold = hold  # type: ignore[attr-defined]


def settle_without_looking_at_the_state() -> None:
    """A verdict is written down over whatever the row has become meanwhile."""

    async def lock(session: AsyncSession, claimed: Claimed) -> OutboxRow | None:
        query = select(OutboxRow).where(settling.held_by(claimed)).with_for_update()  # type: ignore[attr-defined]
        return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()

    settling._lock = lock


def a_new_message_id_for_each_attempt() -> None:
    """The bytes are not frozen, and nobody can tell a duplicate from another mail."""
    numbers = count()
    lease = leases._lease

    def renamed(*arguments: Any) -> Claimed:
        claimed = lease(*arguments)
        content = claimed.content.replace(b"Message-ID: <", f"Message-ID: <{next(numbers)}".encode(), 1)
        return replace(claimed, content=content)

    leases._lease = renamed


def a_reaper_that_believes_clocks() -> None:
    """A worker counts as dead when it was last seen too long ago by the wall clock, and not before."""

    async def heartbeats(session: AsyncSession) -> dict[UUID, int]:
        silence = timedelta(seconds=PACE.silence)
        late = (WorkerRow.dead.is_(False), WorkerRow.seen_at < clock.now() - silence)
        found = await session.execute(select(WorkerRow.id, WorkerRow.heartbeat_no).where(*late))
        return {row.id: row.heartbeat_no for row in found}

    def silent(self: workers.Watch, numbers: dict[UUID, int], elapsed: float) -> list[tuple[UUID, int]]:
        return list(numbers.items())

    outbox.heartbeats = heartbeats
    workers.Watch.silent = silent  # type: ignore[method-assign]


def _settle_from(*states: str) -> None:
    """Without a mark the row is still leased when it is settled."""

    async def hold(session: AsyncSession, claimed: Sequence[Claimed], state: str) -> set[UUID]:
        held = [await session.scalar(select(OutboxRow.id).where(leases.held_by(each))) for each in claimed]
        return {each for each in held if each}

    settling.hold = hold  # type: ignore[attr-defined]


BREAKS: Final[dict[str, Callable[[], None]]] = {
    "no mark": no_mark,
    "mark after the dot": mark_after_the_dot,
    "no token check": no_token_check,
    "settle without state": settle_without_looking_at_the_state,
    "new message id": a_new_message_id_for_each_attempt,
    "reaper by wall clock": a_reaper_that_believes_clocks,
}
