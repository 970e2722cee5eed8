"""What every store promises: content lies under its own SHA-256 and comes back whole or not at all."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Protocol

_DIGEST = re.compile(r"[0-9a-f]{64}")

PROBE = b"compliance evidence store probe\n"
"""What `check` writes, reads and removes."""


class EvidenceMissing(LookupError):
    """Nothing lies under this digest."""


class EvidenceDamaged(Exception):
    """What lies under this digest is not what was put there."""


class StoreUnavailable(Exception):
    """The store cannot be reached, read or written. Its text is a sentence for the operator."""


class Store(Protocol):
    """A place for evidence. Every method raises StoreUnavailable when the place fails."""

    async def put(self, content: bytes | Path, sha256: str) -> None:
        """Keeps the content, durably, before it returns; again is harmless. Raises ValueError when the
        content does not have this digest (64 lower-case hexadecimal digits)."""
        ...

    async def get(self, sha256: str) -> bytes:
        """The content, checked against its digest. Raises EvidenceMissing or EvidenceDamaged."""
        ...

    async def exists(self, sha256: str) -> bool:
        """Does something lie under this digest?"""
        ...

    async def remove(self, sha256: str) -> None:
        """Takes it away for good; harmless when it is not there."""
        ...

    async def check(self) -> str:
        """Writes, reads and removes a probe; where the store is, in one line. Raises StoreUnavailable."""
        ...


def blob_name(sha256: str) -> str:
    """`blobs/ab/cdef...`: the only name content ever has. Raises ValueError for what is no digest."""
    if not _DIGEST.fullmatch(sha256):
        raise ValueError(f"{sha256[:80]!r} is no SHA-256 in 64 lower-case hexadecimal digits.")
    return f"blobs/{sha256[:2]}/{sha256[2:]}"


def must_match(content: bytes, sha256: str) -> None:
    """Raises ValueError when the content does not have this digest."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"The content does not have the digest {sha256}.")


def whole(content: bytes, sha256: str) -> bytes:
    """The content itself. Raises EvidenceDamaged when it does not have this digest."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EvidenceDamaged(f"The evidence {sha256} was altered or damaged where it is stored.")
    return content


async def probe(store: Store) -> None:
    """Puts the probe, reads it back and removes it."""
    digest = hashlib.sha256(PROBE).hexdigest()
    await store.put(PROBE, digest)
    await store.get(digest)
    await store.remove(digest)
