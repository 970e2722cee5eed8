"""Claims about mail that becomes needless, or another person's, after it was written and before it has arrived."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from compliance.channels import Outcome
from compliance.db.engine import Database
from compliance.db.records import MembershipRow, PersonRow, ReminderRow
from compliance.domain.credential_types import Ladder
from compliance.services import accounts, outbox, reminders, therapists
from compliance.services.mailing import lines_of
from compliance.services.outbox import Claimed, Terms
from tests.services.reminder_world import ENDS, LONG_AGO, MAIL, World, morning
from tests.services.test_outbox import SENT, claim, mark, settle
from tests.services.test_outbox_settling import REFUSED, UNKNOWN, actions

DAY = ENDS - timedelta(days=30)
DAY_AT = morning(DAY)
LATER = Outcome("retry", "end", "451 try again later", 451)


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


async def on_its_way(here: World) -> Claimed:
    """The day's message, marked, with no answer yet."""
    await here.plan(morning(DAY))
    (claimed,) = await claim(here, morning(DAY))
    assert await mark(here, claimed)
    return claimed


async def withdraw(here: World, held: UUID) -> None:
    async with here.database.write.begin() as session:
        await reminders.withdraw(session, act=here.act(morning(DAY)), credential_ids=[held], reason="renewed")


async def die(here: World, claimed: Claimed) -> None:
    async with here.database.write.begin() as session:
        terms = Terms(morning(DAY), MAIL)
        await outbox.take_leases(session, worker_id=claimed.lease_owner, terms=terms)


@pytest.mark.parametrize("how", ["later", "unknown", "died"])
async def test_what_became_needless_on_its_way_is_not_tried_again(here: World, how: str) -> None:
    _, held = await here.therapist()
    claimed = await on_its_way(here)
    await withdraw(here, held)
    await (die(here, claimed) if how == "died" else settle(here, claimed, LATER if how == "later" else UNKNOWN, DAY_AT))
    assert await claim(here, morning(DAY + timedelta(days=2))) == []
    assert (await here.notes(rung=30))["therapist", 30] == ("withdrawn", "renewed")
    assert "reminders.withdrawn" in await actions(here)


@pytest.mark.parametrize("outcome", [LATER, UNKNOWN])
@pytest.mark.parametrize("first", ["withdrawal", "verdict"])
async def test_a_withdrawal_and_a_verdict_at_one_moment_leave_nothing_to_send(
    here: World, outcome: Outcome, first: str
) -> None:
    _, held = await here.therapist()
    claimed = await on_its_way(here)
    both = [withdraw(here, held), settle(here, claimed, outcome, DAY_AT)]
    await asyncio.gather(*(both if first == "withdrawal" else reversed(both)))
    assert await here.outbox(state="pending") == []
    assert (await here.notes(rung=30))["therapist", 30] == ("withdrawn", "renewed")


async def test_the_other_lines_of_it_are_tried_again(here: World) -> None:
    who, held = await here.therapist()
    await here.credential(who)
    claimed = await on_its_way(here)
    await withdraw(here, held)
    await settle(here, claimed, LATER, DAY_AT)
    (row,) = await here.outbox(state="pending")
    assert [line["credential"] for line in lines_of(row["facts"])] == ["CPR card"]
    assert {each["subject_id"] == held: each["state"] for each in await here.rows(ReminderRow, rung=30)} == {
        True: "withdrawn", False: "queued",
    }  # fmt: skip


async def test_what_arrived_all_the_same_counts_as_sent(here: World) -> None:
    _, held = await here.therapist()
    claimed = await on_its_way(here)
    await withdraw(here, held)
    await settle(here, claimed, SENT, DAY_AT)
    assert (await here.notes(rung=30))["therapist", 30] == ("done", "")


async def test_what_was_taken_back_on_its_way_and_holds_again_is_tried_again(here: World) -> None:
    await here.therapist()
    claimed = await on_its_way(here)
    async with here.database.write.begin() as session:
        await reminders.set_ladder(session, act=here.act(DAY_AT), ladder=Ladder(therapist=(30,)), reason="simpler")
    await settle(here, claimed, LATER, DAY_AT)
    await here.plan(morning(DAY, 15))
    assert [each.message_id for each in await claim(here, morning(DAY, 16))] == [claimed.message_id]


