"""The report as JSON, in the shape that contract.md promises to scripts. Open ends are null, days are ISO 8601."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from compliance.domain.audit_report import (
    NOT_LEGAL_ADVICE,
    AuditReport,
    CredentialRecord,
    ModalityVerdict,
    Span,
    TherapistRecord,
)
from compliance.reports.wording import answer, stamp


def render(report: AuditReport, paper: str) -> bytes:
    """UTF-8, two spaces of indentation, a line feed at the end. Paper means nothing here."""
    text = json.dumps(shape(report), ensure_ascii=False, indent=2, default=_plain)
    return text.encode() + b"\n"


def shape(report: AuditReport) -> dict[str, Any]:
    """The report as dictionaries and lists; keys may be added, none renamed."""
    return {
        "question": {
            "clinic": report.question.clinic,
            "as_of": report.question.as_of,
            "known_at": report.question.known_at,
            "period": _from_to(report.question.period),
        },
        "organization": report.organization,
        "clinic": _clinic(report),
        "summary": {"answer": answer(report), **asdict(report.summary)},
        "therapists": [_therapist(therapist) for therapist in report.therapists],
        "lapses": _spans(report.lapses),
        "waivers": _spans(report.waivers),
        "unknowns": [asdict(unknown) for unknown in report.unknowns],
        "sent": _lines(report.sent),
        "changes": _lines(report.changes),
        "provenance": asdict(report.provenance),
        "notice": NOT_LEGAL_ADVICE,
    }


def _clinic(report: AuditReport) -> dict[str, Any]:
    clinic = report.clinic
    return {
        "name": clinic.name,
        "address": clinic.address,
        "jurisdiction": clinic.jurisdiction,
        "jurisdiction_title": clinic.jurisdiction_title,
        "time_zone": clinic.time_zone,
        "establishment_licenses": [_credential(license_) for license_ in clinic.establishment_licenses],
    }


def _therapist(therapist: TherapistRecord) -> dict[str, Any]:
    return {
        "name": therapist.name,
        "email": therapist.email,
        "legal_name": therapist.legal_name,
        "former_names": therapist.former_names,
        "license_numbers": therapist.license_numbers,
        "verdict": therapist.verdict,
        "modalities": [_modality(modality) for modality in therapist.modalities],
        "credentials": [_credential(credential) for credential in therapist.credentials],
    }


def _modality(modality: ModalityVerdict) -> dict[str, Any]:
    return {
        "modality": modality.modality,
        "title": modality.title,
        "cleared": modality.cleared,
        "until": modality.until,
        "cleared_from": modality.cleared_from,
        "findings": [asdict(finding) for finding in modality.findings],
    }


def _credential(credential: CredentialRecord) -> dict[str, Any]:
    return asdict(credential)


def _spans(lines: tuple[Any, ...] | None) -> list[dict[str, Any]] | None:
    """Lapses and waivers, with `from` and `to` as contract.md spells a period."""
    if lines is None:
        return None
    return [
        {key: value for key, value in asdict(line).items() if key not in ("starts_on", "ends_on")}
        | {"from": line.starts_on, "to": line.ends_on}
        for line in lines
    ]


def _lines(lines: tuple[Any, ...] | None) -> list[dict[str, Any]] | None:
    return None if lines is None else [asdict(line) for line in lines]


def _from_to(period: Span | None) -> dict[str, date] | None:
    return {"from": period.starts_on, "to": period.ends_on} if period else None


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return None if value == date.max else value.isoformat()
    raise TypeError(f"{value!r} has no place in a report")
