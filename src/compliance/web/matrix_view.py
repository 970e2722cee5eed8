"""Therapists by requirements: a row for each person and clinic, a column for each thing asked, a status with its end.

Worked out from the files of the people on one page, never from the stored copy, so that it is exact on any day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from compliance.catalog import load
from compliance.db.queries.clinics import Clinic
from compliance.domain.assessment import finding
from compliance.domain.coverage import coverage
from compliance.domain.covers import CLEAR, Cover, Status
from compliance.domain.credentials import CredentialFile
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Holder, Requirement
from compliance.services.assessments import Frame, places_of, worked
from compliance.web.labels import type_title
from compliance.web.verdicts import GRAVITY, Sight

STATE, PRACTICE, OWN, CLINIC = "The state asks", "The practice asks", "You ask", "Asked of the clinic"
GROUPS: Final = (STATE, PRACTICE, OWN, CLINIC)


@dataclass(frozen=True, slots=True)
class Cell:
    """A status. `day` is the last day of an unbroken yes, or the last before it lapsed; `words` where there is none."""

    status: str
    day: date | None
    words: str
    href: str

    @property
    def clears(self) -> bool:
        """Whether it lets the person work."""
        return self.status in CLEAR


@dataclass(frozen=True, slots=True)
class Column:
    """One thing asked; where places call it by different names, by its plain one."""

    code: str
    title: str
    group: str


@dataclass(frozen=True, slots=True)
class Row:
    """A person at a clinic (None: nowhere yet), the cells by requirement; what is not asked there has none."""

    id: UUID
    name: str
    clinic: Clinic | None
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a person at a clinic, by code: the wordings of it, and a modality that asks."""

    wordings: tuple[Requirement, ...]
    modality: str


def rows(sight: Sight, files: Iterable[CredentialFile], clinic_id: UUID | None, modality: str, keep: str) -> list[Row]:
    """A row for each clinic where somebody works on the day or will. `keep` is the end of each link: `&as_of=...`."""
    found: list[Row] = []
    for file in files:
        mine = [_row(sight, file, clinic, asked, keep) for clinic, asked in _works(sight, file, clinic_id, modality)]
        found += mine or [Row(file.therapist_id, file.name, None, {})]
    return found


def _works(
    sight: Sight, file: CredentialFile, clinic_id: UUID | None, modality: str
) -> list[tuple[Clinic, dict[str, Asked]]]:
    """Each clinic with what is asked there of this person."""
    modalities: dict[UUID, list[str]] = {}
    for place, practiced in places_of(file):
        there = place in sight.places and clinic_id in (None, place) and modality in ("", practiced)
        if there and any(each.ends_on >= sight.days[place] for each in worked(file, place, practiced)):
            modalities.setdefault(place, []).append(practiced)
    return [
        (sight.places[place], asked_at(sight.frame, sight.places[place], some)) for place, some in modalities.items()
    ]


def asked_at(frame: Frame, clinic: Clinic, modalities: Iterable[str]) -> dict[str, Asked]:
    """What these modalities ask at a clinic, of itself too, in the order in which it is asked."""
    found: dict[str, Asked] = {}
    for modality in modalities:
        for each in frame.asked_at(modality, clinic.id):
            known = found.get(each.code)
            if known is None:
                found[each.code] = Asked((each,), modality)
            elif each not in known.wordings:
                found[each.code] = Asked((*known.wordings, each), known.modality)
    return found


def _row(sight: Sight, file: CredentialFile, clinic: Clinic, asked: Mapping[str, Asked], keep: str) -> Row:
    works = [
        each for modality in {each.modality for each in asked.values()} for each in worked(file, clinic.id, modality)
    ]
    day = max(sight.days[clinic.id], min((each.starts_on for each in works), default=sight.days[clinic.id]))
    held = sight.frame.clinic_files.get(clinic.id, CredentialFile(clinic.id, ""))
    cells = {}
    for code, each in asked.items():
        href = f"/therapists/{file.therapist_id}?clinic={clinic.id}&modality={each.modality}{keep}#{code}"
        some = [_cell(held if one.holder is Holder.CLINIC else file, one, clinic, day, href) for one in each.wordings]
        cells[code] = min(some, key=lambda cell: GRAVITY.get(cell.status, len(GRAVITY)))
    return Row(file.therapist_id, file.name, clinic, cells)


