"""Claims about the outbox: leases, back-off, unknown outcomes, quotas and circuits, and words that stay harmless."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.channels import Outcome
from compliance.db.engine import Database, open_database
from compliance.db.queries.outbox import alarms, attempts, message, messages
from compliance.db.records import OrganizationRow, OutboxRow
from compliance.rendering import TEMPLATES
from compliance.services import mailing, outbox
from compliance.services.mailing import render
from compliance.services.outbox import PACE, Claimed, Pace, routes
from tests.services.reminder_world import ENDS, MAIL, World, morning

AT = morning(ENDS - timedelta(days=30))
SENT = Outcome("sent", "end", "250 Taken", 250)
UNKNOWN = Outcome("unknown", "end", "The server hung up.")


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


async def claim(here: World, at: datetime = AT, limit: int = 20, pace: Pace = PACE) -> list[Claimed]:
    async with here.database.write.begin() as session:
        worker = await outbox.register(session, now=at, host="here", pid=1)
        found = await outbox.claim(
            session, now=at, worker_id=worker, route_id="mail", sender=MAIL.sender, limit=limit, pace=pace
        )
    return [outbox.written(each) for each in found]


async def settle(here: World, claimed: Claimed, outcome: Outcome, at: datetime = AT) -> bool:
    async with here.database.write.begin() as session:
        return await outbox.settle(session, claimed=claimed, outcome=outcome, now=at, mail=MAIL)


async def mark(here: World, claimed: Claimed) -> bool:
    async with here.database.write.begin() as session:
        return bool(await outbox.mark(session, claimed=[claimed]))


async def link(here: World, kind: Any = "sign-in-link") -> UUID:
    async with here.database.write.begin() as session:
        return await mailing.send_link(
            session, act=here.act(AT), mail=MAIL, kind=kind, address="dana@example.test", name="Dana",
            link="https://tracker.example.test/in/SECRET", expires_at=AT + timedelta(minutes=10),
        )  # fmt: skip


async def waiting(here: World, count: int = 1) -> None:
    for number in range(count):
        await here.therapist(email=f"t{number}@example.test")
    await here.plan(AT)


async def test_two_workers_never_hold_the_same_message(here: World, database_url: str) -> None:
    await waiting(here, 10)
    other = open_database(database_url).system
    held = await asyncio.gather(claim(here, limit=6), claim(World(other, id=here.id), limit=6))
    await other.close()
    ids = [each.id for some in held for each in some]
    assert len(ids) == len(set(ids)) == 10


async def test_a_lease_grows_its_token_and_an_old_one_settles_nothing(here: World) -> None:
    await waiting(here)
    (first,) = await claim(here)
    async with here.database.write.begin() as session:
        await outbox.release(session, claimed=[first], now=AT)
    (second,) = await claim(here)
    assert second.lease_token == first.lease_token + 1
    assert not await mark(here, first)
    assert not await settle(here, first, SENT)
    assert await mark(here, second)
    assert await settle(here, second, SENT)
    assert (await here.outbox())[0]["state"] == "sent"


async def test_a_message_sent_once_is_not_claimed_again(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    assert await mark(here, claimed)
    assert not await mark(here, claimed)
    await settle(here, claimed, SENT)
    assert await claim(here, AT + timedelta(days=1)) == []


async def test_a_message_that_cannot_be_written_steps_aside(here: World) -> None:
    await waiting(here, 2)
    bad = (await here.outbox())[0]["id"]
    async with here.database.write.begin() as session:
        broken = update(OutboxRow).where(OutboxRow.id == bad).values(recipient_address="a@b@c")
        await session.execute(broken)
    problems = {each.id: each.problem for each in await claim(here)}
    assert len(problems) == 2
    assert problems.pop(bad).startswith("It could not be written")
    assert list(problems.values()) == [""]


async def test_a_message_put_to_sleep_by_a_wrong_clock_is_woken(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    await settle(here, claimed, Outcome("retry", "data", "451 later", 451), AT + timedelta(days=2))
    assert len(await claim(here, AT)) == 1


async def test_a_message_that_never_reached_a_server_is_woken_from_a_wrong_clock_s_sleep_too(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    refused = Outcome("retry", "connect", "Connection refused", route_failure=True)
    await settle(here, claimed, refused, AT + timedelta(days=2))
    async with here.database.read() as session:
        assert list(await session.scalars(select(OutboxRow.attempts))) == [0]
    assert len(await claim(here, AT)) == 1


async def test_that_a_message_was_given_up_is_told_although_a_clock_a_year_ahead_gave_it_up(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    await settle(here, claimed, Outcome("retry", "data", "451 later", 451), AT + timedelta(days=365))
    assert [each.kind for each in await claim(here, AT)] == ["given-up"]


async def test_workers_share_one_quota_a_minute(here: World) -> None:
    await waiting(here, 5)
    slow = Pace(per_minute=2)
    assert len(await claim(here, pace=slow)) == 2
    assert len(await claim(here, pace=slow)) == 0
    assert len(await claim(here, AT + timedelta(seconds=60), pace=slow)) == 2


async def test_a_circuit_opens_longer_each_time_and_closes_with_the_first_success(here: World) -> None:
    pauses, at = [], AT
    for _ in range(8):
        async with here.database.write.begin() as session:
            until = await routes.failed(session, "mail", at, "Connection refused")
        async with here.database.write.begin() as session:
            assert await routes.take_tokens(session, "mail", at, 5) == 0
        pauses.append((until - at).total_seconds())
        at = until
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]
    async with here.database.write.begin() as session:
        assert await routes.take_tokens(session, "mail", at, 5) == 5
        await routes.worked(session, "mail", at)
        assert await routes.failed(session, "mail", at, "again") == at + timedelta(seconds=30)


async def test_a_circuit_opened_by_a_clock_a_year_ahead_is_not_believed(here: World) -> None:
    async with here.database.write.begin() as session:
        await routes.failed(session, "mail", AT + timedelta(days=365), "Connection refused")
        assert await routes.take_tokens(session, "mail", AT, 5) == 5


async def test_pages_read_messages_attempts_and_alarms_of_their_own_organization_only(here: World) -> None:
    there = await World(here.database).begin()
    await waiting(here, 3)
    claimed = (await claim(here, limit=1))[0]
    await mark(here, claimed)
    await settle(here, claimed, SENT)
    later = AT + timedelta(hours=1)
    async with here.database.read() as session:
        every = await messages(session, here.id)
        assert len(every) == 3
        assert [each.id for each in await messages(session, here.id, before=every[0].id)] == [
            each.id for each in every[1:]
        ]
        assert await messages(session, there.id) == []
        assert await message(session, there.id, every[0].id) is None
        assert [each.outcome for each in await attempts(session, here.id, claimed.id)] == ["sent"]
        assert (await alarms(session, here.id, later)).oldest_due_seconds == 3600
        assert (await alarms(session, there.id, later)).oldest_due_seconds == 0


FACTS = {
    "organization": "Harbor", "postal_address": "1 Main St", "reply_to": None, "reply_to_name": "", "zone": "UTC",
    "to": "therapist", "first_name": "{{7*7}}", "holder": "<b>x</b>", "by_clinic": False, "number": "=SUM(A1)",
    "credential": "Florida massage license", "ends_on": "2028-02-29", "from_on": "2028-03-01", "clinic": "Tampa",
    "forbids_practice": True, "opens_on": None, "board": "", "answers": "", "next_on": None, "link": "https://x.test/1",
    "name": "<script>", "valid_for": "10 minutes", "public_url": "https://x.test", "recipient_name": "A & B",
    "recipient_address": "a@example.test", "original_subject": "<i>", "reason": "550 <no>", "bad_address": True,
    "unsure": False, "new_address": "b@example.test", "old_address": "a@example.test", "goes_out": 2,
    "skipped": 1, "without_address": 1, "started_on": "2027-01-01", "new_ends_on": "2030-02-28", "no_count": 1,
    "soon_count": 2, "waiting": 3, "decisions_link": "https://x.test/2", "settings_link": "https://x.test/3",
    "starts_on": "2026-01-01", "every": "month", "change": "passkey-added", "about": "<b>x", "address": "a@x.test",
    "troubles": ["<b>x", "Two"], "more": 1, "entries": 12000, "checkpoint": "origin <b>", "key": "key <b>",
    "certificates": [("CN=<b>", "ab" * 32)], "count": 1, "before": 2,
    "records": [{"whose": "<b>x", "file": True, "count": 1, "through": "<i>", "day": "<no>"}],
    "parts": [{"clinic": "<i>", "no": [{"name": "<script>", "why": "<no>", "link": ""}], "no_more": 1, "soon": [],
               "soon_more": 0}],
}  # fmt: skip
KINDS = sorted(folder.name for folder in (TEMPLATES / "messages").iterdir() if folder.is_dir())


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_has_words_in_text_and_html_and_says_whose_word_counts(kind: str) -> None:
    words = render(kind, FACTS, date(2028, 2, 28))
    assert words.subject
    assert "\n" not in words.subject
    for part in (words.text, words.html):
        assert "Not legal advice; the board’s word counts." in part
        assert "1 Main St" in part
        assert re.search(r"You receive this (mail|once a week|each month) because", part)
    assert words.html.lstrip().startswith("<!doctype html>")


@pytest.mark.parametrize("kind", KINDS)
def test_names_stay_names_in_html(kind: str) -> None:
    html = render(kind, FACTS | {"to": "staff"}, date(2028, 2, 28)).html
    for markup in ("<b>x", "<script>", "<i>", "<no>"):
        assert markup not in html
    assert "49" not in render("renewal-reminder", FACTS, date(2028, 2, 28)).text


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2027, 12, 1), "Your Florida massage license ends in 90 days, Feb 29, 2028"),
        (date(2028, 2, 28), "Your Florida massage license ends tomorrow, Feb 29, 2028"),
        (date(2028, 2, 29), "Your Florida massage license ends today, Feb 29, 2028"),
        (date(2028, 3, 1), "Your Florida massage license ended yesterday, Feb 29, 2028"),
        (date(2028, 3, 7), "Your Florida massage license ended 7 days ago, Feb 29, 2028"),
    ],
)
def test_the_subject_alone_is_enough(today: date, said: str) -> None:
    assert render("renewal-reminder", FACTS, today).subject == said


async def test_a_therapist_with_a_hostile_name_adds_no_header(here: World) -> None:
    await here.therapist()
    async with here.database.write.begin() as session:
        await session.execute(update(OrganizationRow).values(name="Harbor\r\nBcc: everybody@example.test"))
    await here.plan(AT)
    (claimed,) = await claim(here)
    letter = message_from_bytes(claimed.content, policy=policy.default)
    assert letter["bcc"] is None
    assert letter["to"] == "Ana Ruiz <ana@example.test>"


async def test_keeping_writes_the_day_s_words_and_ends_the_reminder(here: World) -> None:
    await waiting(here)
    async with here.database.write.begin() as session:
        assert await outbox.keep(session, now=AT + timedelta(days=2), demonstrations_only=False) == 1
    row = (await here.outbox())[0]
    assert (row["state"], row["sent_at"]) == ("kept", AT + timedelta(days=2))
    assert "ends in 28 days" in row["subject"]
    assert (await here.notes())["therapist", 30] == ("done", "")
    async with here.database.read() as session:
        assert (await session.scalars(select(OutboxRow.rfc822))).one() is None
