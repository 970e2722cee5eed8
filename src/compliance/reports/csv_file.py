"""The report as CSV: one row per therapist, modality and finding, with the facts of the credential that decides.

A credential that no finding names has a row of its own, without a modality. What is asked of the clinic itself comes
first, in rows without a therapist. Cells that a spreadsheet would take for a formula get an apostrophe in front; the
other shapes need none.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

from compliance.domain.audit_report import AuditReport, CredentialRecord, TherapistRecord
from compliance.domain.requirement_lines import credentials_of, line, look_on, term_on
from compliance.reports.cells import LINE, Cell, Held, Row, credential_cells, finding_cells, line_cells
from compliance.reports.wording import ends, stamp

COLUMNS: Final = (
    *("clinic", "as_of", "known_at", "therapist", "email", "license_numbers", "modality", "cleared"),
    *("requirement", "title", "status", "reason", "citation", "credential_id", "credential", "until"),
    *("recheck_on", "type", "jurisdiction", "issuing_authority", "number", "standing"),
    *("starts_on", "ends_on", "verified_on", "verified_by", "verification_source", "result", "evidence"),
    *("forecast", *LINE),
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
    question, held = report.question, credentials_of(report)
    asked = (question.clinic, question.as_of, stamp(question.known_at))
    forecast = "yes" if report.forecast else "no"
    for row in _of_the_clinic(report, held):
        yield (*asked, *row, forecast, *(None,) * len(LINE))
    for therapist in report.therapists:
        for row, more in _of_therapist(therapist, held, question.as_of):
            yield (*asked, *row, forecast, *more)


def _of_the_clinic(report: AuditReport, held: Held) -> Iterator[Row]:
    """A row for each finding on the clinic, with the license that decides."""
    for finding in report.clinic.asked:
        license_ = held.get(finding.credential or "")
        yield (*(None,) * 5, *finding_cells(held, finding), *_facts(license_, report.question.as_of))


def _of_therapist(therapist: TherapistRecord, held: Held, as_of: date) -> Iterator[tuple[Row, Row]]:
    """Each row in two parts: what stands before `forecast`, and what stands after it."""
    person = (therapist.name, therapist.email, "; ".join(therapist.license_numbers))
    for modality in therapist.modalities:
        verdict = (modality.modality, "yes" if modality.cleared else "no")
        for finding in modality.findings:
            each = line(therapist, (modality,), finding, held, as_of)
            yield person + verdict + finding_cells(held, finding) + _facts(each.credential, as_of), line_cells(each)
        if not modality.findings:
            yield person + verdict + (None,) * 9 + _facts(None, as_of), (None,) * 6
    for credential in _unnamed(therapist):
        yield (*person, None, None, *(None,) * 9, *_facts(credential, as_of)), (None,) * 6
    if not therapist.modalities and not therapist.credentials:
        yield (*person, None, "no", *(None,) * 9, *_facts(None, as_of)), (None,) * 6


def _unnamed(therapist: TherapistRecord) -> list[CredentialRecord]:
    named = {finding.credential for modality in therapist.modalities for finding in modality.findings}
    return [credential for credential in therapist.credentials if credential.id not in named]


def _facts(credential: CredentialRecord | None, as_of: date) -> Row:
    """Type to standing, the term of that day (else the last one), the last look, the evidence."""
    if credential is None:
        return (None,) * 12
    _, type_, _, *facts = credential_cells(credential)
    return (type_, *facts, *_term(credential, as_of), *_look(credential, as_of), _evidence(credential))


def _term(credential: CredentialRecord, as_of: date) -> Row:
    term = term_on(credential.terms, as_of)
    return (term.starts_on, ends(term.ends_on) or "does not end") if term else (None, None)


def _look(credential: CredentialRecord, as_of: date) -> Row:
    look = look_on(credential.verifications, as_of)
    return (look.on, look.by, look.source, look.result) if look else (None,) * 4


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
