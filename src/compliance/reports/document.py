"""The report as PDF/A-3a and PDF/UA-1, typeset by Typst, with its CSV and JSON attached.

The report reaches the template as JSON and is placed as text: nothing that a person is called is ever read as markup.
The file is packed, which makes it several times smaller and keeps it deterministic; sign it after that.
"""

from __future__ import annotations

import json
import tempfile
from datetime import datetime
from typing import TYPE_CHECKING, Final

from compliance.domain.audit_report import AuditReport
from compliance.rendering import TEMPLATES
from compliance.reports import csv_file, glyphs, json_file
from compliance.reports.child import RenderFailed
from compliance.reports.packing import packed
from compliance.reports.pages import pages

if TYPE_CHECKING:
    import typst

MOST_ROWS: Final = 15_000
"""Typesetting a row takes about 160 kB; this many stay under the child's limit of memory."""
STANDARDS: Final = ("a-3a", "ua-1")
_PARTS: Final = TEMPLATES / "reports"


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
    data = pages(report) | {"paper": paper}
    attached = {"audit.csv": csv_file.render(report, paper), "audit.json": json_file.render(report, paper)}
    wide = glyphs.needs_wide(json.dumps(data, ensure_ascii=False))
    families = [*glyphs.FAMILIES, *([glyphs.WIDE_FAMILY] if wide else [])]
    printed = glyphs.clean_tree(data, glyphs.cleaner(with_wide=wide)) | {"fonts": families}
    files = {"data.json": json.dumps(printed).encode(), **_template(), **attached}
    try:
        return _compiled(files, report.question.known_at, wide=wide)
    except RuntimeError as error:
        raise RenderFailed(f"The PDF could not be typeset: {error}") from None


def _compiled(files: dict[str, bytes], dated: datetime, *, wide: bool) -> bytes:
    import typst

    with tempfile.TemporaryDirectory() as nothing:  # else templates may read the working folder
        made = typst.compile(  # type: ignore[call-overload]  # its stub leaves out the dictionary
            files,
            root=nothing,
            font_paths=_fonts(wide=wide),
            timestamp=dated.replace(microsecond=0),
            pdf_standards=list(STANDARDS),
        )
    return bytes(made)


def _template() -> dict[str, bytes]:
    return {"main.typ": (_PARTS / "audit.typ").read_bytes(), "marks.typ": (_PARTS / "marks.typ").read_bytes()}


def _fonts(*, wide: bool) -> typst.Fonts:
    import typst

    folders = [str(glyphs.wide_font().parent)] if wide else []
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
