"""The jobs that watch: reports on mail that came back, and whatever owners must be told of."""

from __future__ import annotations

import asyncio
import mailbox
from collections import Counter
from pathlib import Path

import structlog

from compliance.channels.ping import ping
from compliance.db.queries.outbox import job_runs
from compliance.jobs.context import Context, Counts
from compliance.jobs.lateness import Timetable, late_jobs
from compliance.services import alarms, bounces

log = structlog.get_logger()


async def read_bounces(context: Context) -> Counts:
    """Takes in the delivery reports of the folder that mail for the bounce address is put into, each once."""
    folder = context.settings.bounce_maildir
    done: Counter[str] = Counter()
    if folder is None:
        return done
    box = await asyncio.to_thread(mailbox.Maildir, folder, None, False)
    for key in await asyncio.to_thread(_new, folder):
        if context.stopping.is_set():
            break
        raw = await asyncio.to_thread(box.get_bytes, key)
        done[await take_report(context, raw[: bounces.LARGEST])] += 1
        await asyncio.to_thread(_put_away, box, key)
    return done


async def take_report(context: Context, raw: bytes) -> bounces.Verdict:
    """One report, in a transaction of its own."""
    async with context.database.write.begin() as session:
        now = await context.now(session)
        return await bounces.receive(session, raw=raw, now=now, mail=context.mail, as_if_at=context.as_if_at)


def _new(folder: Path) -> list[str]:
    return sorted(each.name.partition(":")[0] for each in (folder / "new").iterdir() if each.is_file())


def _put_away(box: mailbox.Maildir, key: str) -> None:
    """What was read moves to `cur`, marked as seen: nothing is thrown away."""
    message = box.get_message(key)
    message.set_subdir("cur")
    message.add_flag("S")
    box[key] = message


async def raise_alarms(context: Context, timetable: Timetable) -> Counts:
    """Tells owners, once, of what is not as it should be; where nothing is, tells the outside that all is well."""
    async with context.database.read() as session:
        now = await context.now(session)
        late = late_jobs(timetable, await job_runs(session), now)
    async with context.database.write.begin() as session:
        now = await context.now(session)
        told = await alarms.raise_all(session, now=context.as_if_at or now, late=late, mail=context.mail)
    done = {"alarms": told.new, "ended": told.ended}
    if context.settings.ping_url and not told.machine and context.as_if_at is None:
        done["pinged"] = int(await ping(context.settings.ping_url))
    return done
