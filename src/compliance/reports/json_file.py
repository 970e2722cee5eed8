"""The report as JSON, in the shape that contract.md promises to scripts. Open ends are null, days are ISO 8601."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from compliance.domain.audit_report import (
    NOT_LEGAL_ADVICE,
    AuditReport,
    CredentialRecord,
    Lapse,
    ModalityVerdict,
    Span,
    TherapistRecord,
    WaiverLine,
)
from compliance.domain.report_exceptions import KINDS, exceptions
from compliance.domain.requirement_lines import RequirementLine, coverage, credentials_of, expiries, line
from compliance.reports.wording import answer, ends

Held = Mapping[str, CredentialRecord]


def render(report: AuditReport, paper: str) -> bytes:
    """UTF-8, two spaces of indentation, a line feed at the end. Paper means nothing here."""
    return msgspec.json.format(msgspec.json.encode(shape(report)), indent=2) + b"\n"


def shape(report: AuditReport) -> dict[str, Any]:
    """The report as dictionaries and lists; keys may be added, none renamed."""
    held = credentials_of(report)
    return {
        "question": _question(report),
        "organization": report.organization,
        "clinic": _clinic(report),
        "summary": _summary(report),
        "exceptions": [_fields(each) | {"what": KINDS[each.kind]} for each in exceptions(report)],
        "therapists": [_therapist(therapist, held, report.question.as_of) for therapist in report.therapists],
        "lapses": None if report.lapses is None else [_lapse(lapse) for lapse in report.lapses],
        "waivers": [_waiver(waiver) for waiver in report.waivers],
        "education": report.education,
        "unknowns": report.unknowns,
        "sent": report.sent,
        "changes": report.changes,
        "logo_sha256": report.logo.sha256 if report.logo else None,
        "provenance": report.provenance,
        "notice": NOT_LEGAL_ADVICE,
    }


def _question(report: AuditReport) -> dict[str, Any]:
    question = report.question
    return _fields(question) | {
        "forecast": report.forecast,
        "period": _from_to(question.period) if question.period else None,
    }


def _summary(report: AuditReport) -> dict[str, Any]:
    return {
        "answer": answer(report),
        **_fields(report.summary),
        "coverage": [{"requirement": c.requirement, "title": c.title, **c.people} for c in coverage(report)],
        "expiries": [{"month": f"{month:%Y-%m}", "credentials": count} for month, count in expiries(report)],
    }


def _fields(value: Any) -> dict[str, Any]:
    """A value's fields by name, in their order."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _clinic(report: AuditReport) -> dict[str, Any]:
    licenses = [_credential(license_) for license_ in report.clinic.establishment_licenses]
    shown = ("requirement", "title", "status", "reason", "citation")
    asked = [
        {name: getattr(each, name) for name in shown} | {"until": ends(each.until)} for each in report.clinic.asked
    ]
    return _fields(report.clinic) | {"establishment_licenses": licenses, "asked": asked}


def _therapist(therapist: TherapistRecord, held: Held, as_of: date) -> dict[str, Any]:
    return _fields(therapist) | {
        "verdict": therapist.verdict,
        "modalities": [_modality(therapist, modality, held, as_of) for modality in therapist.modalities],
        "credentials": [_credential(credential) for credential in therapist.credentials],
    }


def _modality(therapist: TherapistRecord, modality: ModalityVerdict, held: Held, as_of: date) -> dict[str, Any]:
    lines = (line(therapist, (modality,), finding, held, as_of) for finding in modality.findings)
    return _fields(modality) | {"until": ends(modality.until), "findings": [_finding(each) for each in lines]}


def _finding(line: RequirementLine) -> dict[str, Any]:
    """A finding, and beside it what an auditor reads across: the credential, its term that day, its last look."""
    finding = line.finding
    days = {"until": ends(finding.until), "recheck_on": ends(finding.recheck_on)}
    return _fields(finding) | days | {"on_that_day": _facts(line) if line.credential else None}


def _facts(line: RequirementLine) -> dict[str, Any]:
    held, term, look = line.credential, line.term, line.look
    return {
        "type": held.type if held else None,
        "issuer": (held.issuing_authority or held.jurisdiction) if held else None,
        "number": held.number if held else None,
        "standing": held.standing if held else None,
        "issued_on": term.starts_on if term else None,
        "expires_on": ends(term.ends_on) if term else None,
        "days_left": line.days_left,
        "verified_on": look.on if look else None,
        "verified_days_ago": line.age,
        "overdue": line.overdue,
        "verified_result": look.result if look else None,
        "verified_method": look.method if look else None,
        "verified_source": look.source if look else None,
        "verified_by": look.by if look else None,
        "evidence": held.evidence if held else (),
    }


def _credential(credential: CredentialRecord) -> dict[str, Any]:
    terms = [_fields(term) | {"ends_on": ends(term.ends_on)} for term in credential.terms]
    return _fields(credential) | {"terms": terms}


def _lapse(lapse: Lapse) -> dict[str, Any]:
    about = {"therapist": lapse.therapist, "modality": lapse.modality, "requirement": lapse.requirement}
    return about | _from_to(lapse) | {"days": lapse.days, "reason": lapse.reason}


def _waiver(waiver: WaiverLine) -> dict[str, Any]:
    about = {"therapist": waiver.therapist, "requirement": waiver.requirement}
    return about | {"reason": waiver.reason, "by": waiver.by} | _from_to(waiver)


def _from_to(days: Span | Lapse | WaiverLine) -> dict[str, date | None]:
    return {"from": days.starts_on, "to": ends(days.ends_on)}
