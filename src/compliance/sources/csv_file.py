"""A roster as CSV: UTF-8 with or without a byte order mark (or UTF-16 with one); comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from compliance.sources.columns import field_of
from compliance.sources.rows import Table, Unreadable

DELIMITERS: Final = (",", ";", "\t")
NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
LONGEST_CELL: Final = 32_767
SAVE_AS: Final = "Save it as “CSV UTF-8” and import that."


def read(path: Path) -> Table:
    """The cells with their lines. Raises Unreadable for another encoding, zero bytes and quotes that never close."""
    csv.field_size_limit(LONGEST_CELL)
    encoding = _encoding(path)
    delimiter = _delimiter(_first_line(path, encoding))
    return Table("csv", _rows(path, encoding, delimiter), delimiter)


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head:
        raise Unreadable("The file is empty. Choose the file again.")
    return "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _first_line(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding) as stream:
        try:
            return next((line for line in stream if line.strip()), "")
        except UnicodeError as error:
            raise Unreadable(_not_text(error, 1)) from None


def _delimiter(header: str) -> str:
    """The one that makes the most known headers, then the most columns."""

    def worth(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:  # cut by another delimiter it may be one long cell
            return 0, 0
        return sum(1 for each in cells if field_of(each)), len(cells)

    return max(DELIMITERS, key=worth)


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins: a quoted cell may run over several."""
    with path.open(encoding=encoding, newline="") as stream:
        reader = csv.reader(_without_zeros(stream), delimiter=delimiter, strict=True)
        line = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except UnicodeError as error:
                raise Unreadable(_not_text(error, reader.line_num + 1)) from None
            except csv.Error as error:
                raise Unreadable(_malformed(line, str(error))) from None
            if any(each.strip() for each in cells):
                yield line, [each.strip() for each in cells]
            line = reader.line_num + 1


def _without_zeros(stream: io.TextIOBase) -> Iterator[str]:
    for line, text in enumerate(stream, 1):
        if "\0" in text:
            raise Unreadable(f"Line {line} holds a zero byte, so the file is no text. {SAVE_AS}")
        yield text


def _not_text(error: UnicodeError, line: int) -> str:
    found = error.object[error.start : error.start + 1].hex() if isinstance(error, UnicodeDecodeError) else ""
    byte = f" (byte {found})" if found else ""
    return f"The file is not in UTF-8: about line {line} there is something else{byte}. {SAVE_AS}"


def _malformed(line: int, complaint: str) -> str:
    if "field larger" in complaint:
        return f"The row on line {line} has a cell of more than {LONGEST_CELL:,} characters. {UNCLOSED}"
    if "unexpected end" in complaint:
        return f"A quotation mark opened in the row on line {line} is never closed. {UNCLOSED}"
    return f"The row on line {line} has a quotation mark where none can be ({complaint}). {UNCLOSED}"


UNCLOSED: Final = "Look for a quotation mark that is missing, or write two for one inside a quoted cell."
