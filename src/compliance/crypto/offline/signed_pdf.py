"""What the signature of a PDF says of the file (ISO 32000-1, 12.8)."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from compliance.crypto.offline.cms import Certificate, Unreadable, signed_by

INTACT, CHANGED, ADDED, UNSIGNED, NO_PDF, UNREADABLE = "intact", "changed", "added", "unsigned", "no-pdf", "unreadable"


class Found(NamedTuple):
    """What a file's signature says: one of the words above, the certificate, and the time that it claims."""

    state: str
    problem: str = ""
    certificate: Optional[Certificate] = None
    signed_at: str = ""


def inspect(pdf: bytes) -> Found:
    """Looks at a file's last signature. Never raises."""
    if b"%PDF-" not in pdf[:1024]:
        return Found(NO_PDF, "this is no PDF")
    ranges = re.findall(
        rb"/ByteRange\s{0,9}\[\s{0,9}(\d{1,12})\s{1,9}(\d{1,12})\s{1,9}(\d{1,12})\s{1,9}(\d{1,12})", pdf
    )
    if not ranges:
        return Found(UNSIGNED, "the PDF carries no signature")
    first, length, second, rest = map(int, ranges[-1])
    try:
        return _judged(pdf, first, length, second, rest)
    except (Unreadable, ValueError, LookupError, OverflowError, TypeError) as error:
        return Found(UNREADABLE, f"the signature cannot be read ({error})")


def _judged(pdf: bytes, first: int, length: int, second: int, rest: int) -> Found:
    gap = pdf[length:second]
    if first != 0 or not re.fullmatch(rb"<[0-9A-Fa-f]{2,131072}>", gap) or second + rest > len(pdf):
        return Found(CHANGED, "the signature does not cover the file as it is")
    cms = bytes.fromhex(gap[1:-1].decode("ascii"))
    certificate, problem = signed_by(cms, pdf[:length] + pdf[second : second + rest])
    said = _signed_at(pdf[second : second + 2000] + pdf[max(0, length - 500) : length])
    if problem:
        return Found(CHANGED, problem, certificate, said)
    if second + rest < len(pdf):
        return Found(ADDED, f"{len(pdf) - second - rest} bytes were added after it was signed", certificate, said)
    return Found(INTACT, "", certificate, said)


def _signed_at(near: bytes) -> str:
    found = re.search(rb"/M\s*\(((?:[^()\\]|\\.){1,60})\)", near)
    if not found:
        return ""
    text = re.sub(rb"\\(\d{3})", lambda octal: bytes([int(octal[1], 8) & 255]), found[1])
    return text.decode("latin-1")
