"""What a channel is given and what it answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

MayTransmit = Callable[[], Awaitable[bool]]

Kind = Literal["sent", "retry", "refused", "unknown", "withdrawn"]
Phase = Literal["connect", "greeting", "tls", "auth", "mail", "rcpt", "data", "body", "mark", "end"]
Fault = Literal["recipient", "content"]

# One address as it stands between the angle brackets of an envelope. Narrower than RFC 5321 on purpose: no
# quoted local parts, no literals, no letters outside ASCII.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_LONGEST_ADDRESS = 254


def is_address(text: str) -> bool:
    """Is this exactly one plain e-mail address, fit for an envelope?"""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True)
class OutgoingMessage:
    """A message as frozen: the same bytes at every attempt, to one recipient.

    `sender` is the envelope's (bounces go there), `content` whole RFC 5322 bytes, `envelope_id` what delivery
    reports should quote. Raises ValueError when an address is not exactly one address.
    """

    sender: str
    recipient: str
    content: bytes
    envelope_id: str | None = None

    def __post_init__(self) -> None:
        for address in (self.sender, self.recipient):
            if not is_address(address):
                raise ValueError(f"{address!r} is not one plain e-mail address.")


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended.

    - `sent`: the server took the message; `detail` is its reply.
    - `retry`: certainly not delivered; try again later. With `route_failure` the server or the way to it failed,
      not this message, so the attempt should not count against it.
    - `refused`: certainly not delivered and never will be; `fault` says whether the address or the content.
    - `unknown`: it was transmitted and the answer never came; it may have been delivered.
    - `withdrawn`: `may_transmit` said no; certainly not delivered.

    `phase` is how far the attempt came, `code` and `enhanced_code` the server's last words on it (`550`,
    `5.1.1`). `detail` is one line without secrets.
    """

    kind: Kind
    phase: Phase
    detail: str = ""
    code: int | None = None
    enhanced_code: str | None = None
    route_failure: bool = False
    fault: Fault | None = None


class Channel(Protocol):
    """A way out."""

    async def send(self, message: OutgoingMessage, may_transmit: MayTransmit) -> Outcome:
        """One attempt. Awaits `may_transmit()` in the caller's event loop, once at most, just before the
        message becomes irrevocable, and gives up when it says no. Never raises for what a server or a network
        does; an exception of `may_transmit` goes up after the message was given up.
        """
        ...
