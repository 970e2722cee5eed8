"""Ways a message leaves. The door: a channel's name, and how to open it from its URL."""

from __future__ import annotations

from collections.abc import Callable

from compliance.channels import email
from compliance.channels.outcome import Channel, Outcome, OutgoingMessage

__all__ = ["CHANNELS", "Channel", "Outcome", "OutgoingMessage"]

CHANNELS: dict[str, Callable[[str], Channel]] = {"email": email.open_channel}
"""Opens a channel: raises ValueError with one sentence when the URL is wrong. It connects at each send only.
"""
