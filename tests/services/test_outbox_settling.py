"""Claims about what becomes of a message after an attempt: sent, tried again, held, or given up with somebody told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.channels import Outcome
from compliance.db.engine import Database
from compliance.db.records import OutboxRow, TrailEntryRow
from compliance.services import outbox, trail
from compliance.services.outbox import PACE
from tests.services.reminder_world import MAIL, World
from tests.services.test_outbox import AT, SENT, claim, link, mark, settle, waiting

UNKNOWN = Outcome("unknown", "end", "The server hung up.")
REFUSED = Outcome("refused", "rcpt", "550 no", 550, fault="recipient")


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


async def actions(here: World) -> list[str]:
    async with here.database.read() as session:
        mine = TrailEntryRow.organization_id == here.id
        return list(await session.scalars(select(TrailEntryRow.action).where(mine).order_by(TrailEntryRow.seq)))


async def test_giving_up_stands_in_the_trail_with_the_mail_that_tells_of_it(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    await settle(here, claimed, REFUSED)
    assert await actions(here) == ["reminder.queued", "address.refused", "message.given-up", "message.queued"]
    async with here.database.read() as session:
        assert await trail.verify(session, organization_id=here.id) == (4, None)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 120), (6, 240), (9, 240)])
def test_back_off_grows_with_a_share_of_half_more_or_less(tries: int, minutes: int) -> None:
    waits = {PACE.wait(UUID(int=number), tries) for number in range(200)}
    assert timedelta(minutes=minutes * 0.5) <= min(waits) < timedelta(minutes=minutes * 0.6)
    assert timedelta(minutes=minutes * 1.4) < max(waits) <= timedelta(minutes=minutes * 1.5)


async def test_after_the_dot_without_an_answer_a_reminder_is_sent_again_as_the_same_bytes_twice_at_most(
    here: World,
) -> None:
    await waiting(here)
    seen = set()
    for expected in (1, 2, 3):
        (claimed,) = await claim(here, AT + timedelta(days=expected))
        seen.add(claimed.content)
        assert await mark(here, claimed)
        await settle(here, claimed, UNKNOWN, AT + timedelta(days=expected))
        assert (await here.outbox())[0]["possible_duplicates"] == expected
    assert len(seen) == 1
    assert (await here.outbox())[0]["state"] == "held"
    assert (await here.notes())["therapist", 30][0] == "failed"
    assert [each.kind for each in await claim(here, AT + timedelta(days=9))] == ["given-up"]


async def test_a_link_whose_outcome_is_unknown_is_held_and_never_sent_again(here: World) -> None:
    await link(here)
    (claimed,) = await claim(here)
    assert await mark(here, claimed)
    await settle(here, claimed, UNKNOWN)
    assert (await here.outbox())[0]["state"] == "held"


async def test_a_link_is_forgotten_once_it_was_sent(here: World) -> None:
    await link(here, "set-password")
    (claimed,) = await claim(here)
    assert b"SECRET" in claimed.content
    await mark(here, claimed)
    await settle(here, claimed, SENT)
    row = (await here.outbox())[0]
    assert "SECRET" not in f"{row['text']}{row['html']}{row['facts']}{row['rfc822']}"
    async with here.database.read() as session:
        assert await trail.verify(session, organization_id=here.id) == (1, None)


async def test_a_given_up_notice_that_fails_tells_nobody_again(here: World) -> None:
    await waiting(here)
    for _ in range(3):
        for claimed in await claim(here):
            await settle(here, claimed, Outcome("refused", "rcpt", "550 no", 550, fault="recipient"))
    assert [(row["kind"], row["state"]) for row in await here.outbox()] == [
        ("renewal-reminder", "dead"), ("given-up", "dead"),
    ]  # fmt: skip


async def test_a_reminder_that_is_held_is_told_of_as_one_that_may_have_arrived(here: World) -> None:
    await waiting(here)
    for day in (1, 2, 3):
        (claimed,) = await claim(here, AT + timedelta(days=day), limit=1)
        await mark(here, claimed)
        await settle(here, claimed, UNKNOWN, AT + timedelta(days=day))
    reminder, notice = await here.outbox()
    assert (reminder["state"], notice["kind"], notice["state"]) == ("held", "given-up", "pending")
    assert notice["subject"] == "A mail to Ana Ruiz may not have arrived"
    assert "once more from the outbox" in notice["text"]
    assert await actions(here) == ["reminder.queued", "message.held", "message.queued"]


async def test_a_clock_that_has_just_jumped_gives_nothing_up(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    async with here.database.write.begin() as session:
        later = AT + timedelta(days=365)
        put_off = Outcome("retry", "data", "451 later", 451)
        await outbox.settle(session, claimed=claimed, outcome=put_off, now=later, mail=MAIL, clock_doubted=True)
    assert [row["state"] for row in await here.outbox()] == ["pending"]
    assert len(await claim(here, AT)) == 1


async def test_a_message_written_by_a_clock_that_runs_an_hour_ahead_leaves_today(here: World) -> None:
    await waiting(here)
    ahead = AT + timedelta(hours=1)
    async with here.database.write.begin() as session:
        await session.execute(update(OutboxRow).values(created_at=ahead, next_at=ahead))
    assert len(await claim(here, AT)) == 1


async def test_a_message_that_is_to_wait_for_a_later_hour_waits(here: World) -> None:
    await waiting(here)
    async with here.database.write.begin() as session:
        await session.execute(update(OutboxRow).values(next_at=AT + timedelta(hours=9)))
    assert await claim(here, AT) == []
    assert len(await claim(here, AT + timedelta(hours=9))) == 1


async def test_a_worker_that_was_declared_dead_is_given_no_lease(here: World) -> None:
    """Nobody would take it back from there."""
    await waiting(here)
    async with here.database.write.begin() as session:
        zombie = await outbox.register(session, now=AT, host="here", pid=1)
        assert await outbox.bury(session, worker_id=zombie, heartbeat_no=0, terms=outbox.Terms(AT, MAIL)) == 0
    async with here.database.write.begin() as session:
        assert not await outbox.claim(
            session, now=AT, worker_id=zombie, route_id="mail", sender=MAIL.sender, limit=9
        )  # fmt: skip
    assert len(await claim(here)) == 1
