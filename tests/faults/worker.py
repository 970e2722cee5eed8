"""What one worker process of the harness does: `compliance worker` with short waits and, if told so, a lying clock.

The lie exists here alone: the product has no way to be given another clock.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

import apscheduler.schedulers.base
import apscheduler.triggers.interval
from sqlalchemy import func, select

from compliance import clock, scheduler
from compliance.channels.conversation import Patience
from compliance.channels.email import EmailChannel
from compliance.channels.smtp_url import parse_smtp_url
from compliance.crypto.ids import new_id
from compliance.db.engine import Database, open_database
from compliance.db.records import CredentialRow, TermRow
from compliance.jobs import JOBS, Context, Job
from compliance.services import renewals
from compliance.services.outbox import Pace
from compliance.services.renewals import Renewal
from compliance.services.trail import Act
from compliance.settings import Settings, read_settings

PACE: Final = Pace(
    beat=0.3,
    silence=4.0,
    back_off=tuple(timedelta(seconds=each) for each in (0.3, 0.6, 1.0, 1.5, 2.0)),
    first_pause=timedelta(seconds=0.1),
    longest_pause=timedelta(seconds=0.5),
)
"""A minute of the product is about four seconds here; the order of all waits is the product's."""
PATIENCE: Final = Patience(command=1.5, mark=3.0, stall=1.5, verdict=2.0)
TIMETABLE: Final = {
    "plan-reminders": Job(JOBS["plan-reminders"].run, timedelta(seconds=1)),
    "deliver-outbox": Job(JOBS["deliver-outbox"].run, timedelta(seconds=0.2)),
}


@dataclass(frozen=True, slots=True)
class Orders:
    """What a child is to be: `worker` or `renewer`; from `after` seconds on its clock is wrong by `jump` seconds."""

    role: str
    jump: float = 0.0
    after: float = 0.0
    breaking: str = ""
    every: float = 0.0
    silence: float = PACE.silence

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Orders:
        return cls(**given)


def lie(orders: Orders) -> None:
    """The wall clock jumps, some time after it was first looked at, for the product and for the library that its
    timetable stands on."""
    honest, began = clock.now, clock.monotonic()
    first: list[float] = []

    def now() -> datetime:
        first[:1] = first[:1] or [clock.monotonic() if orders.after else began]
        wrong = clock.monotonic() - first[0] >= orders.after
        return honest() + timedelta(seconds=orders.jump if wrong else 0)

    class Lying(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return now().astimezone(tz)

    clock.now = now
    apscheduler.schedulers.base.datetime = Lying
    apscheduler.triggers.interval.datetime = Lying


def run(orders: Orders) -> int:
    """The process's whole life; its exit status."""
    os.environ["PGAPPNAME"] = f"harness-{os.getpid()}"  # so that whoever samples transactions knows whose they are
    if orders.jump:
        lie(orders)
    if orders.breaking:
        from tests.faults.breaking import BREAKS

        BREAKS[orders.breaking]()
    return asyncio.run(_work(orders, read_settings()))


async def _work(orders: Orders, settings: Settings) -> int:
    database = open_database(settings.database_url).system
    try:
        if orders.role == "renewer":
            return await _renew_for_ever(database, orders.every)
        return 0 if await scheduler.run_until_stopped(_context(database, settings, orders.silence), TIMETABLE) else 3
    finally:
        await database.close()


def _context(database: Database, settings: Settings, silence: float) -> Context:
    def channel(url: str) -> EmailChannel:
        return EmailChannel(parse_smtp_url(url), patience=PATIENCE)

    return Context(database, settings, pace=replace(PACE, silence=silence), open_channel=channel)


async def _renew_for_ever(database: Database, every: float) -> int:
    """Somebody in the office, who records a renewal now and then, whatever else goes on."""
    while True:
        await asyncio.sleep(every)
        try:
            await _renew_one(database)
        except Exception as error:  # the database is being restarted, or two met: people try again, too
            sys.stderr.write(f"not renewed: {error!r}\n")


async def _renew_one(database: Database) -> None:
    async with database.read() as session:
        held, term = CredentialRow, TermRow
        same = (term.organization_id == held.organization_id) & (term.credential_id == held.id)
        once = select(held.organization_id, held.id, func.max(term.ends_on).label("ends_on")).join(term, same)
        once = once.group_by(held.organization_id, held.id).having(func.count() == 1)
        found = (await session.execute(once.order_by(func.random()).limit(1))).first()
    if found is None:
        return
    async with database.write.begin() as session:
        now = clock.now()
        act = Act(found.organization_id, f"user:{new_id(now)}", now)
        ends_on = found.ends_on + timedelta(days=730)
        await renewals.renew(session, act=act, renewal=Renewal(found.id, ends_on, sure=True))
