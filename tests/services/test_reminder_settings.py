"""Claims about what an organization sets: ladders, who stands in, hours and days; nothing is lost or doubled."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.catalog import load
from compliance.db.engine import Database
from compliance.db.records import (
    ClinicRow,
    CredentialRow,
    DelegationRow,
    LadderRow,
    OutboxRow,
    ReminderRow,
    TermRow,
    TrailEntryRow,
)
from compliance.domain.credential_types import Ladder
from compliance.domain.release import Calendar
from compliance.domain.reminders import JOINED, OLDER, REPLACED
from compliance.services import accounts, reminders
from compliance.services.mailing import lines_of
from compliance.services.refusals import Refused
from compliance.services.reminders.settings import CHANGED
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


async def trail_of(here: World) -> list[tuple[str, str]]:
    async with here.database.read() as session:
        query = select(TrailEntryRow.action, TrailEntryRow.actor).where(TrailEntryRow.organization_id == here.id)
        return [(row.action, row.actor) for row in await session.execute(query.order_by(TrailEntryRow.seq))]


async def test_the_nearest_ladder_holds_the_credential_s_then_the_type_s_then_everybody_s(here: World) -> None:
    _, held = await here.therapist(today=before(200))
    assert await next_day(here) == before(90)
    every = await set_ladder(here, 50)
    assert await next_day(here) == before(50)
    of_type = await set_ladder(here, 40, type="massage-license")
    await set_ladder(here, 99, type="cpr")
    assert await next_day(here) == before(40)
    own = await set_ladder(here, 30, credential=held)
    assert await next_day(here) == before(30)
    for id_, then in ((own, 40), (of_type, 50), (every, 90)):
        async with here.database.write.begin() as session:
            await reminders.clear_ladder(session, act=here.act(morning(before(100))), ladder_id=id_, reason="as usual")
        assert await next_day(here) == before(then)


async def test_only_the_steps_of_the_ladder_in_force_go_out(here: World) -> None:
    await here.therapist(today=before(200))
    await set_ladder(here, 40, 5, type="massage-license", manager=(5,))
    for days in range(95, -10, -1):
        await here.plan(morning(before(days)))
    notes = await here.notes()
    assert set(notes) == {("therapist", 40), ("therapist", 5), ("manager", 5)}


async def test_a_second_ladder_for_the_same_takes_the_place_of_the_first_and_says_so_in_the_trail(here: World) -> None:
    _, held = await here.therapist(today=before(200))
    for days in (40, 41):
        await set_ladder(here, days, credential=held)
    rows = await here.rows(LadderRow)
    assert [row["voided_seq"] is None for row in rows] == [False, True]
    entries = await trail_of(here)
    assert entries == [("ladder.set", f"user:{here.owner}")] * 2


async def test_what_waits_by_the_old_ladder_is_taken_back_and_goes_out_again_only_if_the_new_one_has_the_step(
    here: World,
) -> None:
    _, held = await here.therapist(today=before(200))
    await here.plan(morning(before(60)))
    await set_ladder(here, 30, on=before(60), credential=held)
    assert (await here.notes())["therapist", 60] == ("withdrawn", CHANGED)
    await here.plan(morning(before(60), 15))
    assert await here.outbox(state="pending") == []
    await set_ladder(here, 60, 30, on=before(60), credential=held)
    await here.plan(morning(before(60), 16))
    assert (await here.notes())["therapist", 60] == ("queued", "")
    assert len(await here.outbox()) == 1


@pytest.mark.parametrize("text", ["90, 60, -7", "90 60 -7", "-7;60;90", " 60,90,90 , -7"])
def test_days_are_read_as_people_write_them(text: str) -> None:
    assert reminders.days_of(text) == (90, 60, -7)


@pytest.mark.parametrize("text", ["90, soon", "9999", "-9000", ",".join(map(str, range(60)))])
def test_days_that_nobody_can_count_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"days|steps"):
        reminders.days_of(text)


async def test_a_ladder_without_a_reason_or_for_an_unheard_of_type_is_refused(here: World) -> None:
    async with here.database.write.begin() as session:
        with pytest.raises(Refused) as refused:
            await reminders.set_ladder(
                session, act=here.act(morning(ENDS)), ladder=Ladder((9000,)), reason=" ", type="unheard-of"
            )
    assert set(refused.value.fields) == {"therapist", "type", "reason"}


# -- somebody is away ------------------------------------------------------------------------------------------------


async def stands_in(here: World, who: UUID, instead: UUID, first: date, last: date) -> UUID:
    async with here.database.write.begin() as session:
        return await reminders.delegate(
            session, act=here.act(morning(first)), person_id=who, delegate_id=instead, starts_on=first, ends_on=last,
            reason="vacation",
        )  # fmt: skip


async def readers(here: World) -> list[tuple[str, str]]:
    found = await here.outbox(state="pending")
    return sorted(
        (row["recipient_address"].partition(".")[0], str(line["for_whom"]))
        for row in found
        for line in lines_of(row["facts"])
    )


async def test_while_a_manager_is_away_their_mail_goes_to_whoever_stands_in(here: World) -> None:
    await here.therapist(email=None)
    await stands_in(here, here.manager, here.owner, before(20), before(10))
    await here.plan(morning(before(14)))
    assert await readers(here) == [("owner", "The manager")]
    assert "For: The manager, who is away" in (await here.outbox())[0]["text"]
    assert {row["recipient"] for row in await here.rows(ReminderRow, state="queued")} == {f"manager:{here.manager}"}


async def test_before_and_after_the_span_and_once_it_was_ended_their_mail_is_theirs(here: World) -> None:
    await here.therapist(email=None)
    span = await stands_in(here, here.manager, here.owner, before(13), before(1))
    await here.plan(morning(before(14)))
    assert await readers(here) == [("manager", "")]
    async with here.database.write.begin() as session:
        await reminders.end_delegation(session, act=here.act(morning(before(5))), delegation_id=span, reason="back")
        await session.execute(update(OutboxRow).values(state="sent"))
        await session.execute(update(ReminderRow).where(ReminderRow.state == "queued").values(state="done"))
    await here.plan(morning(before(0)))
    assert await readers(here) == [("manager", "")]


async def test_of_two_who_stand_in_for_each_other_everybody_gets_their_own(here: World) -> None:
    await here.therapist(email=None)
    await stands_in(here, here.manager, here.owner, before(20), before(-20))
    await stands_in(here, here.owner, here.manager, before(20), before(-20))
    await here.plan(morning(before(-7)))
    assert await readers(here) == [("manager", ""), ("owner", "")]


async def test_whoever_reads_for_two_reads_of_one_thing_once(here: World) -> None:
    await here.therapist(email=None)
    await stands_in(here, here.manager, here.owner, before(20), before(-20))
    await here.plan(morning(before(-7)))
    (message,) = await here.outbox()
    assert len(lines_of(message["facts"])) == 2  # two reminders, each with its key
    assert message["text"].count("Florida massage license") == 1


async def test_a_stranger_a_therapist_and_oneself_cannot_stand_in(here: World) -> None:
    for instead in (here.manager, UUID(int=7)):
        with pytest.raises(Refused):
            await stands_in(here, here.manager, instead, before(5), before(1))
    with pytest.raises(Refused, match="before the first"):
        await stands_in(here, here.manager, here.owner, before(1), before(5))
    assert await here.rows(DelegationRow) == []


async def test_a_manager_s_corrected_address_opens_what_could_not_be_delivered(here: World) -> None:
    await here.therapist(email=None)
    await here.plan(morning(before(14)))
    async with here.database.write.begin() as session:
        await session.execute(update(OutboxRow).values(state="dead"))
        await session.execute(update(ReminderRow).where(ReminderRow.state == "queued").values(state="failed"))
    async with here.database.write.begin() as session:
        act = here.act(morning(before(13)))
        await accounts.change_email(session, act=act, person_id=here.manager, email="right@example.test")
    await here.plan(morning(before(13)))
    (again,) = await here.outbox(state="pending")
    assert again["recipient_address"] == "right@example.test"
    assert len(await here.outbox()) == 1


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
