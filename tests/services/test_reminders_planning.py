"""Claims about planning: each rung once, the most urgent alone, never to those who left, always with a reason."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from compliance.db.engine import Database, open_database
from compliance.db.records import (
    AssignmentRow,
    ClinicRow,
    CredentialRow,
    OutboxRow,
    ReminderRow,
    TermRow,
    TherapistRow,
    TrailEntryRow,
)
from compliance.domain.periods import FOREVER
from compliance.domain.reminders import NO_ADDRESS, OLDER, REPLACED, TOO_OLD
from compliance.services import reminders, trail
from tests.services.reminder_world import ENDS, MAIL, World, morning


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def before(days: int) -> date:
    return ENDS - timedelta(days=days)


async def actions(here: World) -> list[str]:
    async with here.database.read() as session:
        mine = TrailEntryRow.organization_id == here.id
        return list(await session.scalars(select(TrailEntryRow.action).where(mine).order_by(TrailEntryRow.seq)))


async def test_a_reminder_goes_out_once_however_often_the_job_runs(here: World) -> None:
    await here.therapist()
    for hour in (13, 14, 15, 20):
        await here.plan(morning(before(90), hour))
    messages = await here.outbox()
    assert [(row["recipient_address"], row["state"]) for row in messages] == [("ana@example.test", "pending")]
    assert messages[0]["subject"] == "Your Florida massage license ends in 90 days, Aug 31, 2027"


async def test_nothing_goes_out_before_nine_on_the_clinic_s_clock(here: World) -> None:
    await here.therapist()
    assert (await here.plan(morning(before(90), 12))).queued == 0
    assert (await here.plan(morning(before(90), 13))).queued == 1


async def test_a_missed_week_is_caught_up_by_the_most_urgent_rung_alone(here: World) -> None:
    await here.therapist()
    await here.plan(morning(before(4)))
    notes = await here.notes()
    assert notes["therapist", 7] == ("queued", "")
    assert notes["therapist", 14] == notes["therapist", 30] == ("skipped", OLDER)
    assert notes["therapist", 60] == notes["therapist", 90] == ("skipped", TOO_OLD)
    assert notes["manager", 14] == ("queued", "")
    assert len(await here.outbox()) == 2


async def test_over_a_whole_ladder_every_rung_goes_out_exactly_once(here: World) -> None:
    await here.therapist()
    for days in range(95, -40, -1):
        await here.plan(morning(before(days)))
        sent = await here.outbox(state="pending")
        async with here.database.write.begin() as session:  # as if delivered at once
            await session.execute(update(OutboxRow).values(state="sent"))
            await session.execute(update(ReminderRow).where(ReminderRow.state == "queued").values(state="done"))
        assert len(sent) <= 3
    notes = await here.notes()
    assert {key for key, (state, _) in notes.items() if state == "done"} == {
        *(("therapist", days) for days in (90, 60, 30, 14, 7, 1, 0, -7, -30)),
        *(("manager", days) for days in (14, 0, -7)),
        ("owner", -7),
    }
    assert len(await here.outbox()) == 13
    assert (await here.rows(TermRow))[0]["next_rung_on"] is None


async def test_a_more_urgent_reminder_takes_the_place_of_one_that_has_not_left(here: World) -> None:
    await here.therapist()
    await here.plan(morning(before(60)))
    await here.plan(morning(before(30)))
    assert [row["state"] for row in await here.outbox()] == ["withdrawn", "pending"]
    assert (await here.notes())["therapist", 60] == ("withdrawn", REPLACED)


async def test_who_has_no_address_is_skipped_with_the_reason_and_asked_again_once_there_is_one(here: World) -> None:
    who, _ = await here.therapist(email=None)
    await here.plan(morning(before(60)))
    assert (await here.notes())["therapist", 60] == ("skipped", NO_ADDRESS)
    assert await here.outbox() == []
    async with here.database.write.begin() as session:
        await session.execute(update(TherapistRow).values(email="new@example.test"))
        assert await reminders.reopen(session, act=here.act(morning(before(58))), therapist_id=who) == 1
    assert (await actions(here))[-1] == "reminders.reopened"
    await here.plan(morning(before(58)))
    assert [row["recipient_address"] for row in await here.outbox()] == ["new@example.test"]
    assert (await here.notes())["therapist", 60] == ("queued", "")


async def test_mail_that_waits_goes_to_the_address_that_is_right_now(here: World) -> None:
    who, _ = await here.therapist(email="somebody.else@example.test")
    await here.plan(morning(before(60)))
    first = await here.outbox()
    for address in (None, "right@example.test"):
        async with here.database.write.begin() as session:
            await session.execute(update(TherapistRow).values(email=address))
            assert await reminders.reopen(session, act=here.act(morning(before(60))), therapist_id=who) == 1
        assert [row["state"] for row in await here.outbox()] == ["withdrawn"]
        await here.plan(morning(before(60)))
        assert (await here.notes())["therapist", 60] == (("queued", "") if address else ("skipped", NO_ADDRESS))
    again = await here.outbox()
    assert [(row["state"], row["recipient_address"]) for row in again] == [("pending", "right@example.test")]
    assert [row["message_id"] for row in again] == [row["message_id"] for row in first]


async def test_a_leaver_is_told_nothing_more(here: World) -> None:
    await here.therapist(left_on=before(61))
    for days in range(60, -35, -1):
        await here.plan(morning(before(days)))
    assert await here.outbox() == []
    assert await here.notes() == {}
    assert (await here.rows(TermRow))[0]["next_rung_on"] is None


async def test_who_comes_back_is_reminded_again_even_if_nobody_set_the_ladder_anew(here: World) -> None:
    await here.therapist(left_on=before(61))
    await here.plan(morning(before(60)))
    async with here.database.write.begin() as session:
        await session.execute(update(AssignmentRow).values(ends_on=FOREVER))
    await here.plan(morning(before(30)))
    assert (await here.notes())["therapist", 30] == ("queued", "")


async def test_during_a_leave_reminders_rest_and_the_most_urgent_goes_out_on_the_day_of_return(here: World) -> None:
    who, _ = await here.therapist()
    await here.leave(who, before(91), before(10))
    for days in range(90, 9, -1):
        await here.plan(morning(before(days)))
    assert await here.outbox() == []
    assert (await here.rows(TermRow))[0]["next_rung_on"] == before(9)
    await here.plan(morning(before(9)))
    notes = await here.notes()
    assert notes["therapist", 14] == ("queued", "")
    assert notes["therapist", 30] == ("skipped", OLDER)


async def test_before_going_live_nothing_is_armed(database: Database) -> None:
    here = await World(database).begin(live=False)
    await here.therapist()
    assert (await here.rows(TermRow))[0]["next_rung_on"] is None
    assert (await here.plan(morning(before(30)))).queued == 0


async def test_a_later_term_silences_the_earlier_one(here: World) -> None:
    _, held = await here.therapist()
    await here.term(held, date(2029, 8, 31))
    assert {row["ends_on"]: row["next_rung_on"] for row in await here.rows(TermRow)} == {
        ENDS: None,
        date(2029, 8, 31): date(2029, 6, 2),
    }


async def test_a_term_without_an_end_is_never_looked_at(here: World) -> None:
    await here.therapist(ends_on=FOREVER)
    assert (await here.rows(TermRow))[0]["next_rung_on"] is None


async def test_a_renewal_withdraws_what_waits_in_the_same_transaction(here: World) -> None:
    _, held = await here.therapist()
    await here.plan(morning(before(7)))
    act = here.act(morning(before(6)))
    async with here.database.write.begin() as session:
        assert await reminders.withdraw(session, act=act, credential_ids=[held], reason="It was renewed.") == 2
    assert {row["state"] for row in await here.outbox()} == {"withdrawn"}
    assert (await here.notes())["therapist", 7] == ("withdrawn", "It was renewed.")
    assert (await actions(here))[-1] == "reminders.withdrawn"


async def test_when_a_renewal_is_voided_again_the_rung_goes_out_after_all_as_the_same_message(here: World) -> None:
    _, held = await here.therapist()
    await here.plan(morning(before(7)))
    async with here.database.write.begin() as session:
        await reminders.withdraw(session, act=here.act(morning(before(6))), credential_ids=[held], reason="Renewed.")
        await reminders.schedule(session, organization_id=here.id, credential_ids=[held], today=before(6))
    first = {row["message_id"] for row in await here.outbox()}
    await here.plan(morning(before(6)))
    again = await here.outbox()
    assert {row["message_id"] for row in again} == first
    assert {row["state"] for row in again} == {"pending"}
    assert any("ends in 6 days" in row["subject"] for row in again)


async def test_what_a_clinic_holds_is_said_to_its_manager(here: World) -> None:
    async with here.database.write.begin() as session:
        held = await here.add(session, CredentialRow, None, clinic_id=here.clinic, type="establishment-license",
                              jurisdiction="us-fl", created_at=morning(before(400)))  # fmt: skip
    await here.term(held, ENDS)
    await here.plan(morning(before(90)))
    assert [row["subject"] for row in await here.outbox()] == [
        "The Florida establishment license of Tampa ends in 90 days, Aug 31, 2027"
    ]


async def test_two_planners_at_once_queue_each_reminder_once(here: World, database_url: str) -> None:
    for _ in range(20):
        await here.therapist()
    other = open_database(database_url).system
    elsewhere = World(other, id=here.id)
    done = await asyncio.gather(*(each.plan(morning(before(30))) for each in (here, elsewhere, here, elsewhere)))
    await other.close()
    assert sum(each.queued for each in done) == 20
    assert len(await here.outbox()) == 20


async def test_every_message_queued_stands_in_the_trail_and_the_chain_holds(here: World) -> None:
    await here.therapist()
    await here.plan(morning(before(14)))
    async with here.database.read() as session:
        assert await trail.verify(session, organization_id=here.id) == (2, None)


async def test_a_pass_in_small_batches_leaves_nothing_out(here: World) -> None:
    for _ in range(7):
        await here.therapist()
    after, queued = None, 0
    while True:
        async with here.database.write.begin() as session:
            done = await reminders.plan(session, now=morning(before(30)), mail=MAIL, batch=3, after=after)
        after, queued = done.after, queued + done.queued
        if after is None:
            break
    assert queued == 7


async def test_two_organizations_never_hear_of_each_other(here: World) -> None:
    there = await World(here.database).begin(zone="America/Los_Angeles")
    await here.therapist()
    await there.therapist(email="bo@example.test")
    await here.plan(morning(before(90), 14))
    assert len(await here.outbox()) == 1
    assert await there.outbox() == []  # it is six in the morning there
    await here.plan(morning(before(90), 17))
    assert [row["recipient_address"] for row in await there.outbox()] == ["bo@example.test"]
    assert len(await here.outbox()) == 1


async def test_a_term_that_cannot_be_decided_on_steps_aside_and_blocks_nobody(here: World) -> None:
    _, odd = await here.therapist(email="odd@example.test")
    await here.therapist()
    async with here.database.write.begin() as session:
        unheard = update(CredentialRow).where(CredentialRow.id == odd).values(type="unheard-of")
        await session.execute(unheard)
    done = await here.plan(morning(before(90)))
    assert (done.queued, done.failed) == (1, 1)
    assert (await here.plan(morning(before(90)))).looked_at == 0
    assert (await here.plan(morning(before(89)))).failed == 1


@pytest.mark.parametrize(
    ("clinics", "said"),
    [
        ((), "From Sep 1, 2027 you may not practice at Tampa until it is renewed."),
        (("us-fl",), "From Sep 1, 2027 you may not practice at Tampa and Clinic 0 until it is renewed."),
        (("us-tx",), "From Sep 1, 2027 you may not practice at Tampa until it is renewed."),
        (("us-fl", "us-fl"), "you may not practice at Tampa, Clinic 0 and Clinic 1 until it is renewed."),
    ],
)
async def test_the_mail_names_the_clinics_that_the_license_is_for(
    here: World, clinics: tuple[str, ...], said: str
) -> None:
    who, _ = await here.therapist()
    async with here.database.write.begin() as session:
        for number, jurisdiction in enumerate(clinics):
            clinic = await here.add(
                session, ClinicRow, None, name=f"Clinic {number}", folded_name=f"clinic {number}",
                jurisdiction=jurisdiction, time_zone="America/New_York", created_at=morning(before(400)),
            )  # fmt: skip
            await here.add(
                session, AssignmentRow, None, therapist_id=who, clinic_id=clinic, modalities=("massage-therapy",),
                starts_on=date(2025, 1, 1 + number), ends_on=FOREVER,
            )  # fmt: skip
    await here.plan(morning(before(90)))
    assert said in (await here.outbox())[0]["text"]
