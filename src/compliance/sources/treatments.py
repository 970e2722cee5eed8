"""What was actually done, as a table: therapist, day, modality, clinic. Nothing about patients is ever taken.

Only the four columns leave this file. A column whose head speaks of patients refuses the whole table before a line of
it is kept; columns that speak of nothing known are left unread and named.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from compliance.sources import csv_file
from compliance.sources.rows import Unreadable

MOST_LINES: Final = 250_000
COLUMNS: Final = ("therapist", "day", "modality", "clinic")
ALIASES: Final = {
    "therapist": (
        "therapist", "therapist name", "therapist email", "therapist e mail", "therapist number", "license number",
        "license", "licence number", "provider", "provider name", "practitioner", "practitioner name", "staff",
        "staff member", "employee", "lmt", "massage therapist", "therapist id",
    ),
    "day": ("day", "date", "service date", "date of service", "treatment date", "appointment date", "visit date"),
    "modality": ("modality", "treatment", "treatment type", "service", "service name", "service type", "procedure"),
    "clinic": ("clinic", "clinic name", "location", "site", "branch", "place", "clinic id"),
}  # fmt: skip
"""Heads that are understood, folded: lower case, letters and digits, single spaces."""

_PATIENT: Final = re.compile(
    r"\b(patients?|clients?|guests?|customers?|members?|mrn|chart|record (no|number)|diagnos\w*|icd\w*|cpt|symptoms?"
    r"|complaints?|conditions?|allerg\w*|medications?|pregnan\w*|pain|injur\w*|ssn|social security|dob|birth\w*|born"
    r"|gender|sex|phones?|mobile|address|street|zip|postcode|insur\w*|payer|policy|claims?|soap|notes?|comments?"
    r"|intake|consent|guardian|email|e mail|first name|last name|surname|name|age|remarks?|reason)\b"
)
NO_PATIENTS: Final = (
    "The column “{head}” looks like data about patients. Nothing was kept. Take the column out and send therapist, "
    "day, modality and clinic alone."
)


class Treatment(NamedTuple):
    """One line as it was written."""

    line: int
    therapist: str
    day: str
    modality: str
    clinic: str


@dataclass(frozen=True, slots=True)
class Treatments:
    """The lines, and the heads of the columns that were left unread."""

    lines: tuple[Treatment, ...]
    unread: tuple[str, ...]


def read(path: Path) -> Treatments:
    """The table. Raises Unreadable with a sentence, also for a column that looks like data about patients."""
    rows = iter(csv_file.read(path).rows)
    _line, head = next(rows, (0, []))
    places = _places(head)
    unread = tuple(each for at, each in enumerate(head) if each and at not in places.values())
    lines = tuple(_treatment(line, cells, places) for line, cells in _bounded(rows))
    if not lines:
        raise Unreadable("The file has a head and no line below it.")
    return Treatments(lines, unread)


def _places(head: list[str]) -> dict[str, int]:
    """Where each column stands. A head that is understood is no data about patients, whatever it is called."""
    folded = [_folded(each) for each in head]
    meant = [next((name for name, words in ALIASES.items() if each in words), "") for each in folded]
    for shown, words, name in zip(head, folded, meant, strict=True):
        if not name and _PATIENT.search(words):
            raise Unreadable(NO_PATIENTS.format(head=shown[:60]))
    missing = [name for name in COLUMNS if name not in meant]
    if missing:
        raise Unreadable(f"The file lacks the column {missing[0]!r}. It needs {', '.join(COLUMNS)}, with these heads.")
    twice = [name for name in COLUMNS if meant.count(name) > 1]
    if twice:
        raise Unreadable(f"Two columns are the {twice[0]}. Leave one of them.")
    return {name: meant.index(name) for name in COLUMNS}


def _folded(head: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", head)).lower().split())


def _bounded(rows: Iterable[tuple[int, list[str]]]) -> Iterable[tuple[int, list[str]]]:
    for count, row in enumerate(rows, 1):
        if count > MOST_LINES:
            raise Unreadable(f"The file has more than {MOST_LINES:,} lines. Send it in parts, by year or by clinic.")
        yield row


def _treatment(line: int, cells: list[str], places: dict[str, int]) -> Treatment:
    def cell(name: str) -> str:
        at = places[name]
        return cells[at][:200] if at < len(cells) else ""

    return Treatment(line, cell("therapist"), cell("day"), cell("modality"), cell("clinic"))


def kept(lines: Iterable[Treatment]) -> bytes:
    """The four columns alone, with their lines, as what is kept for the task."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


def again(content: bytes) -> list[Treatment]:
    """What `kept` wrote."""
    return [Treatment(int(each[0]), *each[1:5]) for each in csv.reader(io.StringIO(content.decode(), newline=""))]
