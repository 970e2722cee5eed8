"""Reading the four shapes back, as somebody who receives them would."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pikepdf
import pypdfium2
import python_calamine


def pdf_text(pdf: bytes) -> str:
    """The text of all pages."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[number].get_textpage().get_text_bounded() for number in range(len(document))]
    document.close()
    return "\n".join(pages)


def squeezed(text: str) -> str:
    """Text without white space and break points, for columns break lines where they must."""
    return "".join(text.replace("\u200b", "").replace("\ufffe", "").split())


def pdf_files(pdf: bytes) -> dict[str, bytes]:
    """The attached files by name."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: spec.get_file().read_bytes() for name, spec in document.attachments.items()}


def sheets(xlsx: bytes) -> dict[str, list[dict[str, Any]]]:
    """Every sheet as rows by column name."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(xlsx))
    found: dict[str, list[dict[str, Any]]] = {}
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python()
        found[name] = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return found


def csv_rows(made: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made.decode("utf-8-sig"), newline="")))


def from_json(made: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made)
    return found


def everything(made: bytes, format_name: str) -> str:
    """All text of a file, whatever its shape, squeezed."""
    if format_name == "pdf":
        return squeezed(pdf_text(made))
    if format_name == "xlsx":
        cells = (str(cell) for rows in sheets(made).values() for row in rows for cell in row.values())
        return squeezed("\n".join(cells))
    if format_name == "csv":
        return squeezed("\n".join(cell for row in csv_rows(made) for cell in row.values()))
    return squeezed(json.dumps(from_json(made), ensure_ascii=False).replace('\\"', '"'))
