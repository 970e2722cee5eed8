"""Certificates that reports are signed with: made here, or brought as PEM or PKCS#12 by an organization that has one.

Elliptic curves P-256 and P-384 and RSA from 2048 bits: what every reader of signed PDFs takes, and what the script for
auditors checks. Ed25519 is left out, since readers of PDF refuse it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

LARGEST: Final = 64 * 1024
"""Bytes of a PKCS#12 file: a key and a chain of certificates take a few thousand."""
FIRST_DAY: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""From when our own certificates are valid: a report about the past carries the instant that it speaks of."""
YEARS: Final = 10
_CURVES: Final = ("secp256r1", "secp384r1")

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class CertificateRefused(ValueError):
    """What was brought cannot sign reports; the text is a sentence for whoever brought it."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What people are shown of a certificate. `fingerprint`: SHA-256 of its DER form, 64 hexadecimal digits."""

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    algorithm: str
    fingerprint: str

    def holds_at(self, instant: datetime) -> bool:
        """Whether the instant lies within its validity."""
        return self.not_before <= instant <= self.not_after


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key as PEM without a password, and its certificates as PEM, the signer's own first."""

    key: bytes = field(repr=False)
    chain: bytes

    @property
    def certificate(self) -> Certificate:
        """The signer's own certificate."""
        return described(self.chain)


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """What the installation says of itself on what it signs: its secret, its address, and a certificate if one is
    given to it."""

    secret: bytes = field(repr=False)
    public_url: str
    given: KeyPair | None = None

    def link(self, path: str) -> str:
        """An address of a page."""
        return f"{self.public_url.rstrip('/')}/{path.lstrip('/')}"


def make(host: str, now: datetime) -> KeyPair:
    """A fresh key on P-256 with a certificate that it signs itself, for ten years from `now`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Audit reports of {host}"[:64])])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    public = key.public_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(FIRST_DAY)
        .not_valid_after(now.replace(microsecond=0) + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return KeyPair(_key_pem(key), certificate.public_bytes(serialization.Encoding.PEM))


def read_pem(key: bytes, chain: bytes) -> KeyPair:
    """A key and its certificates from two PEM files. Raises CertificateRefused."""
    try:
        private: Any = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError):
        raise CertificateRefused("The key is no private key in PEM without a password.") from None
    try:
        certificates = x509.load_pem_x509_certificates(chain)
    except ValueError:
        raise CertificateRefused("The certificate file holds no certificate in PEM.") from None
    return _pair(private, certificates)


def read_pkcs12(content: bytes, password: str) -> KeyPair:
    """A key and its certificates from a PKCS#12 file (.p12, .pfx). Raises CertificateRefused."""
    if len(content) > LARGEST:
        raise CertificateRefused(f"A PKCS#12 file has at most {LARGEST // 1024} KB; this is another kind of file.")
    try:
        private, own, more = pkcs12.load_key_and_certificates(content, password.encode() or None)
    except (ValueError, TypeError):
        raise CertificateRefused("This is no PKCS#12 file, or its password is another one.") from None
    if private is None or own is None:
        raise CertificateRefused("The file holds no certificate with its private key. Export both together.")
    return _pair(private, [own, *more])


def _pair(private: Any, certificates: Sequence[x509.Certificate]) -> KeyPair:
    _check_kind(private)
    own = next((each for each in certificates if each.public_key() == private.public_key()), None)
    if own is None:
        raise CertificateRefused("The private key belongs to another certificate than the one beside it.")
    _check_use(own)
    chain = [own, *(each for each in certificates if each != own)]
    pem = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain)
    return KeyPair(_key_pem(private), pem)


def _check_kind(private: Any) -> None:
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return
    if isinstance(private, rsa.RSAPrivateKey) and 2048 <= private.key_size <= 8192:
        return
    raise CertificateRefused("Reports are signed by keys on the curves P-256 and P-384 or of RSA from 2048 bits.")


def _check_use(own: x509.Certificate) -> None:
    try:
        usage = own.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise CertificateRefused("This certificate is not meant for signatures (its key usage names other purposes).")


def _key_pem(key: PrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def described(chain: bytes) -> Certificate:
    """The first certificate of a PEM text."""
    own = x509.load_pem_x509_certificates(chain)[0]
    key = own.public_key()
    size = getattr(key, "key_size", 0)
    return Certificate(
        subject=own.subject.rfc4514_string(),
        issuer=own.issuer.rfc4514_string(),
        serial=format(own.serial_number, "x"),
        not_before=own.not_valid_before_utc,
        not_after=own.not_valid_after_utc,
        algorithm=f"RSA {size}" if isinstance(key, rsa.RSAPublicKey) else f"EC P-{size}",
        fingerprint=hashlib.sha256(own.public_bytes(serialization.Encoding.DER)).hexdigest(),
    )
