"""The reports that veraPDF judges (`make conformance`): each shape that a report has, in two minutes at most."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import replace

from compliance.domain.audit_report import AuditReport, Logo
from tests.reports.sample_reports import HOSTILE, NAMES, report_of, therapist
from tests.reports.whole_report import whole

PEOPLE = 40


def samples() -> dict[str, AuditReport]:
    """By name: nobody, hard names with every section, hostile names, a logo and a QR code, and several pages."""
    many = (therapist(number, f"{NAMES[number % len(NAMES)]} {number}") for number in range(PEOPLE))
    return {
        "empty": report_of(),
        "whole": checked(whole()),
        "hostile": report_of(*(therapist(number, name) for number, name in enumerate(HOSTILE))),
        "long": report_of(*many),
    }


def checked(report: AuditReport) -> AuditReport:
    """The report as it is issued: with an address to check it at, the trail's checkpoint, and a logo."""
    note = "clinics.example.org/trail\n4211\nn5+fn58=\n\n— compliance-trail/x n5+fn58+fn5+fn58+fn5+fn58+fn5+fn58"
    made_from = replace(
        report.provenance,
        checkpoint=note,
        verify_at="https://clinics.example.org/verify/00000000-0000-8000-8000-000000000000",
        supersedes="5e" * 32,
    )
    return replace(report, provenance=made_from, logo=logo())


def logo() -> Logo:
    """A PNG of three bands, 60 by 30."""
    row = b"\0" + b"\x0f\x4f\x73" * 20 + b"\xff\xff\xff" * 20 + b"\x3f\x7f\x6d" * 20
    head = struct.pack(">IIBBBBB", 60, 30, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(row * 30, 9)), (b"IEND", b""))
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return Logo(content, "image/png", hashlib.sha256(content).hexdigest())
