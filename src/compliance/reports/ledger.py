"""The ledger of continuing education as PDF and as CSV, for the pack that a board gets."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final

from compliance.domain.audit_report import NOT_LEGAL_ADVICE
from compliance.domain.ledger_report import LedgerCourse, LedgerReport
from compliance.rendering import day
from compliance.reports.child import RenderFailed
from compliance.reports.csv_file import guarded
from compliance.reports.pages import are_short
from compliance.reports.typesetting import typeset
from compliance.reports.wording import stamp

MOST_COURSES: Final = 5_000
COLUMNS: Final = (
    *("completed_on", "title", "source", "length", "taken", "subjects", "counts", "reasons", "certificate", "sha256"),
)


def as_pdf(report: LedgerReport, paper: str, added_fonts: Path | None = None) -> bytes:
    """The packed PDF; the same report gives the same bytes. Raises RenderFailed."""
    if len(report.courses) > MOST_COURSES:
        raise RenderFailed(f"The ledger has {len(report.courses):,} courses, a PDF holds {MOST_COURSES:,}.")
    data, attached = _data(report) | {"paper": paper}, {"ledger.csv": as_csv(report)}
    return typeset("ledger.typ", data, attached, report.known_at, added_fonts)


def _data(report: LedgerReport) -> dict[str, Any]:
    courses = [_course(each) for each in report.courses]
    return {
        "answer": f"{report.therapist}: {report.answer}",
        "organization": report.organization,
        "therapist": report.therapist,
        "facts": report.facts,
        "asked": report.asked,
        "notes": report.notes,
        "questions": report.questions,
        "courses": courses,
        "short": are_short(courses),
        "made_from": [*report.made_from, ("Known at", stamp(report.known_at))],
        "footer": f"As of {day(report.as_of)}",
        "notice": NOT_LEGAL_ADVICE,
    }


def _course(each: LedgerCourse) -> list[Any]:
    return [
        day(each.completed_on),
        [each.title, each.source],
        [each.length, "; ".join(part for part in (each.taken, each.subjects) if part)],
        [each.counts, each.reasons],
        {"files": [[each.file, each.sha256]]} if each.file else ["none kept", ""],
    ]


def as_csv(report: LedgerReport) -> bytes:
    """One row per course under `COLUMNS`; no cell is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for each in report.courses:
        row = (
            each.completed_on, each.title, each.source, each.length, each.taken, each.subjects, each.counts,
            each.reasons, each.file, each.sha256,
        )  # fmt: skip
        writer.writerow([guarded(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")
