"""The numbers of a whole run, written into docs/security.md by the run itself: nobody copies them by hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from tests.attack.tally import Tally

DOCUMENT: Final = Path(__file__).parent.parent.parent / "docs" / "security.md"
DATABASES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
"""Where a service keeps its rows, and what it is called."""


def marks(database: str) -> tuple[str, str]:
    """Between what the numbers of a database stand."""
    return (
        f"<!-- the last whole run on {database}, written by make attack -->",
        f"<!-- end of the run on {database} -->",
    )


def table(found: Sequence[Tally], on: date, seconds: float, database: str) -> str:
    """One line for each part, the sum, and plainly what was not finished or got through."""
    head = f"part ({on}, {database}, {os.cpu_count()} cores, {seconds / 60:.0f} minutes)"
    lines = [f"| {head} | tried | refused | harmless | wrongly accepted | 500s |", "|---|---:|---:|---:|---:|---:|"]
    rows = [(e.name, e.tried, e.refused, e.harmless, len(e.wrong), len(e.failed)) for e in found]
    sums = [sum(column) for column in list(zip(*rows, strict=True))[1:]]
    for name, *numbers in [*rows, ("**all**", *sums)]:
        lines.append(f"| {name} | " + " | ".join(f"{each:,}" for each in numbers) + " |")
    return "\n".join([*lines, "", *_said(found)])


def _said(found: Sequence[Tally]) -> list[str]:
    notes = [f"- {each.name}: {note}" for each in found for note in each.notes]
    late = [f"- **Not finished:** {e.name}: {e.unfinished or 'nothing was tried'}" for e in found if not e.finished]
    through = [f"- **Got through:** {e.name}: {len(e.wrong)} wrongly accepted, {len(e.failed)} defects"
               for e in found if e.wrong or e.failed]  # fmt: skip
    return [line.replace("|", "/").replace("\n", " ")[:300] for line in [*late, *through, *notes]]


def write(found: Sequence[Tally], on: date, seconds: float, database: str, document: Path = DOCUMENT) -> None:
    """Puts the table between the two marks of its database. Raises ValueError where they are not there."""
    text = document.read_text("utf-8")
    begin, end = marks(database)
    if begin not in text or end not in text:
        raise ValueError(f"{document} has no marks for the numbers of {database}")
    before, after = text.partition(begin)[0], text.partition(end)[2]
    document.write_text(f"{before}{begin}\n\n{table(found, on, seconds, database)}\n\n{end}{after}", "utf-8")
