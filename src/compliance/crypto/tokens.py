"""Tokens that people and machines carry, and keys derived from the installation's secret.

Only `token_hash(token)` is ever stored. A token has 256 random bits, so a plain hash is enough.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_DIGITS = 32
_PREFIX = 11


def new_token() -> str:
    """32 random bytes in 43 characters that need no escaping in a URL or a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps in place of a token: 64 hexadecimal digits. Takes any text, also nonsense."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def prefix_of(token: str) -> str:
    """The first characters of a token, by which it is found in a list and which open nothing."""
    return token[:_PREFIX]


def same(left: str, right: str) -> bool:
    """Equality that takes the same time wherever the two differ."""
    return hmac.compare_digest(left.encode(errors="surrogatepass"), right.encode(errors="surrogatepass"))


def derive_key(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose (`csrf`, `unsubscribe`, ...), by HKDF-SHA256 (RFC 5869) from the installation's
    secret.

    Keys of different purposes tell nothing of one another. Raises ValueError for a secret under 32 bytes.
    """
    if len(secret) < 32:
        raise ValueError(f"The secret key has {len(secret)} bytes; it needs at least 32.")
    info = b"compliance/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)


def csrf_token(secret: bytes, session_hash: str) -> str:
    """A token for the forms of one session. Each call gives another, so that compression leaks nothing."""
    nonce = secrets.token_hex(_NONCE_DIGITS // 2)
    return nonce + _csrf_proof(secret, session_hash, nonce)


def check_csrf_token(secret: bytes, session_hash: str, token: str) -> bool:
    """Was this token made for this session with this secret?"""
    nonce, proof = token[:_NONCE_DIGITS], token[_NONCE_DIGITS:]
    return same(proof, _csrf_proof(secret, session_hash, nonce))


def _csrf_proof(secret: bytes, session_hash: str, nonce: str) -> str:
    message = f"{session_hash}!{nonce}".encode(errors="surrogatepass")
    return hmac.new(derive_key(secret, "csrf"), message, hashlib.sha256).hexdigest()
