"""A roster as XLSX, read by python-calamine: imported here, inside the child process, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from compliance.sources.rows import Table, Unreadable

Cell = float | int | str | bool | date | datetime | time | timedelta | None

BROKEN = "The workbook cannot be read. Open it in your spreadsheet program, save it again as XLSX, and import that."


def read(path: Path) -> Table:
    """The cells of the first visible sheet with the numbers of their rows. Raises Unreadable."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum, ZipError

    try:
        book = CalamineWorkbook.from_path(str(path))
        visible = [each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
        sheet = book.get_sheet_by_name(visible[0]) if visible else None
    except (CalamineError, ZipError, OSError, ValueError) as error:
        raise Unreadable(BROKEN) from error
    if sheet is None or sheet.height == 0:
        raise Unreadable("The workbook's first sheet is empty. Put the roster on the first sheet.")
    return Table("xlsx", _rows(sheet), padded=True, remarks=_remarks(visible))


def _remarks(sheets: list[str]) -> tuple[str, ...]:
    if len(sheets) < 2:
        return ()
    return (f"The workbook has {len(sheets)} sheets; only the first, “{sheets[0]}”, was read.",)


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows from the first one of the sheet on, so that numbers are those that the spreadsheet program shows."""
    first = sheet.start[0] + 1 if sheet.start else 1
    for line, row in enumerate(sheet.to_python(skip_empty_area=True), first):
        cells = [as_text(each) for each in row]
        if any(cells):
            yield line, cells


def as_text(cell: Cell) -> str:
    """A cell as text: dates in ISO 8601, whole numbers without a decimal point."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
