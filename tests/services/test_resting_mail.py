"""Claims about reminders that are late: quiet hours and weekends defer them as well, and nothing is dropped."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final

import pytest

from compliance.channels import Outcome
from compliance.db.engine import Database
from compliance.domain.release import Calendar
from compliance.services import reminders
from tests.services.reminder_world import ENDS, World, morning
from tests.services.test_outbox import claim, link, settle

DAY: Final = ENDS - timedelta(days=60)
NIGHTS: Final = Calendar(quiet_from=time(20), quiet_to=time(7))
LATER: Final = Outcome("retry", "data", "451 later", 451)


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def at(days: int, hour: float) -> datetime:
    """An hour in New York, in the summer, some days after the rung."""
    start = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    return start + timedelta(days=days, hours=hour + 4)


async def waiting(here: World, calendar: Calendar) -> None:
    """A reminder that was queued on its day, in an organization that rests."""
    async with here.database.write.begin() as session:
        await reminders.set_calendar(session, act=here.act(at(-30, 10)), calendar=calendar)
    await here.therapist()
    await here.plan(morning(DAY))


async def test_a_reminder_that_failed_in_the_evening_is_not_tried_in_the_night(here: World) -> None:
    await waiting(here, NIGHTS)
    (first,) = await claim(here, at(0, 19.9))
    await settle(here, first, LATER, at(0, 19.9))
    for hour in (20.5, 23, 25, 30.9):
        assert await claim(here, at(0, hour)) == []
    assert len(await claim(here, at(0, 31))) == 1


async def test_a_reminder_that_nobody_could_send_on_friday_leaves_on_monday_and_has_its_three_days(
    here: World,
) -> None:
    friday = 4 - DAY.weekday() if DAY.weekday() <= 4 else 11 - DAY.weekday()
    await waiting(here, Calendar(weekends=False))
    (row,) = await here.outbox()
    assert await claim(here, at(friday + 1, 12)) == []
    assert await claim(here, at(friday + 2, 12)) == []
    (slept,) = await here.outbox()
    assert slept["give_up_at"] - row["give_up_at"] == timedelta(hours=36)
    assert len(await claim(here, at(friday + 3, 9))) == 1


async def test_other_mail_does_not_rest(here: World) -> None:
    await waiting(here, NIGHTS)
    await link(here)
    assert [each.kind for each in await claim(here, at(120, 23))] == ["sign-in-link"]


async def test_what_rests_keeps_nobody_else_waiting(here: World) -> None:
    there = await World(here.database).begin()
    await waiting(here, NIGHTS)
    await there.therapist(email="else@example.test")
    await there.plan(morning(DAY, 15))
    assert [each.recipient for each in await claim(here, at(0, 23), limit=1)] == ["else@example.test"]
