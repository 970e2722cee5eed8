"""A row of cells becomes typed values: what one row says wrongly by itself is told with field, value and remedy."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from compliance.domain.matching import email_problem, npi_problem
from compliance.sources.columns import DETAIL, FIELDS, PLACE, Column
from compliance.sources.dates import NoDate, parse_date
from compliance.sources.rows import Problem, RosterRow, Table

DATES: Final = (
    "birth_date", "started_on", "left_on", "issued_on", "renewed_on", "expires_on", "verified_on",
    "clinic_license_issued_on", "clinic_license_expires_on",
)  # fmt: skip
CHECKED: Final = (*DATES, "email", "npi")
FORMULA: Final = re.compile(r"'*\s*[=+\-@]|'*[\t\r\n\x00]")
"""How a formula begins, once full-width letters are folded, and what was guarded against being one."""
_SEPARATORS: Final = re.compile(r"[\s\-.]+")


class Typist:
    """Reads rows under one set of columns."""

    def __init__(self, columns: Sequence[Column], table: Table) -> None:
        self.columns, self.padded, self.delimiter = columns, table.padded, table.delimiter
        self.places = [PLACE.get(each.field, -1) for each in columns]
        self.details = [
            (at, each.field.removeprefix(DETAIL)) for at, each in enumerate(columns) if each.field.startswith(DETAIL)
        ]
        self.extras = list(self._named_extras())

    def _named_extras(self) -> Iterator[tuple[int, str]]:
        seen: dict[str, int] = {}
        for at, each in enumerate(self.columns):
            if not each.field:
                seen[each.header] = seen.get(each.header, 0) + 1
                yield at, each.header if seen[each.header] == 1 else f"{each.header} ({seen[each.header]})"

    def read(self, line: int, cells: list[str]) -> RosterRow:
        """The row with its values and problems."""
        problems = self._length_problems(cells)
        full = [unguarded(each) for each in cells[: len(self.columns)]]
        full += [""] * (len(self.columns) - len(full))
        values = [""] * len(FIELDS)
        for place, cell in zip(self.places, full, strict=True):
            if place >= 0 and cell:
                values[place] = cell
        for field in CHECKED:
            given = values[PLACE[field]]
            if given:
                values[PLACE[field]], problem = _checked(field, given)
                if problem:
                    problems.append(Problem(field, given, problem))
        if not values[PLACE["last_name"]]:
            problems.append(Problem("last_name", "", "The last name is missing. Who has one name has it as last name."))
        extras = {name: full[at] for at, name in self.extras if full[at]}
        details = {name: full[at] for at, name in self.details if full[at]}
        return RosterRow(line, cells, values, extras, details, problems)

    def _length_problems(self, cells: list[str]) -> list[Problem]:
        wanted = len(self.columns)
        if len(cells) < wanted and not self.padded:
            given = f"{len(cells)} of {wanted} columns"
            missing = self.columns[len(cells)].header
            sentence = f"The row breaks off before “{missing}”. Complete it; blank cells need their delimiters too."
            return [Problem("row", given, sentence)]
        if any(cells[wanted:]):
            surplus = ", ".join(f"“{each}”" for each in cells[wanted:] if each)
            sentence = f"The row has more cells than the header ({surplus}). Quote values that hold the delimiter."
            return [Problem("row", f"{len(cells)} of {wanted} columns", sentence)]
        return []


def _checked(field: str, given: str) -> tuple[str, str | None]:
    """The value as it is kept, and what is wrong with it; a wrong one is not kept."""
    if field == "email":
        problem = email_problem(given)
        return ("" if problem else given), problem
    if field == "npi":
        digits = _SEPARATORS.sub("", given)
        problem = npi_problem(digits)
        return ("" if problem else digits), problem
    try:
        return parse_date(given).isoformat(), None
    except NoDate as wrong:
        return "", str(wrong)


def guarded(cell: str) -> str:
    """The cell so that no spreadsheet calculates it: an apostrophe in front of what begins like a formula."""
    return f"'{cell}" if FORMULA.match(unicodedata.normalize("NFKC", cell[:8])) else cell


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that `guarded` put in front."""
    if not cell.startswith("'"):
        return cell
    return cell[1:] if FORMULA.match(unicodedata.normalize("NFKC", cell[:9])) else cell
