"""Claims about the days and hours on which reminders leave: the organization's, the board's, the law's."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from compliance.catalog import load
from compliance.db.engine import Database
from compliance.db.records import (
    ClinicRow,
    CredentialRow,
    OutboxRow,
    ReminderRow,
    TermRow,
)
from compliance.domain.credential_types import Ladder
from compliance.domain.release import Calendar
from compliance.domain.reminders import JOINED, OLDER, REPLACED
from compliance.services import reminders
from compliance.services.mailing import lines_of
from compliance.services.refusals import Refused
from tests.services.reminder_world import ENDS, World, morning


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def before(days: int) -> date:
    return ENDS - timedelta(days=days)


EARLY = before(100)


async def set_ladder(
    here: World,
    *days: int,
    on: date = EARLY,
    type: str = "",
    credential: UUID | None = None,
    manager: tuple[int, ...] = (),
) -> UUID:
    async with here.database.write.begin() as session:
        return await reminders.set_ladder(
            session, act=here.act(morning(on)), ladder=Ladder(days, manager), reason="asked", type=type,
            credential_id=credential,
        )  # fmt: skip


async def next_day(here: World) -> date | None:
    found: date | None = (await here.rows(TermRow))[0]["next_rung_on"]
    return found


# -- hours and days --------------------------------------------------------------------------------------------------


async def keeps(here: World, calendar: Calendar, on: date = EARLY) -> None:
    async with here.database.write.begin() as session:
        await reminders.set_calendar(session, act=here.act(morning(on)), calendar=calendar)


async def test_reminders_leave_at_the_hour_that_an_organization_sets(here: World) -> None:
    await keeps(here, Calendar(hour=time(7, 30)))
    await here.therapist(today=before(200))
    assert (await here.plan(morning(before(90), 11))).queued == 0  # seven in the morning there
    assert (await here.plan(morning(before(90), 12))).queued == 1


async def test_at_a_weekend_that_rests_nothing_leaves_and_on_monday_nothing_is_missing(here: World) -> None:
    await keeps(here, Calendar(weekends=False))
    await here.therapist(ends_on=date(2027, 8, 29), today=before(200))  # a Sunday
    for day in (date(2027, 8, 28), date(2027, 8, 29)):
        assert (await here.plan(morning(day))).queued == 0
    done = await here.plan(morning(date(2027, 8, 30)))
    assert done.queued == 2  # the therapist's and the manager's of the last day
    assert (await here.notes())["therapist", 0] == ("queued", "")


async def test_what_is_caught_up_in_quiet_hours_waits_for_their_end(here: World) -> None:
    await keeps(here, Calendar(quiet_from=time(21), quiet_to=time(8)))
    await here.therapist(today=before(200))
    late = morning(before(29), 2)  # ten in the evening of the day before
    assert (await here.plan(late)).queued == 0
    assert (await here.plan(late)).looked_at == 0  # and nobody looks again before it may leave
    assert (await here.plan(morning(before(29), 13))).queued == 1
    assert (await here.notes())["therapist", 30] == ("queued", "")


async def test_changing_hours_days_and_zone_fires_nothing_twice(here: World) -> None:
    await here.therapist(today=before(200))
    for days in range(95, -35, -1):
        hour, quiet_to = time(6 + days % 5), time(days % 6)
        calendar = Calendar(hour=hour, weekends=days % 3 != 0, quiet_from=time(22), quiet_to=quiet_to)
        zone = ("America/New_York", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kolkata")[days % 4]
        await keeps(here, calendar, before(days))
        async with here.database.write.begin() as session:
            await session.execute(update(ClinicRow).values(time_zone=zone))
        for at in (1, 9, 17, 23):
            await here.plan(morning(before(days), at))
        async with here.database.write.begin() as session:
            await session.execute(update(OutboxRow).where(OutboxRow.state == "pending").values(state="sent"))
            await session.execute(update(ReminderRow).where(ReminderRow.state == "queued").values(state="done"))
    sent = [str(line["key"]) for row in await here.outbox(state="sent") for line in lines_of(row["facts"])]
    assert len(sent) == len(set(sent))
    notes = await here.rows(ReminderRow)
    assert len(notes) == 13
    assert {row["reason"] for row in notes if row["state"] != "done"} <= {OLDER, JOINED, REPLACED}


async def test_an_hour_inside_the_quiet_hours_is_refused(here: World) -> None:
    with pytest.raises(Refused, match="nothing would ever leave"):
        await keeps(here, Calendar(hour=time(6), quiet_from=time(20), quiet_to=time(8)))


# -- the board's own days --------------------------------------------------------------------------------------------


async def test_nothing_is_said_before_the_board_takes_renewals_and_then_the_most_urgent_step(here: World) -> None:
    async with here.database.write.begin() as session:
        await session.execute(update(ClinicRow).values(jurisdiction="us-wa"))
    who, _ = await here.therapist(type="cpr")  # so that a second credential can be given another place
    rule = load().renewal("us-wa", "massage-license", ENDS)
    assert rule is not None
    opens = rule.window_opens_on(ENDS)
    assert opens == before(90)
    held = await here.credential(who, type="massage-license")
    async with here.database.write.begin() as session:
        await session.execute(update(CredentialRow).where(CredentialRow.id == held).values(jurisdiction="us-wa"))
    await set_ladder(here, 200, 150, 90, 30, on=before(300), credential=held)
    for days in range(210, 89, -1):
        await here.plan(morning(before(days)))
    mine = {row["rung"]: row for row in await here.rows(ReminderRow, subject_id=held)}
    assert {rung: row["local_date"] for rung, row in mine.items()} == dict.fromkeys((200, 150, 90), opens)
    assert [rung for rung, row in mine.items() if row["state"] == "queued"] == [90]


async def test_where_the_law_wants_the_application_before_the_end_its_day_has_a_ladder_too(here: World) -> None:
    await here.therapist()
    async with here.database.write.begin() as session:
        await session.execute(update(CredentialRow).values(jurisdiction="us-nh"))
    await here.rearm(morning(before(200)))
    apply_by = before(30)  # thirty days before, says New Hampshire
    await here.plan(morning(apply_by))
    found = {
        (row["anchor"], row["recipient"].partition(":")[0], row["rung"]): row for row in await here.rows(ReminderRow)
    }
    assert found["deadline", "therapist", 0]["anchor_on"] == apply_by
    assert found["deadline", "manager", 0]["state"] == "queued"
    assert found["expiry", "therapist", 30]["state"] == "queued"
    texts = {row["recipient_address"].partition(".")[0]: row["text"] for row in await here.outbox()}
    assert "The application to renew your New Hampshire massage license is due today" in texts["ana@example"]
    assert "The application to renew Ana Ruiz’s New Hampshire massage license is due today" in texts["manager"]
