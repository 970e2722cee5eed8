"""Mail by SMTP, with a mark just before the message becomes irrevocable.

SMTP has one moment after which nobody can tell whether a message was delivered: between the final dot and the
server's answer (RFC 1047). So the whole message is streamed first, without the dot; then `may_transmit`
writes down that the dot is about to be sent, and may still forbid it. Whatever fails before the dot was
certainly not delivered.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from compliance.channels.compose import compose
from compliance.channels.conversation import Conversation, Leave, Patience
from compliance.channels.outcome import MayTransmit, Outcome, OutgoingMessage
from compliance.channels.smtp_url import SmtpRoute, parse_smtp_url

_SENDERS = 32


def open_channel(url: str) -> EmailChannel:
    """The channel to the server that the URL names. Raises ValueError with a sentence when the URL is wrong."""
    return EmailChannel(parse_smtp_url(url))


class EmailChannel:
    """Hands messages to one mail server. Each send is a conversation of its own, in a thread."""

    name = "email"
    compose = staticmethod(compose)  # how a letter becomes what `send` takes

    def __init__(
        self, route: SmtpRoute, *, tls: ssl.SSLContext | None = None, patience: Patience | None = None
    ) -> None:
        self.route = route
        self._tls = tls or ssl.create_default_context()
        self._patience = patience or Patience()
        self._threads = ThreadPoolExecutor(max_workers=_SENDERS, thread_name_prefix="smtp")

    async def send(self, message: OutgoingMessage, may_transmit: MayTransmit) -> Outcome:
        """One attempt (see `Channel.send`)."""
        loop = asyncio.get_running_loop()
        abandoned = threading.Event()
        ask = _from_a_thread(loop, may_transmit, abandoned, self._patience.mark)
        conversation = Conversation(self.route, message, ask, loop.time, self._tls, self._patience)
        try:
            return await loop.run_in_executor(self._threads, conversation.hold)
        except asyncio.CancelledError:
            abandoned.set()
            raise

    async def check(self) -> Outcome:
        """Connects and signs in, and hands over nothing: `sent` when the route is whole, else `retry`."""
        nothing = OutgoingMessage("nobody@localhost", "nobody@localhost", b"")
        loop = asyncio.get_running_loop()
        talk = Conversation(self.route, nothing, lambda: "no", loop.time, self._tls, self._patience)
        return await loop.run_in_executor(self._threads, talk.greet_only)


def _from_a_thread(
    loop: asyncio.AbstractEventLoop, may_transmit: MayTransmit, abandoned: threading.Event, patience: float
) -> Callable[[], Leave]:
    """`may_transmit` as the thread may call it: it runs in the caller's loop while the thread waits."""

    async def asked() -> bool:
        return await may_transmit()

    def ask() -> Leave:
        if abandoned.is_set():
            return "no"
        answer = asyncio.run_coroutine_threadsafe(asked(), loop)
        try:
            leave = answer.result(patience)
        except TimeoutError:
            if answer.done():  # its own failure, and not this one's patience
                raise
            answer.cancel()
            return "late"
        return "yes" if leave and not abandoned.is_set() else "no"

    return ask
