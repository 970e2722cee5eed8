"""What is decided about one person of a roster: values that the judge fills and the applier carries out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from compliance.db.queries.intake_known import ClinicOnFile, HeldCredential, OnFile
from compliance.domain.credentials import StandingCode
from compliance.domain.periods import FOREVER
from compliance.services.intake.lines import CHANGED, CREATED, REFUSED, UNCHANGED, Line
from compliance.services.therapists import NewTherapist
from compliance.services.trail import Act


@dataclass(slots=True)
class License:
    """What the rows of a file say of one clinic's own license, and what that is against what is on file.

    `line` stands for all of them: it has the number of the first, and its problems are theirs. `conflicts` are columns
    in which rows differ, with the sentence that names two.
    """

    clinic: str
    line: Line
    drafts: list[Draft] = field(default_factory=list)
    conflicts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Around:
    """What every person of a file is judged against. `new_clinics` are to be created: folded name -> jurisdiction;
    `licenses` is what the rows say of the clinics' own, by folded name.

    `checked`: the rows were judged before, and only what is new has to be worked out again.
    """

    act: Act
    file_name: str
    clinics: Mapping[str, ClinicOnFile]
    new_clinics: Mapping[str, str] = field(default_factory=dict)
    licenses: Mapping[str, License] = field(default_factory=dict)
    checked: bool = False
    reason: str = ""
    today: date = field(init=False)
    """The day on which the import is made."""

    def __post_init__(self) -> None:
        self.today = self.act.effective.date()

    @property
    def why(self) -> str:
        """The reason that stands in the history of what the import changes."""
        return self.reason or f"As on the roster {self.file_name}"


@dataclass(slots=True)
class DraftTerm:
    """A term of a credential, on file (with its id) or to be recorded."""

    starts_on: date
    ends_on: date = FOREVER
    inferred: bool = False
    id: UUID | None = None


class DraftLook(NamedTuple):
    """A confirmed verification to be recorded; `ends_on` tells the term that it proves."""

    verified_on: date
    verified_by: str
    source: str
    ends_on: date
    standing: StandingCode | None
    method: str = ""


@dataclass(slots=True)
class Draft:
    """A credential as it will be: one on file (`held`) with what is new about it, or a new one."""

    type: str
    jurisdiction: str
    authority: str
    number: str
    held: HeldCredential | None = None
    first_issued_on: date | None = None
    details: dict[str, object] = field(default_factory=dict)
    notes: str = ""
    terms: list[DraftTerm] = field(default_factory=list)
    corrected: dict[str, object] = field(default_factory=dict)
    standing: StandingCode | None = None
    standing_from: date | None = None
    looks: list[DraftLook] = field(default_factory=list)

    @property
    def new_terms(self) -> list[DraftTerm]:
        """Terms to be recorded, in order."""
        return [each for each in self.terms if each.id is None]


@dataclass(slots=True)
class Placement:
    """An assignment to be recorded, at a clinic by its folded name."""

    clinic: str
    modalities: tuple[str, ...]
    starts_on: date
    ends_on: date = FOREVER


@dataclass(slots=True)
class Plan:
    """All that the import does about one person."""

    person: int
    lines: list[Line]
    on_file: OnFile | None = None
    new: NewTherapist | None = None
    changed: dict[str, object] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    endings: list[tuple[UUID, date]] = field(default_factory=list)
    modalities: list[tuple[UUID, tuple[str, ...], date | None]] = field(default_factory=list)
    rows: int = 0
    """How many lines it was made from, where these are not kept with it."""

    @property
    def outcome(self) -> str:
        """What happens with this person, counted beside the rows."""
        outcomes = {each.outcome for each in self.lines}
        if outcomes == {REFUSED}:
            return REFUSED
        if self.new:
            return CREATED
        return CHANGED if outcomes & {CREATED, CHANGED} else UNCHANGED

    def without_lines(self) -> Plan:
        """What is to be done alone, for carrying it out takes no look at the rows."""
        return replace(self, lines=[], rows=len(self.lines))
