"""Ed25519 signatures under reports, checkpoints of the trail, and whatever an outsider should be able to
check.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compliance.crypto.tokens import derive_key

_SEED_BYTES = 32


@dataclass(frozen=True)
class SigningKey:
    """A private key. Its seed shows in no repr and no log."""

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != _SEED_BYTES:
            raise ValueError(f"A signing key has {_SEED_BYTES} bytes, not {len(self.seed)}.")

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes: what a checker needs."""
        return self._private().public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """16 hexadecimal digits that name the public half."""
        return key_id(self.public)

    def sign(self, data: bytes) -> bytes:
        """64 bytes; the same data gives the same signature."""
        return self._private().sign(data)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def derive_signing_key(secret: bytes, purpose: str) -> SigningKey:
    """The key for one purpose (`trail`, `reports`), derived from the installation's secret."""
    return SigningKey(derive_key(secret, f"sign/{purpose}", _SEED_BYTES))


def load_signing_key(path: Path) -> SigningKey:
    """The key in a file of 64 hexadecimal digits. Raises ValueError with a sentence when it holds anything
    else.
    """
    try:
        return SigningKey(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except ValueError as error:
        raise ValueError(f"{path} holds no signing key: it should hold 64 hexadecimal digits.") from error


def save_signing_key(path: Path, key: SigningKey) -> None:
    """Write the key, readable by its owner alone. Raises FileExistsError rather than replace one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(key.seed.hex() + "\n")


def key_id(public: bytes) -> str:
    """16 hexadecimal digits that name a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def verify(public: bytes, signature: bytes, data: bytes) -> bool:
    """Did the holder of this key sign exactly these bytes? False also for a malformed key or signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
