"""A real mail server for tests: it writes down what it accepted, and can be told to answer otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP


@dataclass
class Post:
    """What arrived, in order, and what to answer: functions from recipient to a reply line, or None for yes."""

    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)  # of the envelopes of what was accepted
    on_recipient: Callable[[str], str | None] = lambda _: None
    on_data: Callable[[str], str | None] = lambda _: None
    before_answer: Callable[[], Any] | None = None

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Takes a recipient or refuses them."""
        refusal = self.on_recipient(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Takes a message or refuses it."""
        recipient = envelope.rcpt_tos[0]
        if self.before_answer:
            await self.before_answer()
        refusal = self.on_data(recipient)
        if refusal:
            return refusal
        self.accepted.append((recipient, envelope.content))
        self.senders.append(envelope.mail_from)
        return "250 Taken"

    @property
    def letters(self) -> list[EmailMessage]:
        """What arrived, read."""
        return [message_from_bytes(content, policy=policy.default) for _, content in self.accepted]


@asynccontextmanager
async def smtp_server(post: Post, port: int = 0) -> AsyncIterator[int]:
    """Serves on loopback; the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(post, enable_SMTPUTF8=False, hostname="mail.test", loop=loop), "127.0.0.1", port
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
