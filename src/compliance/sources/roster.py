"""A roster from a file: the kind by its content, the head, then typed rows one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from compliance.sources.columns import columns_of, header_problem, remarks_on
from compliance.sources.rows import Head, RosterRow, Table, Unreadable
from compliance.sources.typed import Typist

ENDINGS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def kind_of(path: Path, declared_name: str) -> str:
    """`csv` or `xlsx`, when the name and the content agree on it. Raises Unreadable."""
    ending = Path(declared_name).suffix.lower()
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(OLD_OFFICE):
        raise Unreadable(f"“{declared_name}” is an old or protected workbook. Save it as XLSX without a password.")
    found = "xlsx" if head.startswith(b"PK\x03\x04") else "csv"
    claimed = ENDINGS.get(ending)
    if claimed is None:
        allowed = ", ".join(ENDINGS)
        raise Unreadable(f"“{declared_name}” ends with {ending or 'nothing'!r}. A roster is one of {allowed}.")
    if head.startswith(b"%PDF") or claimed != found:
        what = "a PDF" if head.startswith(b"%PDF") else {"xlsx": "a workbook or archive", "csv": "no workbook"}[found]
        raise Unreadable(f"“{declared_name}” is {what}, whatever its name says. Save the roster as CSV or XLSX.")
    return found


def open_roster(table: Table, own: Mapping[str, str] | None = None) -> tuple[Head, Iterator[RosterRow]]:
    """The head, and the rows under it. Raises Unreadable for headers that are no roster's."""
    rows = iter(table.rows)
    _line, headers = next(rows, (0, []))
    columns = columns_of(_without_blank_tail(headers), own)
    problem = header_problem(columns)
    if problem:
        raise Unreadable(problem, columns)
    head = Head(table.kind, table.delimiter, columns, (*table.remarks, *remarks_on(columns)))
    typist = Typist(columns, table)
    return head, (typist.read(line, cells) for line, cells in rows)


def _without_blank_tail(headers: list[str]) -> list[str]:
    while headers and not headers[-1]:
        headers = headers[:-1]
    return headers
