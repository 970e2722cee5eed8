"""Ids of rows: UUID version 7 (RFC 9562), so that later rows sort after earlier ones."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_COUNTER_BITS = 42
_RANDOM_BITS = 32
_AT_ONCE = 128
_LOWER = (1 << 62) - 1
_VERSION_AND_VARIANT = 0x7 << 76 | 0b10 << 62

# RFC 9562, section 6.2, method 1: a counter of 42 bits that starts at random, in its lower half so that it
# never wraps. One counter for the whole process keeps ids of one millisecond in order even when several
# instants are in use.
_counter = count(secrets.randbits(_COUNTER_BITS - 1))


def new_id(now: datetime) -> uuid.UUID:
    """A fresh id for something that begins at `now` (aware). Ids of one instant sort in the order they were
    made.

    Raises ValueError for a naive instant or one before 1970.
    """
    return _id(_milliseconds(now), secrets.randbits(_RANDOM_BITS))


def new_ids(now: datetime) -> Iterator[uuid.UUID]:
    """The same for whoever needs thousands: one after the other, without end.

    The random bits are drawn for many at a time, since asking the system for those of one takes as long as the rest.
    They belong to this iterator alone, so that no two processes ever share them.
    """
    milliseconds = _milliseconds(now)
    while True:
        drawn = memoryview(secrets.token_bytes(_AT_ONCE * _RANDOM_BITS // 8)).cast("I")
        for bits in drawn:
            yield _id(milliseconds, bits)


def _id(milliseconds: int, bits: int) -> uuid.UUID:
    rest = next(_counter) << _RANDOM_BITS | bits
    return uuid.UUID(int=milliseconds << 80 | _VERSION_AND_VARIANT | rest >> 62 << 64 | rest & _LOWER)


@lru_cache(maxsize=64)  # thousands of rows begin at one instant
def _milliseconds(now: datetime) -> int:
    if now.tzinfo is None:
        raise ValueError(f"An id needs an instant with a time zone, not {now.isoformat()}.")
    milliseconds = (now - _EPOCH) // _MILLISECOND
    if milliseconds < 0:
        raise ValueError(f"An id needs an instant after 1970, not {now.isoformat()}.")
    return milliseconds
