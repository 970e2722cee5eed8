"""Claims about the jobs that watch: reports are read once from their folder, and the outside hears that all is well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from compliance import clock
from compliance.channels.ping import ping
from compliance.db.engine import Database
from compliance.db.queries.outbox import JobRun
from compliance.db.records import JobRunRow
from compliance.jobs import JOBS, Context, run_job
from compliance.jobs.lateness import is_late, late_jobs
from compliance.settings import WrongSetting, read_settings
from tests.services.reminder_world import World, morning
from tests.services.smtp_server import Post, smtp_server
from tests.services.test_bounces import report
from tests.test_jobs import before, settings


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


@asynccontextmanager
async def watcher(status: str) -> AsyncIterator[tuple[str, list[str]]]:
    """A tiny web server that answers everything alike; its address, and the requests that it has heard."""
    heard: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readline()).decode().strip())
        writer.write(f"HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ping/abc?x=1", heard
    server.close()


@pytest.mark.parametrize(("status", "good"), [("200 OK", True), ("302 Elsewhere", False), ("500 No", False)])
async def test_a_ping_is_one_request_and_follows_nobody(status: str, good: bool) -> None:
    async with watcher(status) as (url, heard):
        assert await ping(url) is good
    assert heard == ["GET /ping/abc?x=1 HTTP/1.1"]


async def test_a_watcher_that_is_not_there_breaks_nothing() -> None:
    assert await ping("http://127.0.0.1:1/") is False


async def test_the_outside_hears_that_all_is_well_and_nothing_while_a_job_is_late(here: World, tmp_path: Path) -> None:
    async with watcher("200 OK") as (url, heard):
        context = Context(here.database, replace(settings(tmp_path, None), ping_url=url))
        for job in JOBS:
            await run_job(job, context)
        assert len(heard) == 1
        await _make_late(here.database)
        done = (await run_job("raise-alarms", context))["done"]
        assert done["alarms"] >= 1
        assert "pinged" not in done
    assert len(heard) == 1


async def _make_late(database: Database) -> None:
    async with database.write.begin() as session:
        long_ago = clock.now() - timedelta(hours=1)
        await session.execute(update(JobRunRow).where(JobRunRow.job == "plan-reminders").values(good_at=long_ago))


@pytest.mark.parametrize(
    "url", ["ftp://x.test/", "http://", "https://user:secret@x.test/", "nonsense", "http://x:99999/"]
)
def test_an_address_that_cannot_be_pinged_stops_the_start_and_is_not_repeated(url: str) -> None:
    with pytest.raises(WrongSetting, match="COMPLIANCE_PING_URL cannot be used") as refused:
        read_settings({"COMPLIANCE_PING_URL": url})
    assert "secret" not in str(refused.value)


async def test_mail_comes_back_to_a_signed_address_and_its_report_is_read_once(here: World, tmp_path: Path) -> None:
    await here.therapist()
    folder = tmp_path / "maildir"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    at, post = morning(before(30)), Post()
    async with smtp_server(post) as port:
        given = replace(settings(tmp_path, port), bounce_address="bounces@example.test", bounce_maildir=folder)
        context = Context(here.database, given, as_if_at=at)
        for job in ("plan-reminders", "deliver-outbox"):
            await run_job(job, context)
        (folder / "new" / "1.report").write_bytes(report(post.senders[0]))
        (folder / "new" / "2.other").write_bytes(b"Subject: Hello\n\nIs anybody there?")
        (folder / "new" / "3.forged").write_bytes(report("bounces+aaaa@example.test"))
        done = (await run_job("read-bounces", context))["done"]
        again = (await run_job("read-bounces", context))["done"]
    assert post.senders[0].startswith("bounces+")
    assert done == {"failed": 1, "unreadable": 1, "forged": 1}
    assert again == {}
    assert sorted(each.name for each in (folder / "cur").iterdir()) == ["1.report:2,S", "2.other:2,S", "3.forged:2,S"]
    assert (await here.outbox())[0]["state"] == "bounced"


def test_a_job_is_late_by_its_last_good_end() -> None:
    now = clock.now()
    ran = JobRun("x", now, now, {}, "broken", 1, good_at=now - timedelta(minutes=16))
    assert is_late(ran, timedelta(minutes=1), now)
    assert not is_late(replace(ran, good_at=now), timedelta(minutes=1), now)
    assert not is_late(replace(ran, good_at=now - timedelta(hours=2)), timedelta(hours=1), now)
    assert late_jobs({"x": timedelta(minutes=1), "new": timedelta(minutes=1)}, {"x": ran}, now).keys() == {"x"}
