from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

import pytest

from compliance.channels import CHANNELS, OutgoingMessage
from compliance.channels.conversation import Patience, on_the_wire
from compliance.channels.email import EmailChannel
from compliance.channels.smtp_url import SmtpRoute, Tls
from tests.channels.servers import DROP, HANG, SLOW, certificate, receiving, scripted

CONTENT = b"Subject: Renewal\r\nTo: ana@example.com\r\n\r\nHello\r\n.a dot\r\n..\r\n.\r\nlast line\r\n"
MESSAGE = OutgoingMessage("reminders@bayside.example", "ana@example.com", CONTENT, envelope_id="outbox 7=+")
QUICK = Patience(command=2, mark=1, stall=0.3, verdict=0.5)


class Mark:
    """`may_transmit` as the outbox gives it: counts how often it was asked."""

    def __init__(self, answer: bool = True, seconds: float = 0) -> None:
        self.answer, self.seconds, self.asked = answer, seconds, 0
        self.began = asyncio.Event()

    async def __call__(self) -> bool:
        self.asked += 1
        self.began.set()
        await asyncio.sleep(self.seconds)
        return self.answer


def channel(port: int, tls: Tls = "none", **more: str) -> EmailChannel:
    return EmailChannel(SmtpRoute("127.0.0.1", port, tls, **more), patience=QUICK)


async def test_a_mail_arrives_as_it_was_frozen() -> None:
    async with receiving() as (room, port):
        mark = Mark()
        outcome = await channel(port).send(MESSAGE, mark)
    assert (outcome.kind, outcome.phase, outcome.code) == ("sent", "end", 250)
    assert mark.asked == 1
    [envelope] = room.envelopes
    assert envelope.content == CONTENT
    assert (envelope.mail_from, envelope.rcpt_tos) == ("reminders@bayside.example", ["ana@example.com"])


async def test_the_servers_options_are_used_when_offered() -> None:
    async with scripted() as server:
        outcome = await channel(server.port).send(MESSAGE, Mark())
    assert outcome.enhanced_code == "2.0.0"
    assert outcome.detail == "2.0.0 queued as 42"
    mail = next(line for line in server.heard if line.upper().startswith("MAIL"))
    assert re.fullmatch(
        rf"MAIL FROM:<reminders@bayside.example> size={len(CONTENT)} RET=HDRS ENVID=outbox\+207\+3D\+2B",
        mail,
        re.IGNORECASE,
    )
    assert "RCPT TO:<ana@example.com> NOTIFY=FAILURE,DELAY" in [line.replace("rcpt", "RCPT") for line in server.heard]


async def test_nothing_is_accepted_when_the_mark_says_no() -> None:
    async with receiving() as (room, port):
        outcome = await channel(port).send(MESSAGE, Mark(False))
        await asyncio.sleep(0.1)
    assert outcome.kind == "withdrawn"
    assert room.envelopes == []


async def test_a_stalled_mark_sends_nothing() -> None:
    for seconds in (0.5, 1.2):  # longer than `stall`, longer than `mark`
        async with scripted() as server:
            outcome = await channel(server.port).send(MESSAGE, Mark(seconds=seconds))
            await asyncio.sleep(0.05)
        assert (outcome.kind, outcome.phase, server.accepted) == ("retry", "mark", [])


async def test_an_error_in_the_mark_goes_up_and_sends_nothing() -> None:
    async def broken() -> bool:
        raise LookupError("the database is gone")

    async with scripted() as server:
        with pytest.raises(LookupError):
            await channel(server.port).send(MESSAGE, broken)
        await asyncio.sleep(0.05)
    assert server.accepted == []


async def test_a_cancelled_send_transmits_nothing_and_is_never_marked() -> None:
    async with scripted(DATA=SLOW) as server:
        mark = Mark()
        sending = asyncio.create_task(channel(server.port).send(MESSAGE, mark))
        await asyncio.sleep(0.15)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.sleep(0.5)
        assert (mark.asked, server.accepted) == (0, [])


