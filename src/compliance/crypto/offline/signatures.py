"""Whether a signature holds, by arithmetic alone: ECDSA (FIPS 186-5, curves of SP 800-186), RSA PKCS#1 v1.5 (RFC 8017)
and Ed25519 (RFC 8032). It only verifies, of public things, so that it need not hide how long it takes.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple, Optional, Tuple


class Curve(NamedTuple):
    """y**2 = x**3 - 3*x + b over the field of p; (x, y) generates a group of n points."""

    p: int
    b: int
    n: int
    x: int
    y: int


P256 = Curve(
    p=2**256 - 2**224 + 2**192 + 2**96 - 1,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    x=0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    y=0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
P384 = Curve(
    p=2**384 - 2**128 - 2**96 + 2**32 - 1,
    b=0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    n=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    x=0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
    y=0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
)
CURVES = {"1.2.840.10045.3.1.7": P256, "1.3.132.0.34": P384}
Point = Optional[Tuple[int, int]]


def ecdsa_holds(curve: Curve, key: bytes, digest: bytes, r: int, s: int) -> bool:
    """FIPS 186-5, 6.4.2; `key` is the uncompressed point."""
    size = (curve.p.bit_length() + 7) // 8
    if len(key) != 1 + 2 * size or key[0] != 4:
        return False
    x, y = int.from_bytes(key[1 : 1 + size], "big"), int.from_bytes(key[1 + size :], "big")
    on_curve = (y * y - x * x * x + 3 * x - curve.b) % curve.p == 0 and max(x, y) < curve.p
    if not on_curve or not (0 < r < curve.n and 0 < s < curve.n):
        return False
    e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.n.bit_length())
    w = pow(s, -1, curve.n)
    point = _add(curve, _times(curve, (curve.x, curve.y), e * w % curve.n), _times(curve, (x, y), r * w % curve.n))
    return point is not None and point[0] % curve.n == r


def _times(curve: Curve, point: Point, factor: int) -> Point:
    total: Point = None
    for bit in bin(factor)[2:]:
        total = _add(curve, total, total)
        if bit == "1":
            total = _add(curve, total, point)
    return total


def _add(curve: Curve, one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % curve.p == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, curve.p)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, curve.p)
    x = (slope * slope - one[0] - other[0]) % curve.p
    return x, (slope * (one[0] - x) - one[1]) % curve.p


PREFIXES = {
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
}


def rsa_holds(modulus: int, exponent: int, hashed: str, content: bytes, signature: bytes) -> bool:
    """RFC 8017, 8.2.2."""
    size = (modulus.bit_length() + 7) // 8
    if not 2048 <= modulus.bit_length() <= 8192 or not 2 < exponent < 2**32 or len(signature) != size:
        return False
    said = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big")
    info = bytes.fromhex(PREFIXES[hashed]) + hashlib.new(hashed, content).digest()
    return said == b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info


Q = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q
Wide = Tuple[int, int, int, int]


def ed25519_holds(public: bytes, signature: bytes, content: bytes) -> bool:
    """RFC 8032, 5.1.7."""
    key, nonce, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or nonce is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + content).digest(), "little") % ORDER
    left, right = _wide_times(_base(), s), _wide_add(nonce, _wide_times(key, h))
    return (left[0] * right[2] - right[0] * left[2]) % Q == 0 and (left[1] * right[2] - right[1] * left[2]) % Q == 0


def _point(text: bytes) -> Optional[Wide]:
    """RFC 8032, 5.1.3."""
    number = int.from_bytes(text, "little")
    y, sign = number & (2**255 - 1), number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, Q) % Q
    x = pow(square, (Q + 3) // 8, Q)
    if (x * x - square) % Q:
        x = x * pow(2, (Q - 1) // 4, Q) % Q
    if len(text) != 32 or y >= Q or (x * x - square) % Q or (x == 0 and sign):
        return None
    x = Q - x if x & 1 != sign else x
    return x, y, 1, x * y % Q


def _base() -> Wide:
    point = _point((4 * pow(5, -1, Q) % Q).to_bytes(32, "little"))
    assert point is not None
    return point


def _wide_times(point: Wide, factor: int) -> Wide:
    total: Wide = (0, 1, 1, 0)
    for bit in bin(factor)[2:]:
        total = _wide_add(total, total)
        if bit == "1":
            total = _wide_add(total, point)
    return total


def _wide_add(one: Wide, other: Wide) -> Wide:
    """RFC 8032, 5.1.4."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % Q, (one[1] + one[0]) * (other[1] + other[0]) % Q
    c, d = 2 * one[3] * other[3] * D % Q, 2 * one[2] * other[2] % Q
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % Q, g * h % Q, f * g % Q, e * h % Q
