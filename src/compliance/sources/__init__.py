"""Files read by machine. The door lists the kinds of roster file; each gives rows of text with their lines.

`read_roster` reads one in a child process, so that spreadsheet readers, their memory and their crashes stay out of the
process that serves pages. Rows come typed (dates are dates) and with the problems that a row has by itself; what a
row means for the records is judged above.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from compliance.sources import csv_file, xlsx_file
from compliance.sources.columns import FIELDS, Column
from compliance.sources.rows import Head, Problem, RosterRow, Table, Unreadable

if TYPE_CHECKING:
    from compliance.sources.child import Reading

SOURCES: Final[dict[str, Callable[[Path], Table]]] = {"csv": csv_file.read, "xlsx": xlsx_file.read}


@asynccontextmanager
async def read_roster(
    path: Path, *, declared_name: str, timeout: float = 900.0, own: Mapping[str, str] | None = None
) -> AsyncIterator[Reading]:
    """A roster being read in a child process: `.head`, then `.batches()` of rows, each batch a few hundred.
    `own`: what headers mean here.

    Raises Unreadable with a sentence for a file that is no roster; the child ends with the block.
    """
    from compliance.sources import child  # not above: the child imports this package too, and has no event loop

    async with child.reading(path, declared_name, timeout, own or {}) as found:
        yield found


__all__ = ["FIELDS", "SOURCES", "Column", "Head", "Problem", "Reading", "RosterRow", "Unreadable", "read_roster"]
