"""Checks the signature of an audit report with nothing but Python (3.9 or newer):

    python3 verify_report.py REPORT.pdf [--fingerprint SHA256]

It says whether the file is, byte for byte, what was signed, and whose certificate signed it. Anybody can make a
certificate with any name in it: compare the fingerprint with the one on the issuer's own page, or give it here.
Exit status: 0 unchanged (and by that certificate), 1 not so, 2 not a signed PDF or not to be read.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import List

from compliance.crypto.offline.cms import Certificate
from compliance.crypto.offline.signed_pdf import ADDED, CHANGED, INTACT, NO_PDF, UNREADABLE, UNSIGNED, inspect

SAID = {
    INTACT: "UNCHANGED. Every byte is as it was signed.",
    CHANGED: "CHANGED. {}.",
    ADDED: "CHANGED. {}.",
    UNSIGNED: "NOT SIGNED. {}: nothing can be said about it.",
    NO_PDF: "NOT A REPORT. {}.",
    UNREADABLE: "CANNOT TELL. {}.",
}


def main(words: List[str]) -> int:
    """Prints what was found; the exit status."""
    parser = argparse.ArgumentParser(description="Checks the signature of an audit report.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--fingerprint", default="", help="SHA-256 of the certificate that you expect")
    given = parser.parse_args(words)
    try:
        found = inspect(given.file.read_bytes())
    except OSError as error:
        print(f"{given.file} cannot be read: {error.strerror}.", file=sys.stderr)
        return 2
    problem = found.problem[:1].upper() + found.problem[1:]
    print(SAID[found.state].format(problem))
    status = {INTACT: 0, CHANGED: 1, ADDED: 1}.get(found.state, 2)
    if found.certificate:
        status = max(status, _print(found.certificate, found.signed_at, given.fingerprint))
    return status


def _print(own: Certificate, signed_at: str, expected: str) -> int:
    grouped = ":".join(own.fingerprint[at : at + 2] for at in range(0, 64, 2)).upper()
    print(f"Certificate   {own.subject}")
    print(f"Issued by     {'itself' if own.issuer == own.subject else own.issuer}")
    print(f"Valid         {own.not_before:%Y-%m-%d} to {own.not_after:%Y-%m-%d}")
    print(f"Dated         {_spelled(signed_at)}")
    print(f"Fingerprint   {grouped}")
    if own.not_after < datetime.now(timezone.utc):
        print("EXPIRED. The certificate is no longer valid; ask the issuer whether the report still counts.")
    if not expected:
        print("Compare the fingerprint with the one that the issuer gave you by another way.")
        return 0
    same = re.sub(r"[^0-9a-f]", "", expected.lower()) == own.fingerprint
    print("It is the expected certificate." if same else "ANOTHER ISSUER. This is not the certificate you expected.")
    return 0 if same else 1


def _spelled(pdf_date: str) -> str:
    found = re.match(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(.*)", pdf_date)
    if not found:
        return "without a date"
    zone = "UTC" if found[7][:1] in ("Z", "") else found[7].replace("'", ":").rstrip(":")
    return f"{found[1]}-{found[2]}-{found[3]} {found[4]}:{found[5]}:{found[6]} {zone}, as the file says"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
