"""Claims about time: a dead scheduler, two at once, moving zones, both clock changes; each rung exactly once."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from sqlalchemy import update

from compliance.db.engine import Database
from compliance.db.records import ClinicRow, OutboxRow, ReminderRow
from compliance.domain.credential_types import DEFAULT_LADDER
from compliance.domain.reminders import JOINED, OLDER, TOO_OLD
from compliance.services.mailing import lines_of
from tests.services.reminder_world import ENDS, World, morning

ZONES = sorted(available_timezones())


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def before(days: int) -> date:
    return ENDS - timedelta(days=days)


async def delivered(here: World) -> list[str]:
    """Marks what waits as sent; the keys of all lines that were ever sent."""
    async with here.database.write.begin() as session:
        await session.execute(update(OutboxRow).where(OutboxRow.state == "pending").values(state="sent"))
        await session.execute(update(ReminderRow).where(ReminderRow.state == "queued").values(state="done"))
    return [str(line["key"]) for row in await here.outbox(state="sent") for line in lines_of(row["facts"])]


@pytest.mark.parametrize("dead_for", [1, 7, 40])
@pytest.mark.parametrize("last_alive", [61, 8, -6])
async def test_after_any_downtime_there_is_one_reminder_a_credential_and_recipient(
    here: World, dead_for: int, last_alive: int
) -> None:
    for number in range(2):
        await here.therapist(email=f"t{number}@example.test")
    earlier: list[str] = []
    for days in DEFAULT_LADDER.therapist:
        if days >= last_alive:
            await here.plan(morning(before(days)))
            earlier = await delivered(here)
    await here.plan(morning(before(last_alive - dead_for)))
    new = [key for key in await delivered(here) if key not in set(earlier)]
    told = Counter((key.split("/")[1], key.split("/")[5]) for key in new)
    assert set(told.values()) <= {1}
    skipped = await here.rows(ReminderRow, state="skipped")
    assert {row["reason"] for row in skipped} <= {OLDER, TOO_OLD, JOINED}
    passed = {
        (who, days)
        for who, ladder in (
            ("therapist", (90, 60, 30, 14, 7, 1, 0, -7, -30)),
            ("manager", (14, 0, -7)),
            ("owner", (-7,)),
        )
        for days in ladder
        if days >= last_alive - dead_for
    }
    assert set(await here.notes()) == passed  # every rung that was reached is written down, once for each credential
    assert len(await here.rows(ReminderRow)) == 2 * len(passed)


SIX = """
import asyncio, sys
from datetime import datetime
from compliance.jobs import Context, run_job
from compliance.db.engine import open_database
from compliance.settings import read_settings

async def main(url, home, at):
    database = open_database(url).system
    context = Context(database, read_settings({"COMPLIANCE_HOME": home}), datetime.fromisoformat(at))
    for _ in range(6):
        await run_job("plan-reminders", context)
    await database.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_the_same_job_six_times_by_each_of_two_processes_at_once_is_one_mail(
    here: World, database_url: str, tmp_path: object
) -> None:
    await here.therapist()
    words = (sys.executable, "-c", SIX, database_url, str(tmp_path), morning(before(30)).isoformat())
    both = [await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.PIPE) for _ in range(2)]
    ended = await asyncio.gather(*(each.communicate() for each in both))
    assert [each.returncode for each in both] == [0, 0], ended
    assert len(await here.outbox()) == 1
    assert len(await here.rows(ReminderRow, state="queued")) == 1


def shifts(zone: str, year: int) -> list[date]:
    """The days of a year on which a zone's clocks change."""
    place, found = ZoneInfo(zone), []
    for count in range(366):
        noon = datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=count)
        if noon.astimezone(place).utcoffset() != (noon + timedelta(days=1)).astimezone(place).utcoffset():
            found.append((noon + timedelta(days=1)).astimezone(place).date())
    return found


def some(zones: Iterable[str], count: int) -> list[str]:
    """Zones with clock changes of every kind first, then others, so many."""
    kinds: dict[tuple[object, ...], str] = {}
    for zone in zones:
        at = datetime(2028, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone))
        kinds.setdefault((at.utcoffset(), tuple(shifts(zone, 2028))), zone)
    return list(kinds.values())[:count]


async def test_over_both_clock_changes_each_rung_goes_out_once_on_its_local_day_at_nine(here: World) -> None:
    """The planner wakes every eight hours through the days around each change."""
    for zone in ("America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"):
        async with here.database.write.begin() as session:
            await session.execute(update(ClinicRow).values(time_zone=zone))
        for shift in shifts(zone, 2028)[:2] or [date(2028, 2, 29)]:
            _, held = await here.therapist(ends_on=shift + timedelta(days=1), email=f"{shift}@example.test")
            start = datetime.combine(shift - timedelta(days=1), datetime.min.time(), UTC)
            for hours in range(0, 24 * 4, 8):
                await here.plan(start + timedelta(hours=hours))
                await delivered(here)
            notes = await here.rows(ReminderRow, subject_id=held, recipient="therapist")
            mine = {row["rung"]: row for row in notes}
            for days in (1, 0):
                due = mine[days]["due_at"].astimezone(ZoneInfo(zone))
                assert (due.date(), due.hour, due.minute) == (shift + timedelta(days=1 - days), 9, 0), (zone, days)
                assert mine[days]["state"] == "done"
    sent = await delivered(here)
    assert len(sent) == len(set(sent))


async def test_a_clinic_that_moves_between_zones_every_day_tells_nobody_twice(here: World) -> None:
    await here.therapist()
    zones = some(ZONES, 40)
    for days in range(16, -9, -2):
        for hour in (0, 12):
            async with here.database.write.begin() as session:
                await session.execute(update(ClinicRow).values(time_zone=zones[(days * 2 + hour) % len(zones)]))
            await here.plan(morning(before(days), hour))
            sent = await delivered(here)
    assert len(sent) == len(set(sent))
    rungs = Counter((row["recipient"].partition(":")[0], row["rung"]) for row in await here.rows(ReminderRow))
    assert set(rungs.values()) == {1}
