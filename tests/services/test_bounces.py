"""Claims about reports that come back: only our own return path says what they are about, and each counts once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.crypto.return_paths import message_of, return_path, webhook_token
from compliance.db.engine import Database
from compliance.db.queries.refused_addresses import refused, refused_addresses
from compliance.db.records import BounceRow, TherapistRow
from compliance.services import bounces, reminders, therapists
from compliance.services import refused_addresses as addresses
from compliance.services.mailing import MailSettings
from compliance.services.refusals import Refused, Unknown
from tests.services.reminder_world import World
from tests.services.test_outbox import AT, SENT, claim, mark, settle, waiting
from tests.services.test_outbox_settling import REFUSED, actions

SECRET = b"0123456789abcdefghijklmnopqrstuvwxyz"
MAIL = MailSettings("reminders@example.test", "https://tracker.example.test", SECRET)


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def report(to: str, *, action: str = "failed", status: str = "5.1.1", words: str = "550 Nobody of that name") -> bytes:
    return f"""From: MAILER-DAEMON@elsewhere.test
To: {to}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.elsewhere.test

Final-Recipient: rfc822; somebody@elsewhere.test
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b--
""".encode()


async def sent(here: World) -> UUID:
    """A message that counts as sent; its id."""
    await waiting(here)
    (claimed,) = await claim(here)
    await mark(here, claimed)
    await settle(here, claimed, SENT)
    return claimed.id


async def receive(here: World, raw: bytes, at: datetime = AT) -> str:
    async with here.database.write.begin() as session:
        return await bounces.receive(session, raw=raw, now=at, mail=MAIL)


def back(message: UUID) -> str:
    return return_path(SECRET, message, "bounces@example.test")


async def test_a_report_of_failure_ends_the_reminder_flags_the_address_and_tells_the_manager(here: World) -> None:
    message = await sent(here)
    assert await receive(here, report(back(message))) == "failed"
    first, notice = await here.outbox()
    assert (first["state"], first["reply"]) == ("bounced", "550 Nobody of that name")
    assert (notice["kind"], "refused" in notice["text"]) == ("given-up", True)
    assert (await here.notes())["therapist", 30] == ("failed", "550 Nobody of that name")
    assert "address.refused" in await actions(here)
    async with here.database.read() as session:
        assert await refused(session, [here.id]) == {here.id: frozenset({"t0@example.test"})}
        (line,) = await refused_addresses(session, here.id)
    assert (line.source, line.code, line.name) == ("bounced", "5.1.1", "Ana Ruiz")


async def test_the_same_report_twice_counts_once(here: World) -> None:
    raw = report(back(await sent(here)))
    assert [await receive(here, raw) for _ in range(3)] == ["failed", "known", "known"]
    async with here.database.read() as session:
        assert len((await session.scalars(select(BounceRow))).all()) == 1
    assert len(await here.outbox()) == 2


@pytest.mark.parametrize(
    "forged", ["someone@example.test", "bounces+aaaa@example.test", "", "bounces+%%%@example.test"]
)
async def test_a_report_that_did_not_come_back_to_our_own_return_path_is_refused(here: World, forged: str) -> None:
    await sent(here)
    assert await receive(here, report(forged)) == "forged"
    assert [row["state"] for row in await here.outbox()] == ["sent"]


async def test_a_return_path_signed_with_another_secret_is_refused(here: World) -> None:
    message = await sent(here)
    stranger = return_path(b"x" * 32, message, "bounces@example.test")
    assert await receive(here, report(stranger)) == "forged"
    proof = back(message)
    other = proof.replace("+a", "+b", 1) if "+a" in proof else proof.replace(proof[8], "a", 1)
    assert message_of(SECRET, other) is None


async def test_a_delay_is_noted_and_changes_nothing(here: World) -> None:
    message = await sent(here)
    assert await receive(here, report(back(message), action="delayed", status="4.4.1")) == "noted"
    assert [row["state"] for row in await here.outbox()] == ["sent"]


async def test_a_refusal_out_of_policy_gives_the_message_up_and_leaves_the_address_alone(here: World) -> None:
    message = await sent(here)
    assert await receive(here, report(back(message), status="5.7.1", words="554 We do not like you")) == "failed"
    async with here.database.read() as session:
        assert await refused(session, [here.id]) == {}


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: Out of office\n\nBack on Monday.", b"\xff\xfe\x00", b"Content-Type: x"]
)
async def test_other_mail_is_left_alone(here: World, raw: bytes) -> None:
    await sent(here)
    assert await receive(here, raw) == "unreadable"


async def test_a_hard_refusal_flags_the_address_until_a_person_says_that_it_is_good(here: World) -> None:
    await waiting(here)
    (claimed,) = await claim(here)
    await settle(here, claimed, REFUSED)
    async with here.database.read() as session:
        (line,) = await refused_addresses(session, here.id)
    assert (line.source, line.address) == ("refused", "t0@example.test")
    async with here.database.write.begin() as session:
        with pytest.raises(Refused, match="Say why"):
            await addresses.say_good(session, act=here.act(AT), refused_id=line.id, why=" ")
    async with here.database.write.begin() as session:
        await addresses.say_good(session, act=here.act(AT), refused_id=line.id, why="She gave it to me on paper")
    async with here.database.read() as session:
        assert await refused(session, [here.id]) == {}
    assert (await here.notes())["therapist", 30][0] == "planned"
    await here.plan(AT + timedelta(days=1))
    assert len(await claim(here, AT + timedelta(days=1))) == 2  # the reminder again, and the notice


async def test_addresses_of_others_are_unknown(here: World) -> None:
    there = await World(here.database).begin()
    await receive(here, report(back(await sent(here))))
    async with here.database.read() as session:
        (line,) = await refused_addresses(session, here.id)
        assert await refused_addresses(session, there.id) == []
    async with here.database.write.begin() as session:
        with pytest.raises(Unknown):
            await addresses.say_good(session, act=there.act(AT), refused_id=line.id, why="mine")


def test_a_return_path_survives_what_mail_servers_do_to_addresses() -> None:
    message = UUID("018cc251-f400-706c-b48a-ec4be33d813f")
    path = return_path(SECRET, message, "bounces@example.test")
    assert len(path.partition("@")[0]) <= 64
    for form in (path, path.upper(), f"<{path}>", f" {path}\r\n"):
        assert message_of(SECRET, form) == message
    assert len(webhook_token(SECRET)) == 32


async def test_no_reminder_goes_to_a_refused_address_until_it_is_corrected(here: World) -> None:
    message = await sent(here)
    await receive(here, report(back(message)))
    later = AT + timedelta(days=16)  # the next rung
    await here.plan(later)
    notes = await here.notes()
    assert notes["therapist", 14] == ("skipped", "A mail server said that the e-mail address on file is none.")
    assert notes["manager", 14][0] == "queued"
    async with here.database.write.begin() as session:
        new = {"email": "new@example.test", "folded_email": "new@example.test"}
        await session.execute(update(TherapistRow).where(TherapistRow.organization_id == here.id).values(new))
        who = (await session.scalars(select(TherapistRow.id).where(TherapistRow.organization_id == here.id))).one()
        await reminders.reopen(session, act=here.act(later), therapist_id=who)
    await here.plan(later + timedelta(minutes=1))
    assert (await here.notes())["therapist", 14][0] == "queued"


async def test_what_comes_back_from_an_address_that_was_corrected_meanwhile_goes_to_the_new_one(here: World) -> None:
    message = await sent(here)
    (row,) = await here.outbox()
    async with here.database.write.begin() as session:
        change = therapists.Change(row["therapist_id"], email="right@example.test")
        await therapists.change(session, act=here.act(AT), change=change)
    assert await receive(here, report(back(message))) == "failed"
    await here.plan(AT)
    again = [each for each in await here.outbox(state="pending") if each["kind"] == "renewal-reminder"]
    assert [each["recipient_address"] for each in again] == ["right@example.test"]
