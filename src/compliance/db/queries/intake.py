"""What pages and commands read of an import: its state, its rows, its clinics, whom it does not name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import tasks
from compliance.db.records import AssignmentRow, ImportRowRow, TherapistRow

KIND = "import-roster"
OUTCOMES = ("created", "changed", "unchanged", "refused")
AT = ImportRowRow


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows and therapists an import creates, changes, leaves alone and refuses."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    questions: int = 0
    therapists_created: int = 0
    therapists_changed: int = 0
    therapists_unchanged: int = 0
    therapists_refused: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """A column of the file; `field` is "" for one that is kept as notes."""

    name: str
    field: str


@dataclass(frozen=True, slots=True)
class MissingClinic:
    """A clinic that the file names and nobody has recorded; `jurisdiction` is "" where it has to be asked."""

    name: str
    jurisdiction: str
    people: int
    create: bool
    time_zone: str
    zone_asked: bool


@dataclass(frozen=True, slots=True)
class Import:
    """An import of a roster."""

    id: UUID
    name: str
    state: str
    step: str
    done: int
    total: int | None
    problem: str
    started_by: str
    created_at: datetime
    updated_at: datetime
    options: dict[str, Any]
    counts: Counts
    headers: tuple[Header, ...]
    remarks: tuple[str, ...]
    clinics: tuple[MissingClinic, ...]
    absent: int
    applied: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with, or asked about, one field of a line; a question may have been answered."""

    line: int
    field: str
    value: str
    problem: str
    answer: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that changes; days are in words."""

    what: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of the file with what was decided about it."""

    line: int
    person: int
    name: str
    about: str
    outcome: str
    therapist_id: UUID | None
    problems: tuple[Problem, ...]
    questions: tuple[Problem, ...]
    changes: tuple[Change, ...]
    cells: tuple[str, ...]

    @property
    def asks(self) -> bool:
        """Whether a question of it waits for an answer."""
        return self.outcome != "refused" and any(not each.answer for each in self.questions)


async def import_of(session: AsyncSession, organization_id: UUID, import_id: UUID) -> Import | None:
    """One import, or None."""
    task = await tasks.task(session, organization_id, import_id)
    if task is None or task.kind != KIND:
        return None
    result: Any = task.result
    options = {
        key: task.input.get(key) for key in ("create_clinics", "clinic_jurisdictions", "leave_out_refused", "apply")
    }
    return Import(
        id=task.id,
        name=task.title,
        state=task.state,
        step=task.step,
        done=task.done,
        total=task.total if task.total is not None else result.get("rows"),
        problem=task.problem,
        started_by=task.started_by,
        created_at=task.created_at,
        updated_at=task.updated_at,
        options=options,
        counts=Counts(rows=result.get("rows", 0), **result.get("counts", {})),
        headers=tuple(Header(*each) for each in result.get("columns", [])),
        remarks=tuple(result.get("remarks", [])),
        clinics=tuple(MissingClinic(**each) for each in result.get("clinics", [])),
        absent=result.get("absent", 0),
        applied=result.get("phase") == "applied",
        undone=bool(result.get("undone")),
    )


def told(column: Any) -> ColumnElement[bool]:
    """Whether a list in JSON holds anything."""
    return cast(column, Text) != "[]"


