"""Reports for the tests of this room, built as the service builds them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from compliance.domain.audit_report import (
    AuditReport,
    ChangeLine,
    ClinicRecord,
    CredentialRecord,
    CredentialTerm,
    EvidenceLine,
    FindingLine,
    Lapse,
    ModalityVerdict,
    OpenQuestion,
    Provenance,
    Question,
    SentLine,
    Span,
    TherapistRecord,
    VerificationLine,
    WaiverLine,
)

KNOWN_AT = datetime(2026, 11, 23, 13, 10, 5, 250000, tzinfo=UTC)
AS_OF = date(2026, 11, 23)
NAMES = (
    "Sofia Papadopoulou",
    "Łucja Żółkiewska-Święch",
    "Nguyễn Thị Ngọc Ánh",
    "王小明",
    "محمد الأحمد",
    "Dana O’Neill",
    "Zoë Brontë",
    "Žofie Dvořáková",
    "Maria del Carmen García-Peña",
)
HOSTILE = ('#read("x")', "<b>x</b>", "{{7*7}}", "=SUM(A1)")


def license_of(serial: int, **changes: object) -> CredentialRecord:
    """A Florida massage license with two terms, a look at the board and its evidence."""
    fields: dict[str, object] = {
        "id": f"license-{serial}",
        "type": "massage-license",
        "title": "Massage license",
        "jurisdiction": "Florida",
        "issuing_authority": "Florida Board of Massage Therapy",
        "number": f"MA {90000 + serial}",
        "standing": "active",
        "terms": (
            CredentialTerm(date(2023, 9, 1), date(2025, 8, 31), inferred=True),
            CredentialTerm(date(2025, 9, 1), date(2027, 8, 31)),
        ),
        "verifications": (
            VerificationLine(date(2026, 11, 2), "Dana Whitfield", "mqa-internet.doh.state.fl.us", "confirmed"),
        ),
        "evidence": (EvidenceLine(f"license-{serial}.pdf", f"{serial:064x}"),),
    }
    return CredentialRecord(**(fields | changes))  # type: ignore[arg-type]


def certification_of(number: int) -> CredentialRecord:
    return CredentialRecord(
        id=f"certification-{number}",
        type="bctmb",
        title="NCBTMB Board Certification",
        issuing_authority="NCBTMB",
        number=f"5971{number:02}",
        standing="active",
        terms=(CredentialTerm(date(2024, 5, 15), date(2026, 12, 14)),),
        verifications=(VerificationLine(date(2026, 5, 16), "Dana Whitfield", "NCBTMB look-up", "differs"),),
    )


def exam_of(number: int) -> CredentialRecord:
    return CredentialRecord(
        f"exam-{number}",
        "mblex",
        "MBLEx",
        issuing_authority="FSMTB",
        terms=(CredentialTerm(date(2019, 6, 14), date.max),),
    )


def license_finding(number: int, status: str = "met") -> FindingLine:
    reasons = {
        "met": "In force and verified at the board",
        "lapsed": "Ended on Aug 31, 2025, and no renewal is recorded",
        "blocked": "Suspended by the board since Oct 1, 2026",
        "unverified": "Nobody has looked at the board since the renewal",
    }
    return FindingLine(
        requirement="us-fl-massage-license",
        title="Massage license in force in Florida, verified at the board",
        status=status,
        reason=reasons[status],
        citation="Fla. Stat. 480.041",
        credential=f"license-{number}",
        until=date(2027, 8, 31) if status == "met" else None,
        recheck_on=date(2027, 2, 1) if status == "met" else None,
    )


def trigger_point(number: int, license_status: str) -> ModalityVerdict:
    """Everything that trigger point therapy asks, with the license in that status."""
    findings = (
        license_finding(number, license_status),
        FindingLine(
            "licensing-exam",
            "Licensing examination passed",
            "met",
            "MBLEx, passed on Jun 14, 2019",
            "Fla. Stat. 480.041",
            f"exam-{number}",
        ),
        FindingLine(
            "professional-certification",
            "Professional certification in force",
            "expiring",
            "Ends in 21 days",
            "Policy: trigger point",
            f"certification-{number}",
            until=date(2026, 12, 14),
        ),
        FindingLine(
            "membership",
            "AMTA membership in force",
            "waived" if number % 2 else "missing",
            "Waived until the next board meeting" if number % 2 else "None recorded",
            "Policy: trigger point",
        ),
    )
    cleared = all(finding.clears for finding in findings)
    return ModalityVerdict(
        "trigger-point-therapy",
        "Trigger point therapy",
        cleared,
        date(2026, 12, 14) if cleared else None,
        findings=findings,
    )


def massage(number: int, license_status: str) -> ModalityVerdict:
    cleared = license_status == "met"
    return ModalityVerdict(
        "massage-therapy",
        "Massage therapy",
        cleared,
        date(2027, 8, 31) if cleared else None,
        None if cleared else date(2027, 1, 4),
        (license_finding(number, license_status),),
    )


def therapist(number: int, name: str, license_status: str = "met") -> TherapistRecord:
    modalities = (massage(number, license_status), trigger_point(number, license_status))
    return TherapistRecord(
        name=name,
        email=f"therapist{number}@harbor.example",
        legal_name="Sofia Maria Papadopoulou" if number == 0 else "",
        former_names=("Sofia Marinou",) if number == 0 else (),
        license_numbers=(f"MA {90000 + number}",),
        modalities=modalities[: 1 + (number % 3 != 2)],
        credentials=(license_of(number), exam_of(number), certification_of(number)),
    )


def report_of(*therapists: TherapistRecord, **changes: object) -> AuditReport:
    """A report about Tampa; `changes` replaces its fields."""
    fields: dict[str, object] = {
        "question": Question("Tampa", AS_OF, KNOWN_AT, Span(date(2026, 1, 1), date(2026, 12, 31))),
        "organization": "Harbor Trigger Point Clinics",
        "clinic": ClinicRecord(
            "Tampa",
            "us-fl",
            "America/New_York",
            "1200 Bayshore Boulevard, Tampa, FL 33606",
            "Florida",
            (
                license_of(
                    700,
                    id="establishment",
                    type="establishment-license",
                    title="Establishment license",
                    number="MM 41552",
                    evidence=(),
                ),
            ),
            (
                FindingLine(
                    "establishment-license",
                    "Florida establishment license",
                    "met",
                    "In force through Aug 31, 2027.",
                    "Fla. Stat. 480.043 (massage establishments)",
                    until=date(2027, 8, 31),
                ),
            ),
        ),
        "provenance": Provenance(4211, "9f" * 32, "3c" * 32, "0.1.0"),
        "therapists": therapists,
        "lapses": (),
    }
    return AuditReport(**(fields | changes))  # type: ignore[arg-type]


def harbor() -> AuditReport:
    """Nine therapists with names in several scripts, and every section."""
    statuses = {1: "lapsed", 3: "blocked", 5: "unverified"}
    return report_of(
        *(therapist(number, name, statuses.get(number, "met")) for number, name in enumerate(NAMES)),
        lapses=(
            Lapse(
                "王小明",
                "Trigger point therapy",
                "Massage license in force in Florida",
                date(2026, 10, 1),
                date.max,
                "Suspended by the board",
            ),
            Lapse(
                "Dana O’Neill",
                "Massage therapy",
                "Massage license in force in Florida",
                date(2026, 3, 1),
                date(2026, 3, 14),
                "Renewal was late",
            ),
        ),
        waivers=(
            WaiverLine(
                "Łucja Żółkiewska-Święch",
                "AMTA membership in force",
                "Result delayed",
                "Dana Whitfield",
                date(2026, 6, 29),
                date(2026, 12, 31),
            ),
        ),
        unknowns=(
            OpenQuestion(
                "local-permit",
                "Does Hillsborough County ask for a permit of its own?",
                "Florida Board of Massage Therapy",
            ),
        ),
        sent=(
            SentLine(
                datetime(2026, 11, 14, 14, 0, tzinfo=UTC),
                "therapist2@harbor.example",
                "NCBTMB Board Certification 597102, ends Dec 14, 2026, 30 days before",
                "delivered",
            ),
        ),
        changes=(
            ChangeLine(
                datetime(2026, 11, 2, 15, 30, tzinfo=UTC),
                "Dana Whitfield",
                "Verified Massage license MA 90000",
                "",
                "confirmed",
                "Yearly check",
            ),
        ),
    )
