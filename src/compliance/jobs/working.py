"""The worker that this process is, and the mail that it delivers."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Final, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from compliance.channels import Channel
from compliance.jobs.context import Context, Counts
from compliance.services import outbox
from compliance.services.delivery import Delivery, deliver, keep_all

T = TypeVar("T")
PAUSES: Final = (0.2, 1.0, 3.0)
log = structlog.get_logger()


async def deliver_outbox(context: Context) -> Counts:
    """Hands over what waits, or puts it into the mailbox where no server is named."""
    kept = await keep_all(context.database, context.now, context.as_if_at, demonstrations_only=bool(context.channel))
    done: Counter[str] = Counter(kept=kept)
    if context.channel is not None:
        async with worker(context) as worker_id:
            done.update(await deliver(_delivery(context, context.channel, worker_id)))
    return done


def _delivery(context: Context, channel: Channel, worker_id: UUID) -> Delivery:
    route = getattr(channel, "route", None)
    return Delivery(
        database=context.database,
        channel=channel,
        route_id=f"{route.host}:{route.port}" if route else "email",
        mail=context.mail,
        worker_id=worker_id,
        return_path=context.return_path,
        now=context.now,
        as_if_at=context.as_if_at,
        stopping=context.stopping,
        pace=replace(context.pace, per_minute=context.settings.mail_per_minute),
        clock_doubted=context.clock_doubted,
    )


@asynccontextmanager
async def worker(context: Context) -> AsyncIterator[UUID]:
    """The process's worker, or one for this run alone, with a heartbeat and an orderly end."""
    if context.worker_id is not None:
        yield context.worker_id
        return
    worker_id = await register_worker(context)
    over = asyncio.Event()
    beating = asyncio.create_task(_beat_until(context, worker_id, over))
    try:
        yield worker_id
    finally:
        over.set()
        await beating  # never cancelled: that could leave a transaction open
        await retire_worker(context, worker_id)


async def register_worker(context: Context) -> UUID:
    """A new worker for this process."""

    async def register() -> UUID:
        async with context.database.write.begin() as session:
            now = await context.now(session)
            return await outbox.register(session, now=now, host=socket.gethostname(), pid=os.getpid())

    return await _patiently(register)


async def retire_worker(context: Context, worker_id: UUID) -> None:
    """Its orderly end: what it holds goes back."""

    async def retire() -> None:
        async with context.database.write.begin() as session:
            await outbox.retire(session, worker_id=worker_id, terms=context.terms(await context.now(session)))

    await _patiently(retire)


async def _patiently(write: Callable[[], Awaitable[T]]) -> T:
    """Tries again for some seconds: a database that is busy or being restarted is no reason to give up at the start,
    and at the end others would have to find out that this worker is gone."""
    for pause in PAUSES:
        try:
            return await write()
        except (DBAPIError, PoolTimeout, OSError) as error:
            log.warning("worker.waits", error=type(error).__name__)
            await asyncio.sleep(pause)
    return await write()


async def _beat_until(context: Context, worker_id: UUID, over: asyncio.Event) -> None:
    """Of a single run. A beat that does not get through is left to the next one; who was buried claims nothing."""
    while not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), context.pace.beat)
        try:
            async with context.database.write.begin() as session:
                await outbox.beat(session, worker_id=worker_id, now=await context.now(session))
        except (DBAPIError, PoolTimeout, OSError):
            log.warning("worker.no-heartbeat", worker=str(worker_id))
