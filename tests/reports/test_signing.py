"""A report's signature: readers accept it, one changed byte breaks it, and it names the instant that it is told."""

from __future__ import annotations

import asyncio
import io
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.keys.pemder import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from compliance.crypto.certificates import KeyPair, make, read_pem
from compliance.crypto.offline import SCRIPTS, script
from compliance.crypto.offline.signed_pdf import ADDED, CHANGED, INTACT, NO_PDF, UNREADABLE, UNSIGNED, inspect
from compliance.reports import RenderFailed, render
from compliance.reports.signing import Seal, sign
from tests.reports.sample_reports import harbor

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
KNOWN_AT = datetime(2026, 11, 23, 13, 10, 5, 123456, tzinfo=UTC)


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return make("clinics.example.org", NOW)


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return asyncio.run(render(harbor(), "pdf"))


@pytest.fixture(scope="module")
def signed(unsigned: bytes, pair: KeyPair) -> bytes:
    return asyncio.run(sign(unsigned, Seal(pair.key, pair.chain, KNOWN_AT)))


async def validated(pdf: bytes, pair: KeyPair) -> PdfSignatureStatus:
    roots = list(load_certs_from_pemder_data(pair.chain))
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=NOW)
    return await async_validate_pdf_signature(PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0], context)


async def test_pyhanko_s_own_validator_accepts_it(signed: bytes, pair: KeyPair) -> None:
    status = await validated(signed, pair)
    assert status.bottom_line
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.modification_level in (None, ModificationLevel.NONE)
    assert status.docmdp_ok


async def test_it_is_pades_and_its_time_is_the_one_that_it_was_told(signed: bytes) -> None:
    found = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0]
    assert found.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert found.self_reported_timestamp == KNOWN_AT.replace(microsecond=0)
    assert inspect(signed).signed_at == "D:20261123131005Z"


def test_the_file_itself_is_untouched_under_the_signature(signed: bytes, unsigned: bytes) -> None:
    assert signed[: len(unsigned)] == unsigned
    with pikepdf.open(io.BytesIO(signed)) as document, document.open_metadata() as meta:
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"], meta["pdfuaid:part"]) == ("3", "A", "1")
        widgets = [each for page in document.pages for each in page.get("/Annots", ()) if each.Subtype == "/Widget"]
        assert [[float(side) for side in each.Rect] for each in widgets] == [[0, 0, 0, 0]]


