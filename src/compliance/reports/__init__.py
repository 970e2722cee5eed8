"""Shapes a report leaves in. The door lists them all: one file each, and one line in `FORMATS`.

`render` makes one in a child process, so that typesetting and spreadsheet libraries, their memory and their crashes
stay out of the process that serves pages. All shapes say the same: they are functions of the `AuditReport` alone, and
the same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from compliance.reports.child import INSPECTOR, LEDGER, PAPERS, RenderFailed, run_child

if TYPE_CHECKING:
    from compliance.domain.audit_report import AuditReport
    from compliance.domain.inspector_sheet import InspectorSheet
    from compliance.domain.ledger_report import LedgerReport


@dataclass(frozen=True, slots=True)
class Format:
    """One shape: its media type, its extension without the dot, and the file of this room that makes it."""

    media_type: str
    extension: str
    file: str

    def render(self, report: AuditReport, paper: str) -> bytes:
        """Makes it in this process; callers outside the child want `compliance.reports.render`.

        The file is imported now: the child makes one shape and need not wait for the others.
        """
        make: Callable[[AuditReport, str], bytes] = import_module(f"compliance.reports.{self.file}").render
        return make(report, paper)


FORMATS: Final[dict[str, Format]] = {
    "pdf": Format("application/pdf", "pdf", "document"),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "spreadsheet"),
    "csv": Format("text/csv; charset=utf-8", "csv", "csv_file"),
    "json": Format("application/json", "json", "json_file"),
}


async def render(
    report: AuditReport,
    format_name: str,
    *,
    paper: str = "us-letter",
    timeout: float = 120.0,
    added_fonts: Path | None = None,
) -> bytes:
    """The report in one of `FORMATS`, made in a fresh child process within `timeout` seconds.

    `added_fonts` is the folder of the fonts that this installation adds to those of the program, for PDF.

    Raises ValueError for a format or paper that is not known, RenderFailed with a sentence for everything else.
    """
    from compliance.reports.short import is_short, render_short

    _refuse_unknown("format", format_name, FORMATS)
    _refuse_unknown("paper", paper, PAPERS)
    if format_name == "pdf" and is_short(report):
        return await render_short(report, paper, timeout=timeout, added_fonts=added_fonts)
    return await run_child(report, format_name, paper, timeout=timeout, added_fonts=added_fonts)


async def render_ledger(
    report: LedgerReport, *, paper: str = "us-letter", timeout: float = 60.0, added_fonts: Path | None = None
) -> bytes:
    """A ledger of continuing education as PDF, made in a child process as well. Raises ValueError and RenderFailed."""
    _refuse_unknown("paper", paper, PAPERS)
    return await run_child(report, LEDGER, paper, timeout=timeout, added_fonts=added_fonts)


async def render_inspector_sheet(
    sheet: InspectorSheet, *, paper: str = "us-letter", timeout: float = 120.0, added_fonts: Path | None = None
) -> bytes:
    """The inspector sheet of a clinic as PDF, made in a child process as well. Raises ValueError and RenderFailed."""
    _refuse_unknown("paper", paper, PAPERS)
    return await run_child(sheet, INSPECTOR, paper, timeout=timeout, added_fonts=added_fonts)


async def fonts_mark(folder: Path | None) -> str:
    """The fingerprint of the fonts that an installation adds, on which its PDF files depend; empty for none."""
    import asyncio

    from compliance.reports.added_fonts import added, fingerprint

    return fingerprint(await asyncio.to_thread(added, folder)) if folder else ""


def ledger_csv(report: LedgerReport) -> bytes:
    """A ledger of continuing education as CSV."""
    from compliance.reports import ledger

    return ledger.as_csv(report)


def json_schema() -> str:
    """The JSON Schema (draft 2020-12) that every report in JSON holds to."""
    return Path(__file__).with_name("audit-report.schema.json").read_text("utf-8")


def _refuse_unknown(what: str, given: str, allowed: dict[str, Format] | tuple[str, ...]) -> None:
    if given not in allowed:
        raise ValueError(f"{given!r} is not a {what} of the audit report; allowed are {', '.join(allowed)}.")


__all__ = [
    "FORMATS",
    "PAPERS",
    "Format",
    "RenderFailed",
    "fonts_mark",
    "json_schema",
    "ledger_csv",
    "render",
    "render_inspector_sheet",
    "render_ledger",
]
