"""Certificates: made here or brought, and refused with a sentence where they cannot sign reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from compliance.crypto.certificates import CertificateRefused, KeyPair, make, read_pem, read_pkcs12

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def brought(key: Any, **usage: bool) -> tuple[bytes, bytes]:
    """A PKCS#12 file with the password "open", and the certificate in it as PEM."""
    name = x509.Name.from_rfc4514_string("CN=Harbor Massage,O=Harbor")
    flags = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)  # fmt: skip
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=700))
        .add_extension(x509.KeyUsage(**(flags | (usage or {"digital_signature": True}))), critical=True)
    )  # fmt: skip
    certificate = built.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    sealed = pkcs12.serialize_key_and_certificates(
        b"own", key, certificate, None, serialization.BestAvailableEncryption(b"open")
    )
    return sealed, certificate.public_bytes(serialization.Encoding.PEM)


def test_a_made_certificate_covers_the_past_that_reports_speak_of_and_ten_years() -> None:
    made = make("clinics.example.org", NOW).certificate
    assert (made.algorithm, made.subject) == ("EC P-256", "CN=Audit reports of clinics.example.org")
    assert made.holds_at(datetime(2021, 1, 1, tzinfo=UTC))
    assert made.holds_at(NOW + timedelta(days=3649))
    assert not made.holds_at(NOW + timedelta(days=3651))
    assert len(made.fingerprint) == 64


def test_no_two_made_certificates_are_alike() -> None:
    assert make("a", NOW).certificate.fingerprint != make("a", NOW).certificate.fingerprint


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)])
def test_an_organization_s_own_key_comes_out_of_its_file_as_it_went_in(key: Any) -> None:
    content, chain = brought(key)
    pair = read_pkcs12(content, "open")
    assert pair.chain == chain
    assert serialization.load_pem_private_key(pair.key, None).public_key() == key.public_key()  # type: ignore[union-attr]
    assert read_pem(pair.key, pair.chain) == pair
    assert "PRIVATE" not in repr(pair)


def refused(given: bytes, password: str = "open") -> str:
    with pytest.raises(CertificateRefused) as sentence:
        read_pkcs12(given, password)
    return str(sentence.value)


def test_what_cannot_sign_is_refused_with_what_to_do() -> None:
    good, _ = brought(ec.generate_private_key(ec.SECP256R1()))
    assert "its password is another one" in refused(good, "shut")
    assert "no PKCS#12 file" in refused(b"%PDF-1.7")
    assert "another kind of file" in refused(good + bytes(64 * 1024))
    assert "P-256 and P-384" in refused(brought(ed25519.Ed25519PrivateKey.generate())[0])
    assert "P-256 and P-384" in refused(brought(rsa.generate_private_key(65537, 1024))[0])
    assert "not meant for signatures" in refused(brought(rsa.generate_private_key(65537, 2048), crl_sign=True)[0])
    alone = pkcs12.serialize_key_and_certificates(
        b"own", ec.generate_private_key(ec.SECP256R1()), None, None, serialization.NoEncryption()
    )
    assert "Export both together" in refused(alone, "")


def test_a_key_beside_another_s_certificate_is_refused() -> None:
    one, other = make("one", NOW), make("other", NOW)
    with pytest.raises(CertificateRefused, match="another certificate"):
        read_pem(one.key, other.chain)
    with pytest.raises(CertificateRefused, match="no private key"):
        read_pem(b"nothing", one.chain)
    with pytest.raises(CertificateRefused, match="no certificate"):
        read_pem(one.key, b"nothing")
    assert isinstance(read_pem(one.key, other.chain + one.chain), KeyPair)
