"""The arithmetic of the scripts for auditors says yes and no exactly where a proven library does."""

from __future__ import annotations

import hashlib
import random

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from compliance.crypto.offline.signatures import P256, P384, Curve, ecdsa_holds, ed25519_holds, rsa_holds

PICK = random.Random(20261122)
RSA_KEY = rsa.generate_private_key(65537, 2048)


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@pytest.mark.parametrize(("curve", "kind"), [(P256, ec.SECP256R1()), (P384, ec.SECP384R1())])
@pytest.mark.parametrize("hashed", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_ecdsa_holds_for_what_was_signed_and_for_nothing_else(
    curve: Curve, kind: ec.EllipticCurve, hashed: hashes.HashAlgorithm
) -> None:
    for _ in range(4):
        key, content = ec.generate_private_key(kind), PICK.randbytes(40)
        r, s = utils.decode_dss_signature(key.sign(content, ec.ECDSA(hashed)))
        digest = hashlib.new(hashed.name, content).digest()
        assert ecdsa_holds(curve, point_of(key), digest, r, s)
        assert not ecdsa_holds(curve, point_of(ec.generate_private_key(kind)), digest, r, s)
        assert not ecdsa_holds(curve, point_of(key), digest[::-1], r, s)
        assert not ecdsa_holds(curve, point_of(key), digest, r, s + 1)


def test_ecdsa_refuses_numbers_and_points_that_are_none() -> None:
    key, digest = ec.generate_private_key(ec.SECP256R1()), hashlib.sha256(b"x").digest()
    r, s = utils.decode_dss_signature(key.sign(b"x", ec.ECDSA(hashes.SHA256())))
    point = point_of(key)
    for odd in ((0, s), (r, 0), (r + P256.n, s), (r, s + P256.n), (-r, s), (P256.n, s)):
        assert not ecdsa_holds(P256, point, digest, *odd)
    assert not ecdsa_holds(P256, point[:-1] + bytes([point[-1] ^ 1]), digest, r, s)
    assert not ecdsa_holds(P256, point + b"\0", digest, r, s)
    assert not ecdsa_holds(P256, b"\2" + point[1:], digest, r, s)


@pytest.mark.parametrize("hashed", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_rsa_holds_for_what_was_signed_and_for_nothing_else(hashed: hashes.HashAlgorithm) -> None:
    numbers = RSA_KEY.public_key().public_numbers()
    signature = RSA_KEY.sign(b"content", padding.PKCS1v15(), hashed)
    assert rsa_holds(numbers.n, numbers.e, hashed.name, b"content", signature)
    assert not rsa_holds(numbers.n, numbers.e, hashed.name, b"contents", signature)
    assert not rsa_holds(numbers.n, numbers.e, hashed.name, b"content", signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not rsa_holds(numbers.n, numbers.e, hashed.name, b"content", signature + b"\0")
    assert not rsa_holds(numbers.n, 1, hashed.name, b"content", signature)
    assert not rsa_holds(numbers.n >> 1024, numbers.e, hashed.name, b"content", signature[:128])


def test_ed25519_holds_for_what_was_signed_and_for_nothing_else() -> None:
    for _ in range(8):
        key, content = ed25519.Ed25519PrivateKey.generate(), PICK.randbytes(99)
        public, signature = key.public_key().public_bytes_raw(), key.sign(content)
        assert ed25519_holds(public, signature, content)
        assert not ed25519_holds(public, signature, content + b"x")
        for place in (0, 31, 32, 63):
            changed = bytearray(signature)
            changed[place] ^= 1
            assert not ed25519_holds(public, bytes(changed), content)
        assert not ed25519_holds(
            ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw(), signature, content
        )


def test_ed25519_holds_for_the_example_of_its_rules() -> None:
    """RFC 8032, 7.1, test 2."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert ed25519_holds(public, signature, b"\x72")


def test_ed25519_refuses_a_number_that_went_around_once_more() -> None:
    """RFC 8032, 5.1.7: s is below the order of the group, else every signature had a second form."""
    key = ed25519.Ed25519PrivateKey.generate()
    signature = key.sign(b"x")
    order = 2**252 + 27742317777372353535851937790883648493
    more = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    assert not ed25519_holds(key.public_key().public_bytes_raw(), signature[:32] + more, b"x")