async def test_what_was_refused_at_an_old_address_while_it_was_corrected_goes_to_the_new_one(here: World) -> None:
    who, _ = await here.therapist()
    claimed = await on_its_way(here)
    async with here.database.write.begin() as session:
        change = therapists.Change(who, email="right@example.test")
        await therapists.change(session, act=here.act(DAY_AT), change=change)
    await settle(here, claimed, REFUSED, DAY_AT)
    await here.plan(morning(DAY, 15))
    again = [each for each in await claim(here, morning(DAY, 16)) if each.kind == "renewal-reminder"]
    assert [each.recipient for each in again] == ["right@example.test"]


# -- readers -------------------------------------------------------------------------------------------------------


async def waiting_for(here: World, person: UUID) -> int:
    """How many messages wait at somebody's address."""
    return len([row for row in await here.outbox(state="pending") if str(person) in row["recipient_address"]])


async def test_nothing_waits_for_a_manager_who_has_left_and_the_owner_hears_of_it_instead(here: World) -> None:
    day = ENDS - timedelta(days=14)
    await here.therapist()
    await here.plan(morning(day))
    assert (await waiting_for(here, here.manager), await waiting_for(here, here.owner)) == (1, 0)
    async with here.database.write.begin() as session:
        await accounts.end_membership(session, act=here.act(morning(day)), person_id=here.manager)
    await here.plan(morning(day, 15))
    assert (await waiting_for(here, here.manager), await waiting_for(here, here.owner)) == (0, 1)
    assert (await actions(here))[-1] == "reminder.queued"


async def test_what_waits_for_somebody_who_manages_no_longer_is_taken_back(here: World) -> None:
    day = ENDS - timedelta(days=14)
    await here.therapist()
    await here.plan(morning(day))
    async with here.database.write.begin() as session:
        act = here.act(morning(day))
        await accounts.change_role(session, act=act, person_id=here.manager, role="auditor")
    await here.plan(morning(day, 15))
    assert await waiting_for(here, here.manager) == 0


async def test_a_manager_who_stays_one_is_told_all_the_same(here: World) -> None:
    day = ENDS - timedelta(days=14)
    await here.therapist()
    await here.plan(morning(day))
    async with here.database.write.begin() as session:
        act = here.act(morning(day))
        await accounts.change_role(session, act=act, person_id=here.manager, role="manager")
    await here.plan(morning(day, 15))
    assert await waiting_for(here, here.manager) == 1


async def test_what_waits_for_a_delegate_who_leaves_goes_to_whom_it_is_about(here: World) -> None:
    day = ENDS - timedelta(days=14)
    other = await colleague(here)
    async with here.database.write.begin() as session:
        await reminders.delegate(
            session, act=here.act(morning(day)), person_id=here.manager, delegate_id=other, starts_on=day, ends_on=ENDS
        )
    await here.therapist()
    await here.plan(morning(day))
    assert (await waiting_for(here, other), await waiting_for(here, here.manager)) == (1, 0)
    async with here.database.write.begin() as session:
        await accounts.end_membership(session, act=here.act(morning(day)), person_id=other)
    await here.plan(morning(day, 15))
    assert (await waiting_for(here, other), await waiting_for(here, here.manager)) == (0, 1)


async def colleague(here: World) -> UUID:
    """One more owner, who may leave."""
    async with here.database.write.begin() as session:
        added = await accounts.invite(session, act=here.act(LONG_AGO), email="else@example.test", role="owner")
        email = f"else.{added.person_id}@example.test"
        changed = update(PersonRow).where(PersonRow.id == added.person_id)
        await session.execute(changed.values(email=email, folded_email=email))
        mine = update(MembershipRow).where(MembershipRow.person_id == added.person_id)
        await session.execute(mine.values(created_at=LONG_AGO))
    return added.person_id


async def test_what_waits_goes_to_whoever_stands_in_and_back_when_nobody_does(here: World) -> None:
    day = ENDS - timedelta(days=14)
    other = await colleague(here)
    await here.therapist()
    await here.plan(morning(day))
    async with here.database.write.begin() as session:
        delegation = await reminders.delegate(
            session, act=here.act(morning(day)), person_id=here.manager, delegate_id=other, starts_on=day, ends_on=ENDS
        )
    await here.plan(morning(day, 15))
    assert (await waiting_for(here, other), await waiting_for(here, here.manager)) == (1, 0)
    async with here.database.write.begin() as session:
        act = here.act(morning(day, 16))
        await reminders.end_delegation(session, act=act, delegation_id=delegation, reason="back")
    await here.plan(morning(day, 17))
    assert (await waiting_for(here, other), await waiting_for(here, here.manager)) == (0, 1)