async def test_a_send_cancelled_while_its_mark_is_written_transmits_nothing() -> None:
    async with scripted() as server:
        mark = Mark(seconds=0.25)
        sending = asyncio.create_task(channel(server.port).send(MESSAGE, mark))
        await mark.began.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.sleep(0.4)
        assert server.accepted == []


BEFORE_THE_DOT = ["greeting", "EHLO", "MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("step", [*BEFORE_THE_DOT, "body"])
@pytest.mark.parametrize("told", [DROP, "421 4.3.2 closing", "451 4.3.0 try later"])
async def test_trouble_before_the_dot_is_a_retry_and_is_never_marked(step: str, told: str) -> None:
    async with scripted(**{step: told, "HELO": told}) as server:
        mark = Mark()
        outcome = await channel(server.port).send(big_message(), mark)
    assert outcome.kind == "retry"
    assert mark.asked == 0
    assert server.accepted == []
    if step in ("greeting", "EHLO"):
        assert outcome.route_failure
    elif told != DROP and step != "body":
        assert outcome.route_failure == told.startswith("421")
        assert outcome.enhanced_code in ("4.3.2", "4.3.0")


def big_message() -> OutgoingMessage:
    # Large enough that the server has spoken or hung up before the last byte has left.
    return OutgoingMessage(MESSAGE.sender, MESSAGE.recipient, CONTENT + b"x" * 70 + b"\r\n" + CONTENT * 100_000)


@pytest.mark.parametrize("step", ["greeting", "MAIL", "RCPT", "DATA"])
async def test_a_server_that_stays_silent_before_the_dot_is_a_retry(step: str) -> None:
    quick = Patience(command=0.3, mark=1, stall=0.3, verdict=0.3)
    async with scripted(**{step: HANG}) as server:
        route = SmtpRoute("127.0.0.1", server.port, "none")
        outcome = await EmailChannel(route, patience=quick).send(MESSAGE, Mark())
    assert (outcome.kind, server.accepted) == ("retry", [])


@pytest.mark.parametrize(
    ("step", "kind", "fault", "route_failure"),
    [
        ("greeting", "retry", None, True),
        ("MAIL", "retry", None, True),
        ("RCPT", "refused", "recipient", False),
        ("DATA", "refused", "content", False),
        ("end", "refused", "content", False),
    ],
)
async def test_a_final_no_means_what_its_step_says(
    step: str, kind: str, fault: str | None, route_failure: bool
) -> None:
    async with scripted(**{step: "550 5.1.1 no"}) as server:
        outcome = await channel(server.port).send(MESSAGE, Mark())
    assert (outcome.kind, outcome.fault, outcome.route_failure) == (kind, fault, route_failure)
    assert (outcome.code, outcome.enhanced_code) == (550, "5.1.1")
    assert server.accepted == []


async def test_a_message_too_large_is_its_own_fault_and_not_the_routes() -> None:
    async with scripted(MAIL="552 5.3.4 too large") as server:
        outcome = await channel(server.port).send(MESSAGE, Mark())
    assert (outcome.kind, outcome.fault, outcome.route_failure) == ("refused", "content", False)


@pytest.mark.parametrize(("told", "route_failure"), [("451 4.3.0 later", False), ("421 4.3.2 closing", True)])
async def test_a_temporary_no_after_the_dot_is_a_retry(told: str, route_failure: bool) -> None:
    async with scripted(end=told) as server:
        outcome = await channel(server.port).send(MESSAGE, Mark())
    assert (outcome.kind, outcome.phase, outcome.route_failure) == ("retry", "end", route_failure)
    assert server.accepted == []


@pytest.mark.parametrize("told", [DROP, HANG, "nonsense", "354 again", "250 " + "x" * 10_000])
async def test_no_clear_answer_after_the_dot_is_unknown(told: str) -> None:
    async with scripted(end=told) as server:
        mark = Mark()
        outcome = await channel(server.port).send(MESSAGE, mark)
    assert (outcome.kind, outcome.phase, mark.asked) == ("unknown", "end", 1)


async def test_a_server_that_hangs_up_while_the_mark_is_written_has_not_taken_the_message() -> None:
    async with scripted() as server:

        async def hang_up() -> bool:
            server.hang_up()
            await asyncio.sleep(0.1)
            return True

        outcome = await channel(server.port).send(MESSAGE, hang_up)
    assert (outcome.kind, outcome.phase) == ("retry", "mark")


async def test_a_server_that_is_down_is_the_routes_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = await channel(port).send(MESSAGE, Mark())
    assert (outcome.kind, outcome.phase, outcome.route_failure) == ("retry", "connect", True)
    assert (await channel(port).check()).kind == "retry"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_mail_travels_encrypted_and_signed_in(tls: Tls, tmp_path: Path) -> None:
    server_side, client_side = certificate(tmp_path)
    async with receiving(server_side, implicit=tls == "implicit", user="mailer", password="s3cret!") as (room, port):
        route = SmtpRoute("127.0.0.1", port, tls, "mailer", "s3cret!")
        mail = EmailChannel(route, tls=client_side, patience=QUICK)
        assert (await mail.check()).kind == "sent"
        assert (await mail.send(MESSAGE, Mark())).kind == "sent"
    assert [envelope.content for envelope in room.envelopes] == [CONTENT]


async def test_an_unknown_certificate_is_the_routes_failure(tmp_path: Path) -> None:
    server_side, _ = certificate(tmp_path)
    async with receiving(server_side) as (room, port):
        outcome = await channel(port, "starttls").send(MESSAGE, Mark())
    assert (outcome.kind, outcome.phase, outcome.route_failure) == ("retry", "tls", True)
    assert room.envelopes == []


async def test_without_starttls_on_offer_no_password_and_no_mail_leaves() -> None:
    async with scripted() as server:
        outcome = await channel(server.port, "starttls", user="u", password="hunter22").send(MESSAGE, Mark())
    assert (outcome.kind, outcome.phase, outcome.route_failure) == ("retry", "tls", True)
    assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in server.heard)


