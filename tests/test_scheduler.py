"""Claims about schedulers and workers: any number at once, stopped in any way, and every mail leaves once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from compliance import scheduler
from compliance.channels.outcome import Outcome
from compliance.db.engine import Database, open_database
from compliance.db.records import JobRunRow, WorkerRow
from compliance.jobs import JOBS, Context, run_job
from compliance.services import outbox
from tests.services.reminder_world import MAIL, World, morning
from tests.services.smtp_server import Post, smtp_server
from tests.test_jobs import before, settings


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


WORKER = """
import asyncio, sys
from compliance import scheduler
from compliance.db.engine import open_database
from compliance.jobs import Context
from compliance.settings import read_settings

async def work():
    settings = read_settings()
    database = open_database(settings.database_url).system
    stopped_in_order = await scheduler.run_until_stopped(Context(database, settings))
    await database.close()
    return 0 if stopped_in_order else 3

sys.exit(asyncio.run(work()))
"""


async def test_a_worker_process_runs_every_job_and_stops_in_good_order_when_told(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    given = {"COMPLIANCE_DATABASE_URL": database_url, "COMPLIANCE_HOME": str(tmp_path)}
    given |= {"COMPLIANCE_SECRET_KEY": "k" * 16 + "0123456789abcdefghij"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, env=os.environ | given)
    async with asyncio.timeout(60):
        while await _jobs_that_ran(database) != set(JOBS):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    async with database.read() as session:
        assert list(await session.scalars(select(WorkerRow.dead))) == [True]


async def _jobs_that_ran(database: Database) -> set[str]:
    async with database.read() as session:
        return set(await session.scalars(select(JobRunRow.job).where(JobRunRow.error == "")))


async def test_two_schedulers_at_once_send_each_mail_once(here: World, tmp_path: Path, database_url: str) -> None:
    for number in range(12):
        await here.therapist(email=f"t{number}@example.test")
    await here.rearm(morning(before(30)))
    post, other = Post(), open_database(database_url).system
    async with smtp_server(post) as port:
        at = morning(before(30))
        contexts = [Context(each, settings(tmp_path, port), as_if_at=at) for each in (here.database, other)]
        running = [await scheduler.start(each) for each in contexts]
        await _until(lambda: len(post.accepted) >= 12)
        for each in contexts * 2:
            await run_job("plan-reminders", each)
            await run_job("deliver-outbox", each)
        await asyncio.gather(*(each.stop() for each in running))
    await other.close()
    assert sorted(to for to, _ in post.accepted) == sorted(f"t{number}@example.test" for number in range(12))
    assert {row["state"] for row in await here.outbox()} == {"sent"}


async def test_stopping_finishes_what_is_on_its_way_and_leaves_nothing_unsure(here: World, tmp_path: Path) -> None:
    for number in range(30):
        await here.therapist(email=f"t{number}@example.test")
    at, post, told = morning(before(30)), Post(), asyncio.Event()

    async def held() -> None:
        if len(post.accepted) >= 3:
            await told.wait()

    post.before_answer = held
    async with smtp_server(post) as port:
        at_once = 8  # what leaves in two seconds
        slowly = replace(settings(tmp_path, port), mail_per_minute=30 * at_once)
        context = Context(here.database, slowly, as_if_at=at)
        await run_job("plan-reminders", context)
        running = await scheduler.start(context)
        await _until(lambda: len(post.accepted) >= 3)
        stopped = asyncio.create_task(running.stop())
        await asyncio.sleep(0.1)
        told.set()
        await stopped
        arrived = {to for to, _ in post.accepted}
    states = {row["recipient_address"]: row["state"] for row in await here.outbox()}
    assert 3 <= len(arrived) <= 3 + at_once
    assert {to for to, state in states.items() if state == "sent"} == arrived
    assert set(states.values()) == {"sent", "pending"}
    assert all(row["attempts"] == 0 for row in await here.outbox(state="pending"))


async def test_a_dead_worker_s_leases_go_back_and_what_it_was_transmitting_is_unknown(here: World) -> None:
    for number in range(2):
        await here.therapist(email=f"t{number}@example.test")
    at = morning(before(30))
    await here.plan(at)
    async with here.database.write.begin() as session:
        dead = await outbox.register(session, now=at, host="elsewhere", pid=1)
        one, two = await outbox.claim(
            session, now=at, worker_id=dead, route_id="r", sender="reminders@example.test", limit=2
        )
    async with here.database.write.begin() as session:
        assert await outbox.mark(session, claimed=[one]) == {one.id}
    watch = outbox.Watch()
    async with here.database.read() as session:
        numbers = await outbox.heartbeats(session)
    assert watch.silent(numbers, 1000.0) == []
    assert watch.silent(numbers, 1059.0) == []
    assert watch.silent(numbers, 1060.0) == [(dead, 0)]
    async with here.database.write.begin() as session:
        assert await outbox.bury(session, worker_id=dead, heartbeat_no=0, terms=outbox.Terms(at, MAIL)) == 2
        assert await outbox.bury(session, worker_id=dead, heartbeat_no=0, terms=outbox.Terms(at, MAIL)) == 0
        assert not await outbox.beat(session, worker_id=dead, now=at)
    rows = {row["id"]: row for row in await here.outbox()}
    assert (rows[one.id]["state"], rows[one.id]["possible_duplicates"]) == ("pending", 1)
    assert (rows[two.id]["state"], rows[two.id]["possible_duplicates"]) == ("pending", 0)
    late = Outcome("sent", "end", "250 Taken", 250)
    async with here.database.write.begin() as session:  # it wakes up again and can settle nothing
        assert not await outbox.settle(session, claimed=one, outcome=late, now=at, mail=MAIL)


async def test_a_worker_whose_heart_beats_is_never_buried(here: World) -> None:
    watch, at = outbox.Watch(), morning(before(30))
    async with here.database.write.begin() as session:
        alive = await outbox.register(session, now=at, host="here", pid=1)
    for elapsed in range(0, 600, 30):
        async with here.database.write.begin() as session:
            assert await outbox.beat(session, worker_id=alive, now=at)
        async with here.database.read() as session:
            assert watch.silent(await outbox.heartbeats(session), float(elapsed)) == []


async def test_a_stopped_scheduler_leaves_no_living_worker(database: Database, tmp_path: Path) -> None:
    running = await scheduler.start(Context(database, settings(tmp_path, None)))
    await running.stop()
    async with database.read() as session:
        assert list(await session.scalars(select(WorkerRow.dead))) == [True]


async def _until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
