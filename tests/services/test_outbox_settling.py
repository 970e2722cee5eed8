"""Claims about what becomes of a message after an attempt: sent, tried again, held, or given up with somebody told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.channels import Outcome
from compliance.db.engine import Database
from compliance.db.records import TrailEntryRow
from compliance.services import trail
from compliance.services.outbox import back_off
from tests.services.reminder_world import World
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
    assert await actions(here) == ["reminder.queued", "message.given-up", "message.queued"]
    async with here.database.read() as session:
        assert await trail.verify(session, organization_id=here.id) == (3, None)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 120), (6, 240), (9, 240)])
def test_back_off_grows_with_a_share_of_half_more_or_less(tries: int, minutes: int) -> None:
    waits = {back_off(UUID(int=number), tries) for number in range(200)}
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
    assert await claim(here, AT + timedelta(days=9)) == []


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
