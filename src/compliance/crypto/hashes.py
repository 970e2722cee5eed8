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
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

GENESIS = bytes(32)
"""The `prev` of the first entry of a chain."""

_CHAIN_PREFIX = b"trail-v1\0"
_LARGEST_INTEGER = 2**53
_CHUNK = 1 << 18
_SALT = 16
_SALTS_AT_ONCE = 64
_quoted: Callable[[str], str] = json.encoder.encode_basestring  # as RFC 8785 writes a text


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


def new_salts() -> Iterator[bytes]:
    """16 random bytes for each personal value, kept beside it and erased with it; without end.

    They are drawn many at a time, since asking the system for one takes as long as hashing with it. What is drawn
    belongs to this iterator alone, so that no two processes ever share a salt.
    """
    while True:
        drawn = secrets.token_bytes(_SALT * _SALTS_AT_ONCE)
        for start in range(0, len(drawn), _SALT):
            yield drawn[start : start + _SALT]


def personal_hash(salt: bytes, value: str) -> str:
    """What the chain holds in place of a personal value: useless once the salt is erased."""
    if len(salt) < _SALT:
        raise ValueError("The salt of a personal value must have at least 16 bytes.")
    return hmac.digest(salt, value.encode(), "sha256").hex()


def canonical_json(value: object) -> bytes:
    """The one spelling of a value: keys sorted, no spaces, UTF-8.

    Takes None, bool, int below 2**53, str, date, aware datetime, UUID, and mappings and sequences of these.
    Instants become `YYYY-MM-DDTHH:MM:SS.ffffffZ`, days ISO 8601, ids their usual text. Anything else, floats
    above all, raises TypeError; a number too large, a naive instant or a lone surrogate raises ValueError.
    """
    return _written(value).encode()


@lru_cache(maxsize=64)  # what is recorded together has the same instant
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


def _written(value: object) -> str:
    return _BY_TYPE.get(type(value), _related)(value)  # nearly every value is of exactly one of these types


def _related(value: object) -> str:
    make = _BY_TYPE[type(value)] = _writer(type(value))
    return make(value)


def _writer(kind: type) -> Callable[[Any], str]:
    """How values of a type are written that derives from the plain ones, such as an enumeration of texts."""
    for each in (str, int, datetime, date, uuid.UUID):
        if issubclass(kind, each):
            return _BY_TYPE[each]
    if issubclass(kind, Mapping):
        return _object
    if issubclass(kind, Sequence) and not issubclass(kind, (bytes, bytearray, memoryview)):
        return _array
    raise TypeError(f"{kind.__name__} has no canonical form; write it as text.")


def _integer(value: int) -> str:
    if abs(value) >= _LARGEST_INTEGER:
        raise ValueError(f"{value} is too large for a canonical number; write it as text.")
    return int.__repr__(value)


def _array(value: Sequence[object]) -> str:
    return f"[{','.join([_written(item) for item in value])}]"


def _object(value: Mapping[object, object]) -> str:
    writer = _BY_TYPE.get  # as `_written` does, without a call for each of an entry's fifty values
    made = [label + writer(type(each := value[name]), _related)(each) for name, label in _labels(tuple(value))]
    return f"{{{','.join(made)}}}"


@lru_cache(maxsize=1024)
def _labels(names: tuple[object, ...]) -> Sequence[tuple[str, str]]:
    """The names of an object in their order, each with how it is written; the same few come again and again."""
    texts = [name for name in names if isinstance(name, str)]
    if len(texts) < len(names):
        stranger = next(name for name in names if not isinstance(name, str))
        raise TypeError(f"A canonical object has text as keys, not {type(stranger).__name__}.")
    return [(name, f"{_quoted(name)}:") for name in sorted(texts, key=_utf16)]


@lru_cache(maxsize=1024)  # the organization's is in every entry, a therapist's in those of one file
def _id(value: uuid.UUID) -> str:
    return f'"{value}"'


_BY_TYPE: dict[type, Callable[[Any], str]] = {
    type(None): lambda _none: "null",
    bool: lambda value: "true" if value else "false",
    str: _quoted,  # a lone surrogate raises UnicodeEncodeError, a ValueError, when the text becomes bytes
    int: _integer,
    datetime: lambda value: f'"{instant_text(value)}"',
    date: lambda value: f'"{value.isoformat()}"',
    uuid.UUID: _id,
    dict: _object,
    list: _array,
    tuple: _array,
}


def _utf16(name: str) -> bytes:
    # RFC 8785 sorts by UTF-16 code units, as JavaScript does; beyond the basic plane that differs from code
    # points.
    return name.encode("utf-16-be")
