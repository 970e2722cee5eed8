"""A workbook from CSV, made in a child process: `python -m compliance.services.roster_workbook FILE SHEET`.

The spreadsheet library stays out of the process that serves pages, and the workbook is written row by row.
"""

from __future__ import annotations

import asyncio
import csv
import io
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_SOURCE: Final = Path(__file__).resolve().parents[2]
_PIECE: Final = 1 << 18
DAYS: Final = ("_on", "_date", " until")
"""How the heads of columns end that hold days."""


class NotMade(Exception):
    """The workbook could not be made; the message is a sentence."""


async def as_workbook(pieces: AsyncIterator[bytes], sheet: str = "Roster") -> AsyncIterator[bytes]:
    """The same rows as XLSX, in pieces, on a sheet of that name. Raises NotMade."""
    with TemporaryDirectory(prefix="compliance-export-") as folder:
        path = Path(folder) / "roster.xlsx"
        await _make(pieces, path, sheet)
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                yield piece


async def _make(pieces: AsyncIterator[bytes], path: Path, sheet: str) -> None:
    kept = {name: os.environ[name] for name in ("TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    found = os.pathsep.join((str(_SOURCE), *(entry for entry in sys.path if "site-packages" in entry)))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "compliance.services.roster_workbook", str(path), sheet),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        env=kept | {"PYTHONPATH": found, "PYTHONUTF8": "1"},
    )
    try:
        if process.stdin is None:
            raise NotMade("The workbook could not be made: there is no pipe to the process that makes it.")
        async for piece in pieces:
            process.stdin.write(piece)
            await process.stdin.drain()
        process.stdin.close()
        if await process.wait() != 0:
            raise NotMade("The workbook could not be made; export CSV instead, and look into the log.")
    except (BrokenPipeError, ConnectionResetError):
        raise NotMade("The workbook could not be made: the process that makes it ended early.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def main(path: str, name: str) -> int:
    """Reads CSV on standard input and writes the workbook; nothing in it calculates or links."""
    import xlsxwriter  # type: ignore[import-untyped]

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8F0F4"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
    text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
    columns: list[str] = []
    for number, cells in enumerate(csv.reader(text)):
        columns = columns or cells
        for place, cell in enumerate(cells):
            if number and columns[place].endswith(DAYS) and cell:
                sheet.write_datetime(number, place, date.fromisoformat(cell), day)
            elif cell:
                sheet.write_string(number, place, cell, None if number else head)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 18)
    book.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
