"""The evidence manifest: every kept proof that a report names, with its hash, for whoever compares files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from compliance.domain.audit_report import AuditReport
from compliance.reports.tables import held_by


def render(report: AuditReport) -> bytes:
    """JSON: the question, and one entry a file."""
    question = report.question
    said = {
        "clinic": question.clinic,
        "as_of": question.as_of,
        "known_at": question.known_at,
        "trail_head": report.provenance.trail_head,
        "hash": "SHA-256 of the original file",
        "files": list(_files(report)),
    }
    return msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n"


def _files(report: AuditReport) -> Iterator[dict[str, Any]]:
    for holder, held in held_by(report):
        for proof in held.evidence:
            about = " ".join(part for part in (held.title, held.number) if part)
            yield {"holder": holder, "about": about, "name": proof.name, "sha256": proof.sha256}
    for each in report.education:
        for course in each.courses:
            if course.sha256:
                named = {"name": course.certificate, "sha256": course.sha256}
                yield {"holder": each.therapist, "about": course.title, **named}
