"""Who signed: a signed message (CMS, RFC 5652) with its certificates (RFC 5280, RFC 5035), read from DER."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import List, NamedTuple, Tuple

from compliance.crypto.offline.signatures import CURVES, ecdsa_holds, rsa_holds


class Unreadable(Exception):
    """The signature has a shape that this script does not read."""


class Certificate(NamedTuple):
    """`fingerprint` is the SHA-256 of the certificate; `key` its public key as DER."""

    subject: str
    issuer: str
    serial: int
    not_before: datetime
    not_after: datetime
    fingerprint: str
    key: bytes


class Der(NamedTuple):
    """One element: its tag, its content, and all its bytes."""

    tag: int
    body: bytes
    whole: bytes

    def parts(self) -> List[Der]:
        """The elements inside."""
        found, at = [], 0
        while at < len(self.body):
            found.append(element(self.body, at))
            at += len(found[-1].whole)
        return found

    def number(self) -> int:
        """An INTEGER."""
        return int.from_bytes(self.body, "big", signed=True)

    def name(self) -> str:
        """An OBJECT IDENTIFIER in dotted form."""
        if not 0 < len(self.body) <= 32:
            raise Unreadable("a name is not as DER has it")
        numbers, value = [], 0
        for byte in self.body:
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def element(data: bytes, at: int = 0) -> Der:
    """The element that begins at a place."""
    length, start = data[at + 1], at + 2
    if length >= 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            raise Unreadable("a length is not as DER has it")
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > len(data):
        raise Unreadable("it was cut off")
    return Der(data[at], data[start : start + length], data[at : start + length])


HASHES = {f"2.16.840.1.101.3.4.2.{number}": name for number, name in ((1, "sha256"), (2, "sha384"), (3, "sha512"))}
ECDSA = {f"1.2.840.10045.4.3.{number}": name for number, name in ((2, "sha256"), (3, "sha384"), (4, "sha512"))}
RSA = {f"1.2.840.113549.1.1.{number}": name for number, name in ((11, "sha256"), (12, "sha384"), (13, "sha512"))}
CONTENT_TYPE, DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
DATA = "1.2.840.113549.1.7.1"


def signed_by(cms: bytes, content: bytes) -> Tuple[Certificate, str]:
    """The certificate that signed the content, and what does not hold; an empty text where all does."""
    outer = element(cms)
    if cms[len(outer.whole) :].strip(b"\0"):
        raise Unreadable("something stands behind it")
    signed = outer.parts()[1].parts()[0].parts()
    certificates = [each for part in signed if part.tag == 0xA0 for each in part.parts()]
    info = signed[-1].parts()[0].parts()
    own = _own(certificates, info[1])
    hashed = HASHES.get(info[2].parts()[0].name(), "")
    attributes = {each.parts()[0].name(): each.parts()[1].parts()[0] for each in info[3].parts()}
    if not hashed or info[3].tag != 0xA0:
        raise Unreadable("it uses another digest than SHA-2, or signs no attributes")
    if attributes[CONTENT_TYPE].name() != DATA or attributes[DIGEST].body != hashlib.new(hashed, content).digest():
        return certificate_of(own), "the bytes are not those that were signed"
    if SIGNING_CERTIFICATE in attributes and not _names(attributes[SIGNING_CERTIFICATE], own):
        return certificate_of(own), "the certificate is not the one that was signed with"
    attributes_as_signed = b"\x31" + info[3].whole[1:]
    if not _verified(own, info[4].parts()[0].name(), hashed, attributes_as_signed, info[5].body):
        return certificate_of(own), "the signature is not one by this certificate"
    return certificate_of(own), ""


def _own(certificates: List[Der], wanted: Der) -> Der:
    """The certificate that issuer and serial number name."""
    for each in certificates:
        fields = _fields(each)
        if [fields[2].whole, fields[0].whole] == [part.whole for part in wanted.parts()]:
            return each
    raise Unreadable("it does not hold the certificate that it names")


def _names(attribute: Der, own: Der) -> bool:
    parts = attribute.parts()[0].parts()[0].parts()
    hashed = HASHES.get(parts[0].parts()[0].name(), "") if parts[0].tag == 0x30 else "sha256"
    digest = parts[1] if parts[0].tag == 0x30 else parts[0]
    return bool(hashed) and digest.body == hashlib.new(hashed, own.whole).digest()


def _fields(certificate: Der) -> List[Der]:
    """serial, algorithm, issuer, validity, subject, public key ..."""
    parts = certificate.parts()[0].parts()
    return parts[1:] if parts[0].tag == 0xA0 else parts


LABELS = {"2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST"}


def certificate_of(certificate: Der) -> Certificate:
    """What a certificate says."""
    serial, _, issuer, validity, subject, key = _fields(certificate)[:6]
    since, until = (_time(each) for each in validity.parts())
    digest = hashlib.sha256(certificate.whole).hexdigest()
    return Certificate(_dn(subject), _dn(issuer), serial.number(), since, until, digest, key.whole)


def _dn(name: Der) -> str:
    said = [part.parts() for group in name.parts() for part in group.parts()]
    return ", ".join(f"{LABELS.get(kind.name(), kind.name())}={_text(value)}" for kind, value in said)


def _text(value: Der) -> str:
    coding = "utf-16-be" if value.tag == 0x1E else "utf-8"
    text = value.body.decode(coding, "replace")
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def _time(value: Der) -> datetime:
    text = value.body.decode("ascii")
    if value.tag == 0x17:  # two digits of the year: RFC 5280, 4.1.2.5.1
        text = ("19" if text >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=timezone.utc)


def _verified(own: Der, algorithm: str, hashed: str, content: bytes, signature: bytes) -> bool:
    kind, key = _fields(own)[5].parts()
    names = [each.name() for each in kind.parts() if each.tag == 0x06]
    if names[0] == "1.2.840.10045.2.1" and algorithm in ECDSA and names[1] in CURVES:
        digest = hashlib.new(ECDSA[algorithm], content).digest()
        r, s = (each.number() for each in element(signature).parts())
        return ecdsa_holds(CURVES[names[1]], key.body[1:], digest, r, s)
    if names[0] == "1.2.840.113549.1.1.1" and (algorithm in RSA or algorithm == names[0]):
        modulus, exponent = (each.number() for each in element(key.body[1:]).parts())
        return rsa_holds(modulus, exponent, RSA.get(algorithm, hashed), content, signature)
    raise Unreadable("it is made by an algorithm that this script does not know")
