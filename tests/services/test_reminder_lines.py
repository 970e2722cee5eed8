"""Claims about messages of several lines: one mail a reader and release, and no line is ever lost or doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.channels.compose import message_id_for
from compliance.db.engine import Database
from compliance.db.records import OutboxReminderRow, OutboxRow, ReminderRow, TherapistRow, TrailEntryRow
from compliance.domain.credential_types import Ladder
from compliance.domain.reminders import REPLACED
from compliance.services import reminders
from compliance.services.mailing import lines_of, render
from compliance.services.reminders import carrying
from tests.services.reminder_world import ENDS, MAIL, World, morning
from tests.services.test_outbox import claim, mark, settle
from tests.services.test_outbox_settling import UNKNOWN


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def before(days: int) -> date:
    return ENDS - timedelta(days=days)


def said(row: Mapping[str, Any]) -> set[str]:
    """The credentials that a message speaks of."""
    return {str(line["credential"]) for line in lines_of(row["facts"])}


async def carried(here: World, state: str = "pending") -> Counter[UUID]:
    """How many messages in a state carry each reminder."""
    columns = OutboxReminderRow.__table__.columns
    async with here.database.read() as session:
        same = (columns.organization_id == OutboxRow.organization_id) & (columns.outbox_id == OutboxRow.id)
        found = select(columns.reminder_id).join(OutboxRow, same).where(OutboxRow.state == state)
        return Counter(await session.scalars(found.where(OutboxRow.organization_id == here.id)))


async def queued(here: World) -> set[UUID]:
    return {row["id"] for row in await here.rows(ReminderRow, state="queued")}


async def withdraw(here: World, held: UUID, days: int) -> int:
    async with here.database.write.begin() as session:
        act = here.act(morning(before(days)))
        return await reminders.withdraw(session, act=act, credential_ids=[held], reason="renewed")


async def test_three_things_due_on_one_day_are_one_mail_with_three_lines(here: World) -> None:
    who, _ = await here.therapist()
    await here.credential(who)
    await here.credential(who, type="amta-membership")
    assert (await here.plan(morning(before(90)))).queued == 3
    (message,) = await here.outbox()
    assert message["subject"] == "Your Florida massage license ends in 90 days, Aug 31, 2027, and 2 more"
    for part in (message["text"], message["html"]):
        for what in said(message):
            assert part.count(f"Your {what} ends in 90 days, on Aug 31, 2027.") == 1
    assert await carried(here) == dict.fromkeys(await queued(here), 1)
    notes = await here.rows(ReminderRow)
    keys = [str(line["key"]) for line in lines_of(message["facts"])]
    assert len(notes) == len(set(keys)) == 3
    assert message["message_id"] == message_id_for(keys, "example.test")


async def test_managers_and_owner_get_one_mail_each_about_everybody(here: World) -> None:
    for number in range(4):
        await here.therapist(email=f"t{number}@example.test")
    await here.plan(morning(before(-7)))
    found = Counter({row["recipient_address"]: len(lines_of(row["facts"])) for row in await here.outbox()})
    assert found == {
        **{f"t{number}@example.test": 1 for number in range(4)},
        f"manager.{here.manager}@example.test": 4,
        f"owner.{here.owner}@example.test": 4,
    }


async def test_a_pass_in_small_batches_makes_the_same_mails_as_one_pass(here: World) -> None:
    who, _ = await here.therapist()
    for _ in range(6):
        await here.credential(who)
    after = None
    while True:
        async with here.database.write.begin() as session:
            done = await reminders.plan(session, now=morning(before(14)), mail=MAIL, batch=2, after=after)
        after = done.after
        if after is None:
            break
    waiting = await here.outbox(state="pending")
    assert sorted(len(lines_of(row["facts"])) for row in waiting) == [7, 7]  # the therapist's and the manager's
    assert await carried(here) == dict.fromkeys(await queued(here), 1)


async def test_what_was_tried_already_is_left_alone_and_a_later_line_goes_by_itself(here: World) -> None:
    who, _ = await here.therapist()
    await here.plan(morning(before(90)))
    async with here.database.write.begin() as session:
        await session.execute(update(OutboxRow).values(attempts=1))
    await here.credential(who, today=before(90))
    await here.plan(morning(before(90), 15))
    assert [len(lines_of(row["facts"])) for row in await here.outbox(state="pending")] == [1, 1]


async def test_a_mail_has_no_more_lines_than_anybody_reads_and_the_rest_another(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "MOST_LINES", 3)
    who, _ = await here.therapist()
    for _ in range(7):
        await here.credential(who)
    await here.plan(morning(before(90)))
    assert sorted(len(lines_of(row["facts"])) for row in await here.outbox()) == [2, 3, 3]
    assert await carried(here) == dict.fromkeys(await queued(here), 1)


async def test_withdrawing_one_line_takes_the_mail_back_and_queues_the_rest_anew(here: World) -> None:
    who, license_ = await here.therapist()
    await here.credential(who)
    await here.credential(who, type="amta-membership")
    await here.plan(morning(before(90)))
    assert await withdraw(here, license_, 90) == 1
    rows = {row["state"]: row for row in await here.outbox()}
    assert set(rows) == {"withdrawn", "pending"}
    assert "Florida massage license" not in said(rows["pending"])
    assert len(said(rows["pending"])) == 2
    assert "Florida massage license" not in rows["pending"]["text"]
    keys = [str(line["key"]) for line in lines_of(rows["pending"]["facts"])]
    assert rows["pending"]["message_id"] == message_id_for(keys, "example.test")
    assert rows["pending"]["give_up_at"] == rows["withdrawn"]["give_up_at"]
    assert await carried(here) == dict.fromkeys(await queued(here), 1)


async def test_what_may_have_arrived_already_is_counted_so_when_its_rest_is_queued_anew(here: World) -> None:
    who, license_ = await here.therapist()
    await here.credential(who)
    await here.plan(morning(before(90)))
    async with here.database.write.begin() as session:
        await session.execute(update(OutboxRow).values(possible_duplicates=1, attempts=2))
    await withdraw(here, license_, 90)
    (rest,) = await here.outbox(state="pending")
    assert (rest["possible_duplicates"], rest["attempts"]) == (1, 2)


async def test_a_mail_that_is_being_transmitted_keeps_all_its_lines(here: World) -> None:
    who, license_ = await here.therapist()
    await here.credential(who)
    await here.plan(morning(before(90)))
    async with here.database.write.begin() as session:
        await session.execute(update(OutboxRow).values(state="transmitting"))
    assert await withdraw(here, license_, 90) == 0
    assert [row["state"] for row in await here.outbox()] == ["transmitting"]
    assert len(await queued(here)) == 2


async def test_a_withdrawal_that_was_a_mistake_brings_back_the_very_same_mail(here: World) -> None:
    who, license_ = await here.therapist()
    await here.credential(who)
    await here.plan(morning(before(90)))
    (first,) = await here.outbox()
    await withdraw(here, license_, 90)
    await here.rearm(morning(before(90)))
    await here.plan(morning(before(90), 16))
    states = {row["message_id"]: row["state"] for row in await here.outbox()}
    assert states[first["message_id"]] == "pending"
    assert sorted(states.values()) == ["pending", "withdrawn"]
    assert await carried(here) == dict.fromkeys(await queued(here), 1)


async def test_a_more_urgent_line_takes_the_place_of_its_earlier_one_and_leaves_the_others(here: World) -> None:
    who, license_ = await here.therapist()
    await here.credential(who, ends_on=ENDS + timedelta(days=30))
    await here.plan(morning(before(60)))  # the license's 60 and the card's 90
    (both,) = await here.outbox()
    assert len(lines_of(both["facts"])) == 2
    await here.plan(morning(before(30)))  # the license's 30 and the card's 60: both overtake
    notes = await here.rows(ReminderRow, state="withdrawn")
    assert {row["rung"] for row in notes if row["subject_id"] == license_} == {60}
    assert {row["reason"] for row in notes} == {REPLACED}
    (waiting,) = await here.outbox(state="pending")
    assert sorted(str(line["key"]).split("/")[4] for line in lines_of(waiting["facts"])) == ["30", "60"]
    assert await carried(here) == dict.fromkeys(await queued(here), 1)


async def test_a_corrected_address_sends_all_the_lines_again_and_none_twice(here: World) -> None:
    who, _ = await here.therapist(email="old@example.test")
    await here.credential(who)
    await here.plan(morning(before(90)))
    async with here.database.write.begin() as session:
        await session.execute(update(OutboxRow).values(state="dead", reply="550 no such mailbox"))
        await session.execute(update(ReminderRow).values(state="failed", reason="550 no such mailbox"))
        await session.execute(update(TherapistRow).values(email="new@example.test"))
        assert await reminders.reopen(session, act=here.act(morning(before(89))), therapist_id=who) == 2
    await here.plan(morning(before(89)))
    (message,) = await here.outbox()  # the same keys: the same message leaves after all
    assert (message["state"], message["recipient_address"]) == ("pending", "new@example.test")
    assert len(lines_of(message["facts"])) == 2
    assert "ends in 89 days" in message["subject"]


async def test_written_again_for_a_later_day_it_counts_anew_for_every_line(here: World) -> None:
    who, _ = await here.therapist()
    await here.credential(who, ends_on=ENDS + timedelta(days=1))
    await here.plan(morning(before(89)))
    (message,) = await here.outbox()
    assert "ends in 89 days" in message["text"]
    assert "ends in 90 days" in message["text"]
    again = render(message["kind"], message["facts"], before(80)).text
    assert "ends in 80 days" in again
    assert "ends in 81 days" in again
    assert "89 days" not in again


async def two_lines(here: World) -> tuple[UUID, UUID]:
    """A mail about a license that took in a second line since; the therapist, and what that line is about."""
    who, _ = await here.therapist()
    await here.plan(morning(before(30)))
    held = await here.credential(who, today=before(30))
    await here.plan(morning(before(30), 15))
    return who, held


async def test_the_trail_names_a_rest_that_went_back_into_its_first_message(here: World) -> None:
    _, held = await two_lines(here)
    assert await withdraw(here, held, 30) == 1
    (waiting,) = await here.outbox(state="pending")
    async with here.database.read() as session:
        mine = (TrailEntryRow.organization_id == here.id, TrailEntryRow.action == "message.queued")
        assert list(await session.scalars(select(TrailEntryRow.subject).where(*mine))) == [f"outbox:{waiting['id']}"]


async def test_what_may_have_arrived_with_another_line_is_still_in_doubt_without_it(here: World) -> None:
    _, held = await two_lines(here)
    (claimed,) = await claim(here, morning(before(30), 15))
    assert await mark(here, claimed)
    await settle(here, claimed, UNKNOWN, morning(before(30), 15))
    await withdraw(here, held, 30)
    (row,) = await here.outbox(state="pending")
    assert (row["possible_duplicates"], row["attempts"]) == (1, 1)


async def test_a_message_that_may_have_arrived_comes_back_as_the_same_bytes(here: World) -> None:
    await here.therapist()
    await here.plan(morning(before(30)))
    (first,) = await claim(here, morning(before(30)))
    assert await mark(here, first)
    await settle(here, first, UNKNOWN, morning(before(30)))
    async with here.database.write.begin() as session:
        act = here.act(morning(before(29)))
        await reminders.set_ladder(session, act=act, ladder=Ladder(therapist=(30,)), reason="simpler")
    await here.plan(morning(before(29), 15))
    (again,) = await claim(here, morning(before(29), 20))
    assert (again.message_id, again.content) == (first.message_id, first.content)
