"""The report as CSV: one row per therapist, modality and finding, with the facts of the credential that decides.

A credential that no finding names has a row of its own, without a modality. Cells that a spreadsheet would take for a
formula get an apostrophe in front; the other shapes need none.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

from compliance.domain.audit_report import AuditReport, CredentialRecord, FindingLine, TherapistRecord
from compliance.reports.tables import Cell, Row, credential_cells, finding_cells
from compliance.reports.wording import ends, stamp

COLUMNS: Final = (
    *("clinic", "as_of", "known_at", "therapist", "email", "license_numbers", "modality", "cleared"),
    *("requirement", "title", "status", "reason", "citation", "credential_id", "credential", "until"),
    *("recheck_on", "type", "jurisdiction", "issuing_authority", "number", "standing"),
    *("starts_on", "ends_on", "verified_on", "verified_by", "verification_source", "result", "evidence"),
    "forecast",
)
_FORMULA: Final = re.compile(r"\s*[=+\-@]|[\t\r\n\x00]")
"""How a formula begins, once full-width letters are folded; a tab, a line end or NUL in front hides one."""


def render(report: AuditReport, paper: str) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read the names right; CRLF. Paper means nothing here."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in row] for row in rows(report))
    return out.getvalue().encode("utf-8-sig")


def rows(report: AuditReport) -> Iterator[Row]:
    """The rows under `COLUMNS`."""
    question = report.question
    asked = (question.clinic, question.as_of, stamp(question.known_at))
    for therapist in report.therapists:
        for row in _of_therapist(therapist, question.as_of):
            yield (*asked, *row, "yes" if report.forecast else "no")


def _of_therapist(therapist: TherapistRecord, as_of: date) -> Iterator[Row]:
    person = (therapist.name, therapist.email, "; ".join(therapist.license_numbers))
    file = {credential.id: credential for credential in therapist.credentials}
    for modality in therapist.modalities:
        verdict = (modality.modality, "yes" if modality.cleared else "no")
        for finding in modality.findings or (None,):
            held = file.get(finding.credential or "") if finding else None
            yield person + verdict + _found(therapist, finding) + _facts(held, as_of)
    for credential in _unnamed(therapist):
        yield (*person, None, None, *_found(therapist, None), *_facts(credential, as_of))
    if not therapist.modalities and not therapist.credentials:
        yield (*person, None, "no", *_found(therapist, None), *_facts(None, as_of))


def _unnamed(therapist: TherapistRecord) -> list[CredentialRecord]:
    named = {finding.credential for modality in therapist.modalities for finding in modality.findings}
    return [credential for credential in therapist.credentials if credential.id not in named]


def _found(therapist: TherapistRecord, finding: FindingLine | None) -> Row:
    return finding_cells(therapist, finding) if finding else (None,) * 9


def _facts(credential: CredentialRecord | None, as_of: date) -> Row:
    """Type to standing, the term of that day (else the last one), the last look, the evidence."""
    if credential is None:
        return (None,) * 12
    _, type_, _, *facts = credential_cells(credential)
    return (type_, *facts, *_term(credential, as_of), *_look(credential), _evidence(credential))


def _term(credential: CredentialRecord, as_of: date) -> Row:
    current = [term for term in credential.terms if term.starts_on <= as_of <= term.ends_on]
    for term in current[-1:] or credential.terms[-1:]:
        return (term.starts_on, ends(term.ends_on) or "does not end")
    return (None, None)


def _look(credential: CredentialRecord) -> Row:
    if not credential.verifications:
        return (None,) * 4
    last = max(credential.verifications, key=lambda look: look.on)
    return (last.on, last.by, last.source, last.result)


def _evidence(credential: CredentialRecord) -> str:
    return "; ".join(f"{proof.name} {proof.sha256}" for proof in credential.evidence)


def guarded(cell: Cell) -> str:
    """The cell as text that no spreadsheet calculates; control characters print as U+FFFD."""
    if not isinstance(cell, str):
        return "" if cell is None else str(cell)
    if cell.isprintable() and cell[:1].isalnum():
        return cell
    first = unicodedata.normalize("NFKC", cell[:8])
    text = "".join("\ufffd" if unicodedata.category(char) in ("Cc", "Cs") else char for char in cell)
    return f"'{text}" if _FORMULA.match(first) else text
