"""The report as PDF/A-3a and PDF/UA-1, typeset by Typst, with its CSV, its JSON and the evidence manifest attached.

The report reaches the template as JSON and is placed as text: nothing that a person is called is ever read as markup.
The file is packed, which makes it several times smaller and keeps it deterministic; sign it after that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from compliance.domain.audit_report import AuditReport
from compliance.reports import csv_file, json_file, manifest
from compliance.reports.child import RenderFailed
from compliance.reports.logo import in_svg
from compliance.reports.pages import pages, rows_of
from compliance.reports.qr import qr_svg
from compliance.reports.typesetting import Sheet, finished, set_here, sheet

MOST_ROWS: Final = 20_000
"""Typesetting a row takes about 200 kB; this many stay under the child's limit of memory."""


def render(report: AuditReport, paper: str, added_fonts: Path | None = None) -> bytes:
    """The packed, unsigned PDF; its date is `known_at`. RenderFailed for more than `MOST_ROWS` rows."""
    words = pages(report)
    rows = _rows(words)
    if rows > MOST_ROWS:
        raise RenderFailed(
            f"The report has {rows:,} rows and a PDF holds at most {MOST_ROWS:,}; ask for xlsx, csv or json."
        )
    given = _sheet(report, words, paper, added_fonts)
    return finished(set_here(given), given)


def prepared(report: AuditReport, paper: str, added_fonts: Path | None = None) -> Sheet:
    """What Typst needs to know of a short report."""
    return _sheet(report, pages(report), paper, added_fonts)


def _sheet(report: AuditReport, words: dict[str, Any], paper: str, added_fonts: Path | None) -> Sheet:
    known_at = report.question.known_at
    return sheet("audit.typ", words | {"paper": paper}, _attached(report, paper), known_at, added_fonts)


def _rows(words: dict[str, Any]) -> int:
    """The rows that are printed: they make a report long."""
    return sum(len(group["rows"]) for group in words["verdicts"]) + sum(1 for _row in rows_of(words))


def _attached(report: AuditReport, paper: str) -> dict[str, bytes]:
    """What travels inside the file, and the pictures of its first and last page."""
    found = {
        "audit.csv": csv_file.render(report, paper),
        "audit.json": json_file.render(report, paper),
        "evidence.json": manifest.render(report),
    }
    if report.provenance.verify_at:
        found["qr.svg"] = qr_svg(report.provenance.verify_at)
    if report.logo:
        found["logo.svg"] = in_svg(report.logo)
    return found
