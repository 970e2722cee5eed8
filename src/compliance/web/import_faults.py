"""The refused rows of an import: each cell that cannot be taken, and beside it why and what to give instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from compliance.db.queries.intake import Import, ImportRow, Problem
from compliance.sources import FIELDS

_ALLOWED: Final = re.compile(r"^(?P<said>.*?)[ ;]+[Aa]llowed are (?P<allowed>.+?)\.?$", re.DOTALL)
FOLDED: Final = 80
"""A list of what is allowed that is longer is opened by whoever wants it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell: its column's header (empty: the file has no such column), what stands there, what is wrong, the remedy.

    `allowed` is what may stand there, where that is a long list. `asks`: a question, which keeps nothing out by itself.
    `cell` names the cell for who mends it: the place of its column, or the field; empty where another fault has it.
    """

    header: str
    field: str
    given: str
    sentence: str
    allowed: tuple[str, ...] = ()
    asks: bool = False
    cell: str = ""

    @property
    def no_clinic(self) -> bool:
        """Whether the clinic is not on file: that is mended on this page, not in the file."""
        return self.field == "clinic" and "--create-clinics" in self.sentence


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of the file: who, its faults in the order of the columns, and all that it says, by header."""

    line: int
    name: str
    about: str
    therapist_id: UUID | None
    faults: tuple[Fault, ...]
    cells: tuple[tuple[str, str], ...]


def refused_rows(it: Import, rows: Sequence[ImportRow]) -> list[RefusedRow]:
    """Every row with its faults."""
    place = {header.field: number for number, header in reversed(list(enumerate(it.headers))) if header.field}
    return [_row(it, each, place) for each in rows]


def _row(it: Import, row: ImportRow, place: dict[str, int]) -> RefusedRow:
    told = [_fault(it, row, place.get(each.field), each) for each in row.problems]
    asked = [_fault(it, row, place.get(each.field), each, asks=True) for each in row.questions if not each.answer]
    faults = _named(sorted([*told, *asked], key=lambda each: place.get(each.field, len(it.headers))), place)
    cells = [(header.name, cell) for header, cell in zip(it.headers, row.cells, strict=False) if cell.strip()]
    return RefusedRow(row.line, row.name, row.about, row.therapist_id, tuple(faults), tuple(cells))


def _named(faults: Sequence[Fault], place: dict[str, int]) -> list[Fault]:
    """Each cell is named once."""
    seen: set[str] = set()
    named = []
    for each in faults:
        cell = str(place.get(each.field, each.field))
        may_be = each.field in place or each.field in FIELDS
        named.append(replace(each, cell=cell) if may_be and cell not in seen else each)
        seen.add(cell)
    return named


def _fault(it: Import, row: ImportRow, at: int | None, told: Problem, *, asks: bool = False) -> Fault:
    header = it.headers[at].name if at is not None else ""
    given = row.cells[at].strip() if at is not None and at < len(row.cells) else told.value
    found = _ALLOWED.match(told.problem)
    if found and len(found["allowed"]) > FOLDED:
        allowed = tuple(each.strip() for each in found["allowed"].split(", "))
        return Fault(header, told.field, given, f"{found['said'].rstrip('.?')}{_stop(found['said'])}", allowed, asks)
    return Fault(header, told.field, given, told.problem, (), asks)


def _stop(said: str) -> str:
    return "?" if said.endswith("?") else "."
