"""The report as PDF/A-3a and PDF/UA-1, typeset by Typst, with its CSV and JSON attached.

The report reaches the template as JSON and is placed as text: nothing that a person is called is ever read as markup.
The file is packed, which makes it several times smaller and keeps it deterministic; sign it after that.
"""

from __future__ import annotations

from typing import Final

from compliance.domain.audit_report import AuditReport
from compliance.reports import csv_file, json_file
from compliance.reports.child import RenderFailed
from compliance.reports.packing import packed
from compliance.reports.pages import pages
from compliance.reports.qr import qr_svg
from compliance.reports.typesetting import typeset

MOST_ROWS: Final = 15_000
"""Typesetting a row takes about 160 kB; this many stay under the child's limit of memory."""


def render(report: AuditReport, paper: str) -> bytes:
    """The packed, unsigned PDF; its date is `known_at`. RenderFailed for more than `MOST_ROWS` rows."""
    rows = _rows(report)
    if rows > MOST_ROWS:
        raise RenderFailed(
            f"The report has {rows:,} rows and a PDF holds at most {MOST_ROWS:,}; ask for xlsx, csv or json."
        )
    return packed(_typeset(report, paper))


def _rows(report: AuditReport) -> int:
    """Verdicts, findings and credentials: what makes a report long."""
    return sum(
        len(person.credentials) + sum(1 + len(modality.findings) for modality in person.modalities)
        for person in report.therapists
    )


def _typeset(report: AuditReport, paper: str) -> bytes:
    attached = {"audit.csv": csv_file.render(report, paper), "audit.json": json_file.render(report, paper)}
    if report.provenance.verify_at:
        attached["qr.svg"] = qr_svg(report.provenance.verify_at)
    return typeset("audit.typ", pages(report) | {"paper": paper}, attached, report.question.known_at)