async def test_a_wrong_password_is_the_routes_failure_and_shows_nowhere() -> None:
    async with scripted(AUTH="535 5.7.8 hunter22 aHVudGVyMjI= is wrong") as server:
        outcome = await channel(server.port, user="u", password="hunter22").send(MESSAGE, Mark())
    assert (outcome.kind, outcome.phase, outcome.route_failure) == ("retry", "auth", True)
    assert "hunter22" not in repr(outcome)
    assert "aHVudGVyMjI=" not in repr(outcome)


def test_every_line_on_the_wire_is_ended_and_stuffed() -> None:
    assert on_the_wire(b".a\n..\r\nb\r.c\r\n.") == b"..a\r\n...\r\nb\r\n..c\r\n.."
    assert on_the_wire(b"a\r\n\r\n") == b"a\r\n"
    assert on_the_wire(b"a\n.\nMAIL FROM:<x@y>\n") == b"a\r\n..\r\nMAIL FROM:<x@y>"


@pytest.mark.parametrize("wrong", ["", "a@b, c@d", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a b@c", "ż@example.com"])
def test_an_envelope_takes_one_plain_address(wrong: str) -> None:
    with pytest.raises(ValueError, match="plain e-mail address"):
        OutgoingMessage("a@b.example", wrong, b"")


def test_the_door_opens_a_channel_by_its_url() -> None:
    opened = CHANNELS["email"]("smtp://mail.example?tls=none")
    assert isinstance(opened, EmailChannel)
    assert opened.route == SmtpRoute("mail.example", 25, "none")
