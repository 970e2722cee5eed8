"""The report as XLSX: one sheet per table, real dates, a frozen header with filters; byte-identical for one report.

Nothing in it calculates or links: every text is written as a string, so `=SUM(A1)` stays what somebody is called.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date
from itertools import chain, islice
from typing import Any, Final

from compliance.domain.audit_report import AuditReport
from compliance.reports.cells import Cell, Row, Table
from compliance.reports.tables import tables
from compliance.reports.wording import answer

_PAPER: Final = {"us-letter": 1, "a4": 9}
_LONGEST: Final = 32_767
"""Characters that a cell may hold."""
LOOKED_AT: Final = 200
"""Rows that a column's width is made for."""
_EARLIEST: Final = date(1900, 3, 1)
"""Spreadsheets count days wrongly before it (they believe in February 29, 1900)."""


def render(report: AuditReport, paper: str) -> bytes:
    """The workbook; `created` is `known_at`."""
    import xlsxwriter  # type: ignore[import-untyped]

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})  # rows go to a temporary file as they are written
    book.set_properties(_properties(report))
    formats = {"head": book.add_format(_HEAD), "day": book.add_format(_DAY), "text": book.add_format(_TEXT)}
    for table in tables(report):
        _sheet(book.add_worksheet(table.title), table, formats, paper)
    book.close()
    return out.getvalue()


_HEAD: Final = {"bold": True, "bottom": 1, "bg_color": "#E8F0F4", "valign": "top"}
_DAY: Final = {"num_format": "mmm d, yyyy", "align": "left", "valign": "top"}
_TEXT: Final = {"text_wrap": True, "valign": "top"}


def _properties(report: AuditReport) -> dict[str, Any]:
    return {
        "title": plain(answer(report)),
        "subject": "Audit report, a forecast" if report.forecast else "Audit report",
        "author": plain(report.organization),
        "created": report.question.known_at.astimezone(UTC).replace(tzinfo=None),
    }


def _sheet(sheet: Any, table: Table, formats: dict[str, Any], paper: str) -> None:
    first = list(islice(table.rows, LOOKED_AT))
    for column, name in enumerate(table.columns):
        sheet.set_column(column, column, _width(name, [row[column] for row in first]))
        sheet.write_string(0, column, name, formats["head"])
    last = 0
    for last, row in enumerate(chain(first, table.rows), start=1):  # how many there were
        _row(sheet, last, row, formats)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(_PAPER[paper])
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _row(sheet: Any, number: int, row: Row, formats: dict[str, Any]) -> None:
    for column, cell in enumerate(row):
        _write(sheet, number, column, cell, formats)


def _width(name: str, cells: Sequence[Cell]) -> int:
    longest = max((len(str(cell)) for cell in cells if cell is not None), default=0)
    return min(max(longest, len(name)) + 3, 60)


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    if isinstance(cell, date) and cell >= _EARLIEST:
        sheet.write_datetime(row, column, cell, formats["day"])
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell, formats["text"])
    elif cell is not None:
        sheet.write_string(row, column, plain(str(cell)), formats["text"])


def plain(text: str) -> str:
    """Text as a cell can hold it: control characters become U+FFFD, and what is too long ends with `…`."""
    kept = (char if char in "\n\t" or unicodedata.category(char) not in _REFUSED else "\ufffd" for char in text)
    cell = "".join(kept)
    return cell if len(cell) <= _LONGEST else cell[: _LONGEST - 1] + "…"


_REFUSED: Final = ("Cc", "Cs")
