"""What an inspector at the door is handed, as one value: who works there, with which licenses, until when, and copies.

The same value gives the same bytes: no clock, no database. Days are days of the clinic's calendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class SheetLicense:
    """One license as it stands on record. `until` is None where nothing is on file, `date.max` where it does not end;
    `verified` says when and where somebody last looked; `copies` counts the copies that are in the sheet."""

    title: str
    number: str
    until: date | None
    standing: str
    verified: str
    copies: int


@dataclass(frozen=True, slots=True)
class Practice:
    """A modality that somebody is assigned to: may they on that day, and if not, why."""

    title: str
    cleared: bool
    why: str


@dataclass(frozen=True, slots=True)
class SheetPerson:
    """One who works there on the day."""

    name: str
    former_names: tuple[str, ...]
    licenses: tuple[SheetLicense, ...]
    practices: tuple[Practice, ...]

    @property
    def cleared(self) -> bool:
        """Whether nothing that they are assigned to is held against them."""
        return all(each.cleared for each in self.practices)


@dataclass(frozen=True, slots=True)
class Leaver:
    """One who worked there within the last 90 days and does no more."""

    name: str
    last_day: date
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A page with a copy of a license. `picture` is a JPEG, None where it could not be read: `problem` says so then.

    `sha256` is that of the original file, which the clinic keeps.
    """

    whose: str
    title: str
    file: str
    sha256: str
    pages: int | None
    picture: bytes | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class InspectorSheet:
    """The sheet of one clinic for one day, from what was on record at an instant."""

    organization: str
    clinic: str
    place: str
    address: str
    time_zone: str
    as_of: date
    known_at: datetime
    own: tuple[SheetLicense, ...]
    people: tuple[SheetPerson, ...]
    leavers: tuple[Leaver, ...]
    copies: tuple[Copy, ...]
    left_out: tuple[str, ...]
    """Whose copies are not in it, as sentences."""
    made_from: tuple[tuple[str, str], ...]
