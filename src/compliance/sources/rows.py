"""What a roster file becomes: a head that says which column is which, and rows of text with their problems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from compliance.sources.columns import Column


class Unreadable(Exception):
    """The file is no roster; the message is one sentence or two that say why and what to do. `columns` are there where
    only the meaning of its headers is missing."""

    def __init__(self, problem: str, columns: tuple[Column, ...] = ()) -> None:
        super().__init__(problem)
        self.columns = columns


class Problem(msgspec.Struct, frozen=True, array_like=True):
    """What is wrong with one field of a row: what was given, and a sentence with the remedy."""

    field: str
    value: str
    problem: str


class RosterRow(msgspec.Struct, frozen=True, array_like=True):
    """One row. `line` is where it begins in the file; `cells` are as they stand there, for the corrections file.

    `values` are in the order of `columns.FIELDS`: "" for a blank, dates in ISO 8601. `extras` are the columns that
    nobody knows, `details` those called detail_NAME.
    """

    line: int
    cells: list[str]
    values: list[str]
    extras: dict[str, str]
    details: dict[str, str]
    problems: list[Problem]


class Head(msgspec.Struct, frozen=True):
    """What the first row said. `delimiter` is "" for a workbook; `remarks` are sentences about the file."""

    kind: str
    delimiter: str
    columns: tuple[Column, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A file as cells of text: `rows` gives (line, cells), the header's own first; blank rows are left out.

    `padded` says that a row may be shorter than the header, as in a workbook.
    """

    kind: str
    rows: Iterator[tuple[int, list[str]]]
    delimiter: str = ""
    padded: bool = False
    remarks: tuple[str, ...] = ()
