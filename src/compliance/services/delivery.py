"""Delivery: claim, send, mark just before the irrevocable moment, settle. The one verb with several transactions:
none of them is open over the network.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels import Channel, Outcome, OutgoingMessage
from compliance.channels.compose import mail_address
from compliance.db.engine import Database
from compliance.db.queries.outbox import anything_due, anything_to_keep
from compliance.services import outbox
from compliance.services.mailing import MailSettings
from compliance.services.outbox import PACE, Claimed, Pace, Terms
from compliance.services.together import Together

LEAST_SLOTS: Final = 2
MOST_SLOTS: Final = 32
"""Messages on their way at once: as many as the server takes in two seconds, within these. Twice as many are leased at
most. More of them share a transaction; a server that takes few a minute takes few conversations at once, too."""
MOST_TRIES: Final = 3
"""How often a defect may spoil the writing down of an outcome before the message is given back."""
LONGEST_PAUSE: Final = 5.0
Now = Callable[[AsyncSession], Awaitable[datetime]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt that the server has answered."""

    claimed: Claimed
    outcome: Outcome


@dataclass(slots=True)
class Delivery:
    """One round of delivery by one worker over one channel."""

    database: Database
    channel: Channel
    route_id: str
    mail: MailSettings
    worker_id: UUID
    return_path: Callable[[UUID], str]
    now: Now
    as_if_at: datetime | None
    stopping: asyncio.Event
    pace: Pace = PACE
    clock_doubted: Callable[[], bool] = lambda: False
    failure: Exception | None = None
    ready: deque[Claimed] = field(default_factory=deque)
    claiming: asyncio.Lock = field(default_factory=asyncio.Lock)
    done: Counter[str] = field(default_factory=Counter)
    books: Together[Claimed | Ended, bool] = field(init=False)
    slots: int = field(init=False)
    room: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.books = Together(self._write)
        self.slots = max(LEAST_SLOTS, min(MOST_SLOTS, 2 * self.pace.per_minute // 60))
        self.room = asyncio.Semaphore(self.slots)

    async def _write(self, asked: Sequence[Claimed | Ended]) -> list[bool]:
        """One transaction for all who are at their final dot and all who are past it: which of the first may be
        transmitted, and which of the others are settled now. Verdicts may wait for somebody else's rows and marks never
        do, so marks come last and hold up nobody."""
        ended = [each for each in asked if isinstance(each, Ended)]
        going = [each for each in asked if isinstance(each, Claimed)]
        done: set[UUID] = set()
        async with self.database.write.begin() as session:
            if ended:
                done |= await self._settle_sent(session, ended)
            if going:
                done |= await outbox.mark(session, claimed=going)
        return [(each.claimed.id if isinstance(each, Ended) else each.id) in done for each in asked]

    async def _settle_sent(self, session: AsyncSession, ended: Sequence[Ended]) -> set[UUID]:
        now, claimed = await self.now(session), [(each.claimed, each.outcome) for each in ended]
        return await outbox.settle_sent(session, claimed=claimed, now=now, as_if_at=self.as_if_at)


async def keep_all(database: Database, now: Now, as_if_at: datetime | None, *, demonstrations_only: bool) -> int:
    """Puts whatever does not leave into the mailbox; how many messages."""
    kept = 0
    while True:
        async with database.read() as session:
            at = as_if_at or await now(session)
            if not await anything_to_keep(session, at, demonstrations_only=demonstrations_only):
                return kept
        async with database.write.begin() as session:
            some = await outbox.keep(session, now=at, demonstrations_only=demonstrations_only)
        if not some:
            return kept
        kept += some


async def deliver(work: Delivery) -> Counter[str]:
    """Sends until nothing is due or the process is told to stop; then what is on its way is finished, and what was
    not begun is given back. Counts by outcome. Raises what kept it from claiming, after all the rest was finished."""
    await _recover(work)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(work.slots):
                group.create_task(_send_all(work, group))
    finally:
        await _give_back(work)
    if work.failure is not None:
        raise work.failure
    return work.done


async def _recover(work: Delivery) -> None:
    """What this worker holds although it has nothing on its way: an earlier round was cut off. It goes back."""
    async with work.database.read() as session:
        if not await outbox.holds_leases(session, work.worker_id):
            return
    async with work.database.write.begin() as session:
        terms = Terms(await work.now(session), work.mail, work.as_if_at, work.pace)
        count = await outbox.take_leases(session, worker_id=work.worker_id, terms=terms)
    log.warning("outbox.recovered", count=count)


async def _send_all(work: Delivery, group: asyncio.TaskGroup) -> None:
    """One sender. What was sent is written down while it goes on to its next message; anything else it waits for, for
    that may open the circuit."""
    while (leased := await _next(work)) is not None:
        claimed = outbox.written(leased)
        outcome = await _send(work, claimed)
        await work.room.acquire()
        closing = group.create_task(_close(work, claimed, outcome))
        if outcome.kind != "sent":
            await closing


async def _close(work: Delivery, claimed: Claimed, outcome: Outcome) -> None:
    try:
        await _settle(work, claimed, outcome)
        work.done[outcome.kind] += 1
    finally:
        work.room.release()


async def _next(work: Delivery) -> Claimed | None:
    """The next message. What fails here ends this round for all senders, but not what they have on its way."""
    async with work.claiming:
        over = work.stopping.is_set() or work.failure is not None
        if not work.ready and not over:
            try:
                work.ready.extend(await _claim(work))
            except Exception as error:
                work.failure = error
        return None if over or not work.ready else work.ready.popleft()


async def _claim(work: Delivery) -> list[Claimed]:
    async with work.database.read() as session:
        at = work.as_if_at or await work.now(session)
        if not await anything_due(session, at, work.pace.longest_wait):
            return []
    async with work.database.write.begin() as session:
        return await outbox.claim(
            session,
            now=at,
            worker_id=work.worker_id,
            route_id=work.route_id,
            sender=work.mail.sender,
            limit=2 * work.slots,
            pace=work.pace,
        )


async def _send(work: Delivery, claimed: Claimed) -> Outcome:
    """One attempt; whatever goes wrong on this side before the final dot is a reason to try again."""

    marked = False

    async def may_transmit() -> bool:
        nonlocal marked
        marked = await work.books.ask(claimed)
        return marked

    if claimed.problem:
        return Outcome("refused", "connect", claimed.problem, fault="content")
    try:
        message = OutgoingMessage(
            mail_address(work.return_path(claimed.id)), claimed.recipient, claimed.content, envelope_id=str(claimed.id)
        )
    except ValueError as error:
        return Outcome("refused", "connect", str(error), fault="recipient")
    try:
        return await work.channel.send(message, may_transmit)
    except (DBAPIError, PoolTimeout) as error:
        return Outcome("retry", "mark", f"The mark could not be written: {type(error).__name__}.")
    except Exception as error:  # a defect of this one must not stop the others half way
        log.exception("outbox.defect", message=str(claimed.id))
        return Outcome("unknown" if marked else "retry", "end" if marked else "mark", f"Defect: {error}")


async def _settle(work: Delivery, claimed: Claimed, outcome: Outcome) -> None:
    """Writes the outcome down, however often that takes: what was sent must not be sent again."""
    pause, tries = 0.1, 0
    while True:
        try:
            await _write_down(work, claimed, outcome)
            return
        except (DBAPIError, PoolTimeout, OSError) as error:
            log.warning("outbox.not-settled", message=str(claimed.id), outcome=outcome.kind, error=str(error))
        except Exception as error:  # a defect: the lease stays, and the next round takes it back (`_recover`)
            log.exception("outbox.defect", message=str(claimed.id), outcome=outcome.kind)
            work.failure, tries = error, tries + 1
            if tries == MOST_TRIES:
                return
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _write_down(work: Delivery, claimed: Claimed, outcome: Outcome) -> None:
    if outcome.kind == "sent" and await work.books.ask(Ended(claimed, outcome)):
        return
    async with work.database.write.begin() as session:
        await outbox.settle(
            session,
            claimed=claimed,
            outcome=outcome,
            now=await work.now(session),
            mail=work.mail,
            as_if_at=work.as_if_at,
            pace=work.pace,
            clock_doubted=work.clock_doubted(),
        )


async def _give_back(work: Delivery) -> None:
    if not work.ready:
        return
    try:
        async with work.database.write.begin() as session:
            now = work.as_if_at or await work.now(session)
            await outbox.release(session, claimed=tuple(work.ready), now=now)
    except (DBAPIError, PoolTimeout, OSError) as error:  # the next round finds them (`_recover`)
        log.warning("outbox.not-given-back", count=len(work.ready), error=str(error))
    work.ready.clear()
