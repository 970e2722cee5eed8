"""One mail server's shared quota and its circuit, kept in a row, so that all workers keep to them together.

Times come from whoever asks, and some clocks are wrong: an instant that lies too far ahead is not believed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import MailRouteRow
from compliance.services.outbox.pace import PACE, Pace


async def take_tokens(session: AsyncSession, route_id: str, now: datetime, wanted: int, pace: Pace = PACE) -> int:
    """How many messages may be sent by this route now, at most `wanted`; they are counted as sent."""
    route = await _locked(session, route_id, now, pace)
    if is_open(route.open_until, now, pace):
        return 0
    route.per_minute = pace.per_minute
    elapsed = min(max((now - route.refilled_at).total_seconds(), 0.0), 60.0)
    full = min(route.per_minute, route.tokens + int(elapsed * route.per_minute / 60))
    if full > route.tokens or route.refilled_at > now:
        route.refilled_at = now
    granted = min(wanted, full)
    route.tokens = full - granted
    return granted


async def rests(session: AsyncSession, route_id: str, now: datetime, pace: Pace = PACE) -> bool:
    """Whether the circuit is open; asked without a lock, before anything is taken."""
    until = await session.scalar(select(MailRouteRow.open_until).where(MailRouteRow.id == route_id))
    return is_open(until, now, pace)


def is_open(until: datetime | None, now: datetime, pace: Pace = PACE) -> bool:
    """Whether the circuit is open: nothing is tried. A pause longer than the longest comes from a wrong clock."""
    return until is not None and now < until <= now + pace.longest_pause


async def give_back(session: AsyncSession, route_id: str, now: datetime, count: int) -> None:
    """Tokens that were taken and not used."""
    route = await _locked(session, route_id, now)
    route.tokens = min(route.per_minute, route.tokens + count)


async def failed(session: AsyncSession, route_id: str, now: datetime, error: str, pace: Pace = PACE) -> datetime:
    """The server or the way to it failed: the circuit opens, longer each time. Until when."""
    route = await _locked(session, route_id, now)
    if not is_open(route.open_until, now, pace):  # several that failed together count once
        route.consecutive_failures += 1
        pause = pace.first_pause * 2 ** min(route.consecutive_failures - 1, 10)
        route.open_until = now + min(pause, pace.longest_pause)
    route.last_error = error
    return route.open_until or now


async def worked(session: AsyncSession, route_id: str, now: datetime) -> None:
    """The server took part in a conversation: the circuit closes."""
    query = select(MailRouteRow.consecutive_failures).where(MailRouteRow.id == route_id)
    if await session.scalar(query):
        route = await _locked(session, route_id, now)
        route.consecutive_failures, route.open_until, route.last_error = 0, None, ""


async def _locked(session: AsyncSession, route_id: str, now: datetime, pace: Pace = PACE) -> MailRouteRow:
    query = select(MailRouteRow).where(MailRouteRow.id == route_id).with_for_update()
    found = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if found is not None:
        return found
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    first = {"id": route_id, "per_minute": pace.per_minute, "tokens": pace.per_minute, "refilled_at": now}
    new = make(MailRouteRow).values(first | {"last_error": "", "consecutive_failures": 0})
    await session.execute(new.on_conflict_do_nothing())
    return (await session.scalars(query.execution_options(populate_existing=True))).one()
