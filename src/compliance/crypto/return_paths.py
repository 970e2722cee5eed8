"""Where reports on a message come back to: an address that names the message, and that nobody else can make.

`bounces+TOKEN@example.org`: the message's id and ten bytes of an HMAC over it, in letters and digits that survive any
mail server (base32, case does not matter). 42 characters: with a local part of 21 it stays below the 64 that
RFC 5321, section 4.5.3.1.1, allows.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b32decode, b32encode
from typing import Final
from uuid import UUID

from compliance.crypto.tokens import derive_key

PURPOSE: Final = "return path"
WEBHOOK: Final = "bounce webhook"
LONGEST_LOCAL_PART: Final = 21
_PROOF = 10


def return_path(secret: bytes, message: UUID, address: str) -> str:
    """The address for reports on one message. `address` is where all of them arrive."""
    local, _, domain = address.rpartition("@")
    token = b32encode(message.bytes + _proof(secret, message)).decode().rstrip("=").lower()
    return f"{local}+{token}@{domain}"


def message_of(secret: bytes, address: str) -> UUID | None:
    """The message that a report is about; None for an address that was not made here."""
    token = address.strip("<> \t\r\n").rpartition("@")[0].rpartition("+")[2].upper()
    try:
        given = b32decode(token + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(given) != 16 + _PROOF:
        return None
    message = UUID(bytes=given[:16])
    return message if hmac.compare_digest(given[16:], _proof(secret, message)) else None


def webhook_token(secret: bytes) -> str:
    """What the address of the webhook ends with: who knows it may post reports, which must name a message all the
    same."""
    return b32encode(derive_key(secret, WEBHOOK, 20)).decode().lower()


def _proof(secret: bytes, message: UUID) -> bytes:
    return hmac.digest(derive_key(secret, PURPOSE), message.bytes, "sha256")[:_PROOF]