def _cell(file: CredentialFile, requirement: Requirement, clinic: Clinic, day: date, href: str) -> Cell:
    covers = coverage(file, requirement, clinic.id)
    index = next(place for place, each in enumerate(covers) if each.ends_on >= day)
    found, cover = finding(requirement, covers, day), covers[index]
    if found.status is Status.NOT_ASKED:
        return Cell(found.status, None, "Not asked", href)
    if not found.clears:
        return Cell(found.status, _ended(covers, index), _against(cover), href)
    until = found.until if found.until != FOREVER else None
    return Cell(found.status, until, "" if until else _held(cover), href)


def _ended(covers: Sequence[Cover], index: int) -> date | None:
    """The last day before a lapse."""
    if covers[index].status is not Status.LAPSED:
        return None
    return next((each.ends_on for each in reversed(covers[:index]) if each.status in CLEAR), None)


def _against(cover: Cover) -> str:
    """The board's own word, where it has spoken."""
    if cover.status is Status.BLOCKED and cover.standing is not None:
        return cover.standing.standing.value.replace("-", " ").capitalize()
    return ""


def _held(cover: Cover) -> str:
    return type_title(cover.credential.type, None) if cover.credential else ""


# -- columns -------------------------------------------------------------------------------------------------------


def columns(frame: Frame, asked: Iterable[Mapping[str, Asked]]) -> list[Column]:
    """Every code that is asked of somebody, by who asks, in the order of asking."""
    titles: dict[str, dict[str, Requirement]] = {}
    for some in asked:
        for code, each in some.items():
            for one in each.wordings:
                titles.setdefault(code, {})[one.title] = one
    own = {each.requirement.code for each in frame.policies if not (each.widens or each.answers or each.tightens)}
    found = [_column(code, called, own) for code, called in titles.items()]
    return sorted(found, key=lambda each: GROUPS.index(each.group))


def _column(code: str, called: Mapping[str, Requirement], own: set[str]) -> Column:
    one = next(iter(called.values()))
    title = one.title if len(called) == 1 else code.removeprefix("own-").replace("-", " ").capitalize()
    if one.holder is Holder.CLINIC:
        return Column(code, title, CLINIC)
    if code.removeprefix("own-") in own and (code.startswith("own-") or not one.jurisdiction):
        return Column(code, title, OWN)
    return Column(code, title, STATE if one.jurisdiction else PRACTICE)


def columns_of(sight: Sight, found: Iterable[Row], modality: str) -> list[Column]:
    """Those of the rows of a page; with a modality, only what that asks."""
    every = [modality] if modality else list(load().modalities)
    clinics = {each.clinic.id: each.clinic for each in found if each.clinic}
    seen = {code for each in found for code in each.cells}
    asked = [asked_at(sight.frame, each, every) for each in clinics.values()]
    return [each for each in columns(sight.frame, asked) if each.code in seen]


def every_column(sight: Sight, clinic_id: UUID | None, modality: str) -> list[Column]:
    """Those of all clinics, for a file, whose first line comes before its rows. Clinics of one place ask the same: one
    of them stands for all."""
    every = [modality] if modality else list(load().modalities)
    mine = (each for each in sight.places.values() if clinic_id in (None, each.id))
    places = {each.jurisdiction: each for each in mine}
    return columns(sight.frame, [asked_at(sight.frame, each, every) for each in places.values()])


def grouped(found: Sequence[Column]) -> list[tuple[str, int]]:
    """Who asks, and for how many columns side by side."""
    names = [each.group for each in found]
    return [(group, names.count(group)) for group in GROUPS if group in names]


def in_force(found: Iterable[Row], code: str) -> tuple[int, int]:
    """How many of those of whom it is asked have it."""
    cells = [each.cells[code] for each in found if code in each.cells and each.cells[code].status != Status.NOT_ASKED]
    return sum(each.clears for each in cells), len(cells)


def gaps(found: Iterable[Row]) -> int:
    """How many cells stand in somebody's way."""
    return sum(not cell.clears for each in found for cell in each.cells.values())
