"""Sealing what must lie in the database and be of no use to whoever reads it there: AES-256-GCM (NIST SP 800-38D) under
a key that is derived from the installation's secret, which lies elsewhere.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from compliance.crypto.tokens import derive_key

_NONCE = 12


class SealBroken(ValueError):
    """The seal was made under another secret, or what is in it was changed."""


def seal(secret: bytes, purpose: str, content: bytes, bound: bytes = b"") -> bytes:
    """Nonce, content in cipher, tag. It opens only together with the same `bound`, which is not in it."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(derive_key(secret, purpose)).encrypt(nonce, content, bound)


def unseal(secret: bytes, purpose: str, sealed: bytes, bound: bytes = b"") -> bytes:
    """What was sealed. Raises SealBroken."""
    try:
        return AESGCM(derive_key(secret, purpose)).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except (InvalidTag, ValueError):
        raise SealBroken("it was sealed under another secret key, or it was changed since") from None
