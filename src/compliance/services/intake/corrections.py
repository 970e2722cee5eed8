"""The corrections file: the refused rows as they stand in the input, with what is wrong with each."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.intake import ImportRow, import_rows
from compliance.db.queries.tasks import task

PAGE: Final = 500
PROBLEM: Final = "problem"


Mended = Mapping[tuple[int, str], str]
"""What a person has put into cells: by line and the place of the column, or a field that the file has no column for."""


async def corrections(
    session: AsyncSession, *, organization_id: UUID, import_id: UUID, mended: Mended | None = None
) -> AsyncIterator[bytes]:
    """CSV in UTF-8 with a byte order mark, in pieces: the input's columns and cells, and a column `problem`.

    It can be imported when the rows are mended: the column `problem` is then left out of the notes. `mended` puts
    other words into cells; fields without a column get one.
    """
    found = await task(session, organization_id, import_id)
    result: Any = found.result if found else {}
    headers = [header for header, field in result.get("columns", [])]
    delimiter = result.get("delimiter") or ","
    kept = [str(place) for place, each in enumerate(headers) if each.strip().casefold() != PROBLEM]
    given = mended or {}
    added = sorted({column for _line, column in given if not column.isdigit()})
    yield b"\xef\xbb\xbf" + _lines([[*(headers[int(place)] for place in kept), *added, PROBLEM]], delimiter)
    after = 0
    while True:
        rows = await import_rows(session, organization_id, import_id, outcome="refused", after_line=after, limit=PAGE)
        if not rows:
            return
        yield _lines([[*_cells(each, (*kept, *added), given), _problem(each)] for each in rows], delimiter)
        after = rows[-1].line


def _cells(row: ImportRow, columns: Sequence[str], mended: Mended) -> list[str]:
    read = {str(place): cell for place, cell in enumerate(row.cells)}
    return [mended.get((row.line, column), read.get(column, "")) for column in columns]


def _problem(row: ImportRow) -> str:
    return " ".join(f"{each.field}: {each.problem}" for each in row.problems)


def _lines(rows: Sequence[Sequence[str]], delimiter: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()
