"""Checkpoints of a trail: its length and last hash as a signed note, which proves later that nothing before it changed.

The text is that of C2SP tlog-checkpoint in a C2SP signed-note: origin, length, hash in base64, an empty line, and a
line with the signature by Ed25519. Where logs there have the root of a tree, this one has the last hash of its chain.
The same chain at the same place gives the same note: Ed25519 signatures do not vary.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from compliance.crypto.tokens import derive_key

_ORIGIN: Final = "compliance-trail/"
_ED25519: Final = b"\x01"
_NOTE: Final = re.compile(
    r"compliance-trail/(?P<organization>[0-9a-f-]{36})\n(?P<size>0|[1-9][0-9]{0,15})\n(?P<hash>[A-Za-z0-9+/]{43}=)\n"
    r"\n— (?P<name>\S+) (?P<signature>[A-Za-z0-9+/]{91}=)\n"
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note says, and the note itself. `key_id`: four bytes that name the key, as hexadecimal digits."""

    organization_id: UUID
    seq: int
    hash: bytes
    key_id: str
    note: str


def origin(organization_id: UUID) -> str:
    """What a chain is called in its checkpoints; the name of the key as well."""
    return f"{_ORIGIN}{organization_id}"


class TrailKey:
    """The key that checkpoints are signed with, derived from the installation's secret: it is in no database."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(derive_key(secret, "trail-checkpoints"))
        self.public: Final = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def checkpoint(self, organization_id: UUID, seq: int, hash: bytes) -> Checkpoint:
        """The signed note on a chain that has `seq` entries, the last with this hash (32 bytes)."""
        text = f"{origin(organization_id)}\n{seq}\n{base64.b64encode(hash).decode()}\n"
        named = key_id(organization_id, self.public)
        signature = base64.b64encode(named + self._key.sign(text.encode())).decode()
        note = f"{text}\n— {origin(organization_id)} {signature}\n"
        return Checkpoint(organization_id, seq, hash, named.hex(), note)

    def verifier(self, organization_id: UUID) -> str:
        """The public key as one line, as C2SP signed-note writes it: name, id, key."""
        named = key_id(organization_id, self.public).hex()
        return f"{origin(organization_id)}+{named}+{base64.b64encode(_ED25519 + self.public).decode()}"


def key_id(organization_id: UUID, public: bytes) -> bytes:
    """Four bytes that name a key: of the SHA-256 of its name, a line feed, the kind of key and the key."""
    return hashlib.sha256(origin(organization_id).encode() + b"\n" + _ED25519 + public).digest()[:4]


def read(note: str) -> Checkpoint | None:
    """What a note says, unproven; None for any other text."""
    found = _NOTE.fullmatch(note)
    if found is None or found["name"] != _ORIGIN + found["organization"]:
        return None
    try:
        organization_id = UUID(found["organization"])
    except ValueError:
        return None
    digest, signature = base64.b64decode(found["hash"]), base64.b64decode(found["signature"])
    return Checkpoint(organization_id, int(found["size"]), digest, signature[:4].hex(), note)


def holds(note: str, public: bytes) -> bool:
    """Whether a note was signed with this key."""
    said = read(note)
    if said is None or said.key_id != key_id(said.organization_id, public).hex():
        return False
    text, _, line = note.partition("\n\n")
    signature = base64.b64decode(line.split(" ")[2])[4:]
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, (text + "\n").encode())
    except InvalidSignature:
        return False
    return True
