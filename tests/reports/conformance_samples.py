"""The reports that veraPDF judges (`make conformance`): each shape that a report has, in two minutes at most."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime

from PIL import Image

from compliance.domain.audit_report import AuditReport, Logo
from compliance.domain.inspector_sheet import Copy, InspectorSheet, Leaver, Practice, SheetLicense, SheetPerson
from tests.reports.sample_reports import HOSTILE, NAMES, report_of, therapist
from tests.reports.whole_report import HARD, whole

PEOPLE = 40
ELSEWHERE = (
    *("အောင်ဆန်း မြင့်", "အောင် ၁", "አበበ ቢቂላ", "ከበደ", "મીના પટેલ", "ક્ષિતિજ શ્રીવાસ્તવ", "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "ಕಾವ್ಯ ಶ್ರೀನಿವಾಸ್"),
    *("മീനാക്ഷി കൃഷ്ണൻ", "ମୀନାକ୍ଷୀ ମହାପାତ୍ର", "සුනිල් ශ්‍රී පෙරේරා", "བསྟན་འཛིན་རྒྱ་མཚོ", "ᏣᎳᎩ ᎠᎬᎳ", "ܣܘܪܝܬ", "ދިވެހި މުޙައްމަދު"),
)
"""Names in the scripts of `glyphs.NOT_CARRIED`: replacement signs, unless COMPLIANCE_REPORT_FONTS names their fonts."""


def samples() -> dict[str, AuditReport]:
    """By name: nobody, hard names with every section, a logo and a QR code, hostile names, scripts without a font of a
    package, and several pages."""
    many = (therapist(number, f"{NAMES[number % len(NAMES)]} {number}") for number in range(PEOPLE))
    return {
        "empty": report_of(),
        "whole": checked(whole()),
        "hostile": report_of(*(therapist(number, name) for number, name in enumerate(HOSTILE))),
        "elsewhere": report_of(*(therapist(number, name) for number, name in enumerate(ELSEWHERE))),
        "long": report_of(*many),
    }


def sheets() -> dict[str, InspectorSheet]:
    """By name: an inspector sheet of a clinic where nobody works, and one with hard names and copies of every kind."""
    held = SheetLicense("Florida massage license", "MA 1", date(2027, 8, 31), "active", "Nov 1, 2026, board", 1)
    lapsed = SheetLicense("Massage license", "", None, "", "", 0)
    practices = (Practice("Massage therapy", True, ""), Practice("Deep tissue", False, "Massage license: lapsed"))
    people = tuple(SheetPerson(name, ("Ölander",), (held, lapsed), practices) for name in (*HARD, *HOSTILE))
    empty = InspectorSheet(
        organization="Harbor Trigger Point Clinics", clinic="Tampa", place="Florida", address="1200 Bayshore\nTampa",
        time_zone="America/New_York", as_of=date(2026, 11, 23), known_at=datetime(2026, 11, 23, 13, 10, tzinfo=UTC),
        own=(), people=(), leavers=(), copies=(), left_out=(),
        made_from=(("Program version", "0.1.0"), ("Check it at", "https://clinics.example.org/verify/0-0-0-0-0")),
    )  # fmt: skip
    copies = (
        Copy(NAMES[0], "Florida massage license MA 1", "license.jpg", "9f" * 32, 1, picture("RGB")),
        Copy(NAMES[1], "Florida massage license MA 2", "gray.pdf", "3c" * 32, 7, picture("L")),
        Copy(HOSTILE[0], "Massage license", HOSTILE[0], "5e" * 32, None, None, "It is not there."),
    )
    left = (Leaver("Bo Gone", date(2026, 10, 1), ("MA 3",)),)
    full = replace(empty, own=(held,), people=people, leavers=left, copies=copies, left_out=("1 is not enclosed.",))
    return {"sheet-empty": empty, "sheet-full": full}


def picture(mode: str) -> bytes:
    """A JPEG, as a scan of a license is drawn when it comes in."""
    made = io.BytesIO()
    Image.new(mode, (120, 240), "white").save(made, "JPEG")
    return made.getvalue()


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