def of_import(organization_id: UUID, import_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The rows of one import."""
    return (AT.organization_id == organization_id, AT.task_id == import_id)


async def import_rows(
    session: AsyncSession,
    organization_id: UUID,
    import_id: UUID,
    *,
    outcome: str | None = None,
    after_line: int = 0,
    before_line: int | None = None,
    limit: int = 50,
) -> list[ImportRow]:
    """Rows in the file's order behind a line, or the last ones before one; `outcome` is of OUTCOMES, or "questions"."""
    query = select(AT).where(*of_import(organization_id, import_id), *_of_outcome(outcome))
    if before_line is not None:
        found = await session.scalars(query.where(AT.line < before_line).order_by(AT.line.desc()).limit(limit))
        return [_row(each) for each in reversed(found.all())]
    found = await session.scalars(query.where(AT.line > after_line).order_by(AT.line).limit(limit))
    return [_row(each) for each in found]


def _of_outcome(outcome: str | None) -> list[ColumnElement[bool]]:
    if outcome == "questions":
        return [told(AT.questions)]
    return [AT.outcome == outcome] if outcome else []


async def rows_before(
    session: AsyncSession, organization_id: UUID, import_id: UUID, *, outcome: str | None, line: int
) -> int:
    """How many rows of this outcome stand before a line."""
    query = select(func.count()).select_from(AT).where(*of_import(organization_id, import_id), AT.line < line)
    return await session.scalar(query.where(*_of_outcome(outcome))) or 0


FIRST, LAST, TYPE, NUMBER, STATE, CLINIC = 0, 1, 10, 13, 11, 6
"""Places in the kept values, which are in the order of the roster's fields."""


def _row(row: ImportRowRow) -> ImportRow:
    kept: Any = row.read
    values = kept["values"]
    judged: Any = row.judged
    about = " ".join(values[each] for each in (TYPE, NUMBER, STATE) if values[each]) or values[CLINIC]
    return ImportRow(
        row.line,
        row.person or 0,
        f"{values[FIRST]} {values[LAST]}".strip(),
        about,
        row.outcome,
        row.therapist_id,
        tuple(_problem(row.line, each) for each in row.problems),
        tuple(_problem(row.line, each) for each in row.questions),
        tuple(Change(**each) for each in judged.get("changes", [])),
        tuple(kept["cells"]),
    )


def _problem(line: int, kept: dict[str, Any]) -> Problem:
    said = kept.get("answer", ""), kept.get("reason", "")
    return Problem(line, kept["field"], kept["value"], kept["problem"], *said)


def _absent(organization_id: UUID, import_id: UUID, today: date) -> tuple[ColumnElement[bool], ...]:
    """Therapists who work somewhere, or never did, and whom the file does not name."""
    named = select(AT.therapist_id).where(*of_import(organization_id, import_id), AT.therapist_id.is_not(None))
    mine = (AssignmentRow.organization_id == organization_id, AssignmentRow.voided_seq.is_(None))
    ever = select(AssignmentRow.therapist_id).where(*mine)
    now = ever.where(AssignmentRow.ends_on >= today)
    return (
        TherapistRow.organization_id == organization_id,
        TherapistRow.merged_into_id.is_(None),
        TherapistRow.id.not_in(named),
        or_(TherapistRow.id.in_(now), TherapistRow.id.not_in(ever)),
    )


async def count_absent(session: AsyncSession, organization_id: UUID, import_id: UUID, today: date) -> int:
    """How many are on file but not in the file."""
    query = select(func.count()).select_from(TherapistRow).where(*_absent(organization_id, import_id, today))
    return await session.scalar(query) or 0


async def absent_therapists(
    session: AsyncSession, organization_id: UUID, import_id: UUID, *, today: date, limit: int = 50
) -> list[tuple[UUID, str]]:
    """Who is on file but not in the file, by name: they are left untouched."""
    columns = (TherapistRow.id, TherapistRow.first_name, TherapistRow.last_name)
    query = select(*columns).where(*_absent(organization_id, import_id, today)).order_by(TherapistRow.folded_name)
    return [(id_, f"{first} {last}".strip()) for id_, first, last in await session.execute(query.limit(limit))]


async def outcome(session: AsyncSession, organization_id: UUID, import_id: UUID) -> dict[str, Any]:
    """What a script reads of an import; {} if there is none."""
    found = await import_of(session, organization_id, import_id)
    if found is None:
        return {}
    mine = of_import(organization_id, import_id)
    query = select(AT.line, AT.problems, AT.questions).where(*mine, or_(told(AT.problems), told(AT.questions)))
    found_rows = (await session.execute(query.order_by(AT.line))).all()
    names = Counts.__dataclass_fields__
    return {name: getattr(found.counts, name) for name in names if name != "questions"} | {
        "refused": [_as_told(line, each) for line, problems, _questions in found_rows for each in problems],
        "questions": [_as_told(line, each) for line, _problems, questions in found_rows for each in questions],
        "import": str(found.id),
        "file": found.name,
        "state": found.state,
        "problem": found.problem,
        "applied": found.applied,
        "absent": found.absent,
        "remarks": list(found.remarks),
        "clinics_missing": [
            {
                "name": each.name,
                "jurisdiction": each.jurisdiction or None,
                "time_zone": each.time_zone or None,
                "created": each.create and found.applied,
            }
            for each in found.clinics
        ],
    }


def _as_told(line: int, kept: dict[str, Any]) -> dict[str, Any]:
    return {"line": line, **{key: kept[key] for key in ("field", "value", "problem")}}
