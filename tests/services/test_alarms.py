"""Claims about alarms: owners are told of each trouble once while it lasts, and again when it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.records import IncidentRow
from compliance.services import alarms
from compliance.services.alarms import Told
from compliance.services.outbox import routes
from tests.services.reminder_world import MAIL, World
from tests.services.test_outbox import AT, claim, settle, waiting
from tests.services.test_outbox_settling import REFUSED

LATE = {"plan-reminders": "Its last good run ended 2027-08-01 09:00 UTC."}


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


async def look(here: World, at: datetime = AT, late: Mapping[str, str] | None = None) -> Told:
    async with here.database.write.begin() as session:
        return await alarms.raise_all(session, now=at, late=late or {}, mail=MAIL)


async def told(here: World) -> list[dict[str, Any]]:
    return [row for row in await here.outbox() if row["kind"] == "alarm"]


async def test_nothing_is_said_where_all_is_well(here: World) -> None:
    await waiting(here)
    assert await look(here) == Told(0, 0, False)
    assert await told(here) == []


async def test_a_late_job_is_told_once_and_again_when_it_is_late_again(here: World) -> None:
    assert await look(here, late=LATE) == Told(1, 0, True)
    assert await look(here, AT + timedelta(minutes=1), LATE) == Told(0, 0, True)
    assert await look(here, AT + timedelta(minutes=2)) == Told(0, 1, False)
    assert await look(here, AT + timedelta(minutes=3), LATE) == Told(1, 0, True)
    letters = await told(here)
    assert len(letters) == 2
    assert letters[0]["recipient_address"] == f"owner.{here.owner}@example.test"
    assert "The job plan-reminders is late." in letters[0]["text"]


async def test_a_message_that_waits_for_a_quarter_of_an_hour_is_an_alarm(here: World) -> None:
    await waiting(here)
    assert await look(here, AT + timedelta(minutes=14)) == Told(0, 0, False)
    assert await look(here, AT + timedelta(minutes=16)) == Told(1, 0, True)
    assert "has waited to be sent since" in (await told(here))[0]["text"]


async def test_owners_hear_of_a_message_that_was_given_up_and_of_no_alarm_that_failed(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    await settle(here, claimed, REFUSED)
    assert await look(here) == Told(1, 0, False)
    assert "A mail to Ana Ruiz was given up: 550 no" in (await told(here))[0]["text"]
    for each in await claim(here):
        await settle(here, each, REFUSED)
    assert await look(here) == Told(0, 0, False)


async def test_a_mail_server_is_an_alarm_after_a_quarter_of_an_hour_without_an_answer(here: World) -> None:
    at = AT
    for number in range(5):
        assert (await look(here, at)).new == 0, number
        async with here.database.write.begin() as session:
            at = await routes.failed(session, "mail:25", at, "Connection refused")
    assert await look(here, at - timedelta(seconds=1)) == Told(1, 0, True)
    assert "mail:25 does not answer: Connection refused" in (await told(here))[0]["text"]


async def test_a_demonstration_alarms_nobody(database: Database) -> None:
    here = await World(database).begin(demonstration=True)
    assert (await look(here, late=LATE)).new == 0
    assert await told(here) == []


async def test_two_who_look_at_once_tell_once(here: World, database: Database) -> None:
    await look(here, late=LATE)
    await look(here, late=LATE)
    async with database.read() as session:
        assert len((await session.scalars(select(IncidentRow))).all()) == 1
    assert len(await told(here)) == 1