async def test_one_changed_byte_is_found_by_pyhanko_and_by_the_script(signed: bytes, pair: KeyPair) -> None:
    changed = bytearray(signed)
    changed[len(signed) // 3] ^= 1
    assert not (await validated(bytes(changed), pair)).bottom_line
    assert inspect(bytes(changed)).state == CHANGED


def test_a_byte_changed_anywhere_is_found(signed: bytes) -> None:
    start = signed.rindex(b"/Contents <") + 10
    end = signed.index(b">", start)
    pick = random.Random(5)
    outside = [place for place in pick.sample(range(len(signed)), 60) if not start <= place <= end]
    for place in [*outside, 0, 9, start, end, len(signed) - 1]:
        changed = bytearray(signed)
        changed[place] ^= 0x10
        assert inspect(bytes(changed)).state != INTACT, place


def test_a_byte_changed_in_the_signature_never_makes_it_somebody_else_s(signed: bytes, pair: KeyPair) -> None:
    start = signed.rindex(b"/Contents <") + 11
    for place in range(start, start + 2 * 1200, 37):
        changed = bytearray(signed)
        changed[place] = ord("1") if changed[place] != ord("1") else ord("2")
        found = inspect(bytes(changed))
        own = found.certificate.fingerprint if found.certificate else ""
        assert found.state != INTACT or own == pair.certificate.fingerprint


def test_each_kind_of_file_has_its_own_answer(signed: bytes, unsigned: bytes, pair: KeyPair) -> None:
    found = inspect(signed)
    assert found.state == INTACT
    assert found.certificate is not None
    assert found.certificate.fingerprint == pair.certificate.fingerprint
    assert found.certificate.subject == "CN=Audit reports of clinics.example.org"
    assert found.certificate.not_after == pair.certificate.not_after
    assert inspect(unsigned).state == UNSIGNED
    assert inspect(signed + b"\n%more\n").state == ADDED
    assert inspect(signed[:-200]).state == CHANGED
    assert inspect(b"PK\3\4").state == NO_PDF
    assert inspect(b"").state == NO_PDF


@pytest.mark.parametrize(
    "cms", [b"\x30\x80", b"\x30\x03\x02\x01", b"\x00" * 40, b"\x30\x84\xff\xff\xff\xff", b"\x05\x00"]
)
def test_a_signature_that_is_none_is_unreadable_and_stops_nothing(cms: bytes) -> None:
    head = b"%PDF-1.7\n/ByteRange [0000 0000 0000 0000]\n/Contents "
    gap = b"<" + cms.hex().encode() + b">"
    filled = head.replace(b"0000 0000 0000 0000", b"0 %04d %04d 0001" % (len(head) - 3, len(head) - 3 + len(gap)))
    assert inspect(filled + gap + b"\n").state in (UNREADABLE, CHANGED)


def brought(bits: int = 2048) -> KeyPair:
    """An RSA certificate under another one, as an organization's own is."""
    root, key = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, bits)

    def certificate(name: str, public: rsa.RSAPublicKey, ca: bool) -> x509.Certificate:
        subject, issuer = (x509.Name.from_rfc4514_string(f"CN={each}") for each in (name, "Root"))
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public).serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2028, 1, 1, tzinfo=UTC))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True).sign(root, hashes.SHA256())
        )  # fmt: skip

    own = certificate("Harbor", key.public_key(), ca=False)
    chain = [own, certificate("Root", root.public_key(), ca=True)]
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return read_pem(pem, b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain))


async def test_an_organization_s_own_rsa_certificate_signs_as_well(unsigned: bytes) -> None:
    own = brought()
    made = await sign(unsigned, Seal(own.key, own.chain, KNOWN_AT))
    found = inspect(made)
    assert (found.state, found.certificate and found.certificate.subject) == (INTACT, "CN=Harbor")
    embedded = PdfFileReader(io.BytesIO(made)).embedded_signatures[0]
    assert len(embedded.other_embedded_certs) == 1


async def test_what_cannot_be_signed_is_said_in_a_sentence(pair: KeyPair) -> None:
    with pytest.raises(RenderFailed, match=r"^The PDF could not be signed: "):
        await sign(b"no PDF at all", Seal(pair.key, pair.chain, KNOWN_AT))


# -- the script that an auditor has ----------------------------------------------------------------------------------


def run(folder: Path, *words: str) -> tuple[int, str]:
    """The script alone, by a Python that knows no package, in a folder with nothing of ours."""
    (folder / "verify_report.py").write_text(script("verify_report.py"), "utf-8")
    command = [sys.executable, "-I", "-S", "verify_report.py", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_an_auditor_with_python_alone_sees_who_signed_and_that_it_is_unchanged(
    tmp_path: Path, signed: bytes, pair: KeyPair
) -> None:
    (tmp_path / "report.pdf").write_bytes(signed)
    status, said = run(tmp_path, "report.pdf", "--fingerprint", pair.certificate.fingerprint)
    assert (status, said.splitlines()[0]) == (0, "UNCHANGED. Every byte is as it was signed.")
    assert "It is the expected certificate." in said
    assert "2026-11-23 13:10:05 UTC" in said
    assert run(tmp_path, "report.pdf", "--fingerprint", "ab" * 32)[0] == 1
    (tmp_path / "report.pdf").write_bytes(signed.replace(b"%PDF-1.7", b"%PDF-1.6", 1))
    assert run(tmp_path, "report.pdf")[1].startswith("CHANGED.")
    assert run(tmp_path, "nothing.pdf") == (2, "nothing.pdf cannot be read: No such file or directory.\n")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_ask_for_nothing_but_the_standard_library(name: str) -> None:
    text = script(name)
    assert "compliance." not in "\n".join(line for line in text.splitlines() if line.startswith(("import", "from")))
    names = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert names <= set(sys.stdlib_module_names)
