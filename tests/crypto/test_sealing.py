"""Sealed content opens under the same secret, purpose and binding, and under nothing else."""

from __future__ import annotations

import pytest

from compliance.crypto.sealing import SealBroken, seal, unseal

SECRET = b"0123456789abcdef0123456789abcdef"


def test_what_was_sealed_comes_out_and_does_not_show() -> None:
    sealed = seal(SECRET, "keys", b"the private key", b"whose")
    assert b"private" not in sealed
    assert unseal(SECRET, "keys", sealed, b"whose") == b"the private key"
    assert seal(SECRET, "keys", b"the private key", b"whose") != sealed


@pytest.mark.parametrize("change", ["secret", "purpose", "bound", "byte", "length"])
def test_a_seal_opens_by_nothing_else(change: str) -> None:
    sealed = seal(SECRET, "keys", b"the private key", b"whose")
    if change == "byte":
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(SealBroken):
        unseal(
            SECRET[::-1] if change == "secret" else SECRET,
            "other" if change == "purpose" else "keys",
            b"" if change == "length" else sealed,
            b"another's" if change == "bound" else b"whose",
        )
