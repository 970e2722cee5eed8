"""Claims about what an organization sets: ladders, who stands in, hours and days; nothing is lost or doubled."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.db.engine import Database
from compliance.db.records import (
    DelegationRow,
    LadderRow,
    OutboxRow,
    ReminderRow,
    TermRow,
    TrailEntryRow,
)
from compliance.domain.credential_types import Ladder
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
