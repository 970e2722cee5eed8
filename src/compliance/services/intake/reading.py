"""The first step of an import: the file's rows into `import_rows`, in short transactions, each row with its person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_ids
from compliance.db.bulk import put
from compliance.db.queries.intake_rows import content_is_wanted
from compliance.db.records import ImportRowRow
from compliance.services import rows
from compliance.services.intake.clinics import Clinics
from compliance.services.intake.grouping import People
from compliance.services.intake.own_columns import own_columns
from compliance.services.task_runner import TaskFailed, Work
from compliance.sources import Head, RosterRow, Unreadable, read_roster
from compliance.store import EvidenceDamaged, EvidenceMissing, StoreUnavailable

BATCHES = 4  # of a few hundred rows each, in one transaction
FORGOTTEN = 5_000
NONE: list[object] = []  # one object for all rows, which is made ready for the database once
NOTHING: dict[str, object] = {}


async def read(work: Work) -> None:
    """Reads the whole file anew; the head and the number of rows stay in the task's result. Raises TaskFailed."""
    await _forget(work)
    people, clinics, count = People(), Clinics(), 0
    async with work.tools.database.read() as session:
        own = await own_columns(session, work.task.organization_id)
    try:
        async with (
            _file(work) as path,
            read_roster(path, declared_name=str(work.task.input["name"]), own=own) as reading,
        ):
            waiting: list[RosterRow] = []
            async for batch in reading.batches():
                waiting += batch
                if len(waiting) >= BATCHES * len(batch):
                    count = await _write(work, waiting, people, clinics, count)
                    waiting = []
            count = await _write(work, waiting, people, clinics, count)
            head = reading.head
    except Unreadable as problem:
        if problem.columns:  # for the page where somebody may say what they mean
            await work.keep(columns=[[each.header, each.field] for each in problem.columns])
        raise TaskFailed(str(problem)) from None
    if not count:
        raise TaskFailed("The file has headers but no rows. Choose the file again.")
    await _join(work, people)
    await work.keep(phase="judging", rows=count, people=people.count, places=clinics.as_kept(), **_about(head))
    await _tidy(work)


def _about(head: Head) -> dict[str, object]:
    columns = [[each.header, each.field] for each in head.columns]
    return {"kind": head.kind, "delimiter": head.delimiter, "columns": columns, "remarks": list(head.remarks)}


@asynccontextmanager
async def _file(work: Work) -> AsyncIterator[Path]:
    """The file's path: where a command left it, or a copy of what lies in the evidence store."""
    given = work.task.input.get("path")
    if given:
        path = Path(str(given))
        if not path.is_file():
            raise TaskFailed(f"The file {path} is not there any more. Start the import again.")
        yield path
        return
    try:
        content = await work.tools.store.get(str(work.task.input["sha256"]))
    except (EvidenceMissing, EvidenceDamaged):
        raise TaskFailed("The uploaded file is not there any more. Upload it again.") from None
    except StoreUnavailable as problem:
        raise TaskFailed(f"The uploaded file cannot be reached: {problem}") from None
    with TemporaryDirectory(prefix="compliance-roster-") as folder:
        path = Path(folder) / "roster"
        path.write_bytes(content)
        del content
        yield path


async def _forget(work: Work) -> None:
    """Takes away what an earlier try has read, a few thousand rows at a time."""
    at, mine = rows.table(ImportRowRow), _mine(work)
    while True:
        async with work.transaction(step="reading", done=0, total=None) as session:
            chunk = select(ImportRowRow.line).where(*mine).order_by(ImportRowRow.line).limit(FORGOTTEN)
            last = (await session.scalars(chunk)).all()
            if not last:
                return
            await session.execute(delete(at).where(*mine, at.c.line <= last[-1]))


def _mine(work: Work) -> tuple[ColumnElement[bool], ...]:
    task = work.task
    return (ImportRowRow.organization_id == task.organization_id, ImportRowRow.task_id == task.id)


async def _write(work: Work, batch: Sequence[RosterRow], people: People, clinics: Clinics, count: int) -> int:
    count += len(batch)
    if batch:
        ids = new_ids(work.tools.clock())
        values = [
            _values(id_, each, people.person_of(each.values), clinics) for id_, each in zip(ids, batch, strict=False)
        ]
        async with work.transaction(step="reading", done=count) as session:
            task = work.task
            await put(session, rows.table(ImportRowRow), values, organization_id=task.organization_id, task_id=task.id)
        work.tell("reading", count, None)
    return count


def _values(id_: UUID, row: RosterRow, person: int, clinics: Clinics) -> rows.Values:
    clinics.see(row.values, person, row.line)
    read: rows.Values = {"cells": row.cells, "values": row.values}
    if row.extras:
        read["extras"] = row.extras
    if row.details:
        read["details"] = row.details
    return {
        "id": id_,
        "line": row.line,
        "person": person,
        "read": read,
        "problems": [msgspec.structs.asdict(each) for each in row.problems] or NONE,
        "questions": NONE,
        "judged": NOTHING,
        "outcome": "",
        "applied_seq": None,
        "therapist_id": None,
    }


async def _join(work: Work, people: People) -> None:
    """Rows whose person turned out to be another one's."""
    at = rows.table(ImportRowRow)
    async with work.transaction() as session:
        for person, root in people.joined():
            await session.execute(update(at).where(*_mine(work), at.c.person == person).values(person=root))


async def _tidy(work: Work) -> None:
    """The rows are read: the file that was left for them is not needed any more."""
    sha256 = work.task.input.get("sha256")
    if sha256 and not work.task.input.get("path"):
        async with work.tools.database.read() as session:
            if not await _wanted(session, str(sha256), work.task.id):
                await work.tools.store.remove(str(sha256))


async def _wanted(session: AsyncSession, sha256: str, task_id: UUID) -> bool:
    """Whether the same content is kept as evidence, or another import still has to read it."""
    return await content_is_wanted(session, sha256, besides=task_id)
