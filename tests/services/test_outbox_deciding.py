"""Claims about what people decide about messages: tried now, or not any more, with an entry and a reason."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from compliance.channels import Outcome
from compliance.db.engine import Database
from compliance.db.records import AssignmentRow, ReminderRow, TherapistRow
from compliance.services import credentials, outbox, reminders
from compliance.services.mailing import lines_of
from compliance.services.refusals import Refused, Unknown
from tests.services.reminder_world import ENDS, World, morning
from tests.services.test_outbox import AT, SENT, claim, link, mark, settle, waiting
from tests.services.test_outbox_settling import REFUSED, UNKNOWN, actions

DAY = ENDS - timedelta(days=30)


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


async def retry(here: World, at: object = AT) -> None:
    row = (await here.outbox())[0]
    async with here.database.write.begin() as session:
        await outbox.try_now(session, act=here.act(at), outbox_id=row["id"])  # type: ignore[arg-type]


async def give_up(here: World, reason: str = "Told by telephone") -> None:
    row = (await here.outbox())[0]
    async with here.database.write.begin() as session:
        await outbox.give_up_waiting(session, act=here.act(AT), outbox_id=row["id"], reason=reason)


async def test_a_message_that_was_given_up_is_sent_once_somebody_says_so(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    await settle(here, claimed, REFUSED)
    later = AT + timedelta(days=9)
    await retry(here, later)
    assert (await here.notes())["therapist", 30] == ("queued", "")
    (again,) = [each for each in await claim(here, later) if each.kind == "renewal-reminder"]
    assert await mark(here, again)
    await settle(here, again, SENT, later)
    assert (await here.outbox())[0]["state"] == "sent"
    assert (await here.notes())["therapist", 30] == ("done", "")
    assert "message.retried" in await actions(here)


async def test_what_may_have_arrived_is_sent_once_more_as_the_same_bytes(here: World) -> None:
    await waiting(here)
    seen = set()
    for day in (1, 2, 3):
        (claimed,) = await claim(here, AT + timedelta(days=day), limit=1)
        seen.add(claimed.content)
        await mark(here, claimed)
        await settle(here, claimed, UNKNOWN, AT + timedelta(days=day))
    await retry(here, AT + timedelta(days=5))
    (again,) = [each for each in await claim(here, AT + timedelta(days=5)) if each.kind == "renewal-reminder"]
    assert seen == {again.content}


async def test_a_message_that_waits_for_its_next_try_is_tried_now(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    await settle(here, claimed, Outcome("retry", "data", "451 later", 451))
    assert await claim(here, AT) == []
    await retry(here)
    assert len(await claim(here, AT)) == 1


async def test_a_message_that_somebody_stopped_does_not_leave_and_says_why(here: World) -> None:
    await waiting(here)
    await give_up(here)
    assert await claim(here, AT + timedelta(days=1)) == []
    assert (await here.notes())["therapist", 30] == ("withdrawn", "Told by telephone")
    assert (await actions(here))[-1] == "message.stopped"


async def test_a_worker_that_has_it_already_cannot_send_what_was_stopped(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    with pytest.raises(Refused, match="being sent just now"):
        await give_up(here)
    await settle(here, claimed, Outcome("retry", "data", "451 later", 451))
    await give_up(here)
    assert not await mark(here, claimed)


@pytest.mark.parametrize("reason", ["", "   "])
async def test_nothing_is_stopped_without_a_reason(here: World, reason: str) -> None:
    await waiting(here)
    with pytest.raises(Refused, match="Say why"):
        await give_up(here, reason)
    assert len(await claim(here)) == 1


async def test_what_was_sent_is_not_sent_again_on_demand(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    await mark(here, claimed)
    await settle(here, claimed, SENT)
    with pytest.raises(Refused, match="sent already"):
        await retry(here)


async def test_a_link_that_has_expired_is_not_sent_any_more(here: World) -> None:
    await link(here)
    with pytest.raises(Refused, match="expired"):
        await retry(here, AT + timedelta(minutes=11))


async def test_messages_of_others_are_unknown(here: World) -> None:
    there = await World(here.database).begin()
    await waiting(here)
    row = (await here.outbox())[0]
    async with here.database.write.begin() as session:
        with pytest.raises(Unknown):
            await outbox.try_now(session, act=there.act(AT), outbox_id=row["id"])
    async with here.database.write.begin() as session:
        with pytest.raises(Unknown):
            await outbox.give_up_waiting(session, act=there.act(AT), outbox_id=row["id"], reason="mine")


async def refused(here: World, day: date) -> tuple[UUID, UUID, UUID]:
    """A reminder that a server refused; therapist, credential, message."""
    who, held = await here.therapist()
    await here.plan(morning(day))
    (claimed,) = await claim(here, morning(day))
    await settle(here, claimed, REFUSED, morning(day))
    return who, held, claimed.id


async def try_again(here: World, message: UUID, at: datetime) -> None:
    async with here.database.write.begin() as session:
        await outbox.try_now(session, act=here.act(at), outbox_id=message)


@pytest.mark.parametrize("what", ["renewed", "departed"])
async def test_what_has_become_needless_since_is_not_sent_on_demand(here: World, what: str) -> None:
    _, held, message = await refused(here, DAY)
    async with here.database.write.begin() as session:
        if what == "renewed":
            renewal = credentials.Renewal(held, date(2029, 8, 31))
            await credentials.renew(session, act=here.act(morning(DAY)), renewal=renewal)
        else:
            await session.execute(update(AssignmentRow).values(ends_on=DAY - timedelta(days=3)))
    with pytest.raises(Refused, match="no longer holds"):
        await try_again(here, message, morning(DAY, 15))


async def test_what_went_out_with_another_message_since_is_not_sent_twice(here: World) -> None:
    who, _, message = await refused(here, DAY)
    await here.credential(who, today=DAY)
    async with here.database.write.begin() as session:
        address = {"email": "right@example.test", "folded_email": "right@example.test"}
        await session.execute(update(TherapistRow).where(TherapistRow.id == who).values(address))
        await reminders.reopen(session, act=here.act(morning(DAY)), therapist_id=who)
    await here.plan(morning(DAY, 15))
    with pytest.raises(Refused, match="by another message"):
        await try_again(here, message, morning(DAY, 15))


async def test_of_several_lines_only_those_are_sent_on_demand_that_still_hold(here: World) -> None:
    who, held = await here.therapist()
    await here.credential(who)
    await here.plan(morning(DAY))
    (claimed,) = await claim(here, morning(DAY))
    await settle(here, claimed, REFUSED, morning(DAY))
    async with here.database.write.begin() as session:
        renewal = credentials.Renewal(held, date(2029, 8, 31))
        await credentials.renew(session, act=here.act(morning(DAY)), renewal=renewal)
    await try_again(here, claimed.id, morning(DAY, 15))
    (again,) = [each for each in await claim(here, morning(DAY, 16)) if each.kind == "renewal-reminder"]
    (row,) = await here.outbox(id=again.id)
    assert [line["credential"] for line in lines_of(row["facts"])] == ["CPR card"]
    states = sorted((each["state"], each["subject_id"] == held) for each in await here.rows(ReminderRow, rung=30))
    assert states == [("failed", True), ("queued", False)]
