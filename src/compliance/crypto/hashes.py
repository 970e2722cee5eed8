"""Digests: of content, of personal values, and of the trail's entries.

The trail's hash must come out the same in ten years and in a program that knows nothing of this one. So the
bytes are spelled out: `canonical_json` writes them (the subset of RFC 8785 without floats), `chain_hash`
links them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

GENESIS = bytes(32)
"""The `prev` of the first entry of a chain."""

_CHAIN_PREFIX = b"trail-v1\0"
_LARGEST_INTEGER = 2**53
_CHUNK = 1 << 18


def sha256_hex(data: bytes) -> str:
    """64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_hex_of_stream(stream: BinaryIO) -> tuple[str, int]:
    """Digest and size in bytes of what is left in the stream, read in pieces."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def sha256_hex_of_file(path: Path) -> tuple[str, int]:
    """Digest and size in bytes of a file."""
    with path.open("rb") as stream:
        return sha256_hex_of_stream(stream)


def new_salt() -> bytes:
    """16 random bytes, kept beside the personal value and erased with it."""
    return secrets.token_bytes(16)


def personal_hash(salt: bytes, value: str) -> str:
    """What the chain holds in place of a personal value: useless once the salt is erased."""
    if len(salt) < 16:
        raise ValueError("The salt of a personal value must have at least 16 bytes.")
    return hmac.digest(salt, value.encode(), "sha256").hex()


def canonical_json(value: object) -> bytes:
    """The one spelling of a value: keys sorted, no spaces, UTF-8.

    Takes None, bool, int below 2**53, str, date, aware datetime, UUID, and mappings and sequences of these.
    Instants become `YYYY-MM-DDTHH:MM:SS.ffffffZ`, days ISO 8601, ids their usual text. Anything else, floats
    above all, raises TypeError; a number too large, a naive instant or a lone surrogate raises ValueError.
    """
    text = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def instant_text(at: datetime) -> str:
    """`2026-03-01T09:00:00.000000Z`, always with six digits, always UTC."""
    if at.tzinfo is None:
        raise ValueError(f"The instant {at.isoformat()} has no time zone.")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def chain_hash(organization_id: uuid.UUID, seq: int, prev: bytes, body: bytes) -> bytes:
    """The hash of one entry of an organization's trail, 32 bytes.

    SHA-256 over: `trail-v1` and a zero byte, the id (16 bytes), seq (8 bytes, big-endian), prev (32 bytes),
    the length of body (8 bytes, big-endian), body. The installation's own chain has the id of all zeros.
    """
    if len(prev) != 32:
        raise ValueError(f"The previous hash must have 32 bytes, not {len(prev)}.")
    head = _CHAIN_PREFIX + organization_id.bytes + seq.to_bytes(8, "big") + prev
    return hashlib.sha256(head + len(body).to_bytes(8, "big") + body).digest()


def _plain(value: object) -> object:
    make = _BY_TYPE.get(type(value))  # nearly every value is of exactly one of these types
    return make(value) if make else _plain_relative(value)


def _plain_relative(value: object) -> object:
    """Values of types that derive from the plain ones, such as enumerations of texts."""
    match value:
        case str():
            return str.__str__(value)
        case int():
            return _integer(value)
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case Mapping():
            return _object(value)
        case Sequence() if not isinstance(value, (bytes, bytearray, memoryview)):
            return _array(value)
    raise TypeError(f"{type(value).__name__} has no canonical form; write it as text.")


def _itself(value: object) -> object:
    return value


def _integer(value: int) -> int:
    if abs(value) >= _LARGEST_INTEGER:
        raise ValueError(f"{value} is too large for a canonical number; write it as text.")
    return int(value)


def _array(value: Sequence[object]) -> list[object]:
    return [_plain(item) for item in value]


def _object(value: Mapping[object, object]) -> dict[str, object]:
    names = [key for key in value if isinstance(key, str)]
    if len(names) < len(value):
        stranger = next(key for key in value if not isinstance(key, str))
        raise TypeError(f"A canonical object has text as keys, not {type(stranger).__name__}.")
    names.sort(key=None if all(map(str.isascii, names)) else _utf16)
    return {str.__str__(name): _plain(value[name]) for name in names}


_BY_TYPE: dict[type, Callable[[Any], object]] = {
    type(None): _itself,
    bool: _itself,
    str: _itself,  # a lone surrogate raises UnicodeEncodeError, a ValueError, when the text becomes bytes
    int: _integer,
    datetime: instant_text,
    date: date.isoformat,
    uuid.UUID: str,
    dict: _object,
    list: _array,
    tuple: _array,
}


def _utf16(name: str) -> bytes:
    # RFC 8785 sorts by UTF-16 code units, as JavaScript does; beyond the basic plane that differs from code
    # points.
    return name.encode("utf-16-be")
