"""The report as JSON, in the shape that contract.md promises to scripts. Open ends are null, days are ISO 8601."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from compliance.domain.audit_report import (
    NOT_LEGAL_ADVICE,
    AuditReport,
    CredentialRecord,
    FindingLine,
    Lapse,
    ModalityVerdict,
    Span,
    TherapistRecord,
    WaiverLine,
)
from compliance.reports.wording import answer, ends


def render(report: AuditReport, paper: str) -> bytes:
    """UTF-8, two spaces of indentation, a line feed at the end. Paper means nothing here."""
    return msgspec.json.format(msgspec.json.encode(shape(report)), indent=2) + b"\n"


def shape(report: AuditReport) -> dict[str, Any]:
    """The report as dictionaries and lists; keys may be added, none renamed."""
    question = report.question
    return {
        "question": {
            "clinic": question.clinic,
            "as_of": question.as_of,
            "forecast": report.forecast,
            "known_at": question.known_at,
            "period": _from_to(question.period) if question.period else None,
        },
        "organization": report.organization,
        "clinic": _clinic(report),
        "summary": {"answer": answer(report), **_fields(report.summary)},
        "therapists": [_therapist(therapist) for therapist in report.therapists],
        "lapses": None if report.lapses is None else [_lapse(lapse) for lapse in report.lapses],
        "waivers": [_waiver(waiver) for waiver in report.waivers],
        "unknowns": report.unknowns,
        "sent": report.sent,
        "changes": report.changes,
        "provenance": report.provenance,
        "notice": NOT_LEGAL_ADVICE,
    }


def _fields(value: Any) -> dict[str, Any]:
    """A value's fields by name, in their order."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _clinic(report: AuditReport) -> dict[str, Any]:
    licenses = [_credential(license_) for license_ in report.clinic.establishment_licenses]
    return _fields(report.clinic) | {"establishment_licenses": licenses}


def _therapist(therapist: TherapistRecord) -> dict[str, Any]:
    return _fields(therapist) | {
        "verdict": therapist.verdict,
        "modalities": [_modality(modality) for modality in therapist.modalities],
        "credentials": [_credential(credential) for credential in therapist.credentials],
    }


def _modality(modality: ModalityVerdict) -> dict[str, Any]:
    return _fields(modality) | {
        "until": ends(modality.until),
        "findings": [_finding(finding) for finding in modality.findings],
    }


def _finding(finding: FindingLine) -> dict[str, Any]:
    return _fields(finding) | {"until": ends(finding.until), "recheck_on": ends(finding.recheck_on)}


def _credential(credential: CredentialRecord) -> dict[str, Any]:
    terms = [_fields(term) | {"ends_on": ends(term.ends_on)} for term in credential.terms]
    return _fields(credential) | {"terms": terms}


def _lapse(lapse: Lapse) -> dict[str, Any]:
    about = {"therapist": lapse.therapist, "modality": lapse.modality, "requirement": lapse.requirement}
    return about | _from_to(lapse) | {"reason": lapse.reason}


def _waiver(waiver: WaiverLine) -> dict[str, Any]:
    about = {"therapist": waiver.therapist, "requirement": waiver.requirement}
    return about | {"reason": waiver.reason, "by": waiver.by} | _from_to(waiver)


def _from_to(days: Span | Lapse | WaiverLine) -> dict[str, date | None]:
    return {"from": days.starts_on, "to": ends(days.ends_on)}
