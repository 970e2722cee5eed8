"""Answers to what an import asked: a fact that disagrees with the law stays as it is, or was corrected since.

A question changes nothing by itself, and neither does its answer: it says who decided, when and why, and closes the
line.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.intake import Import, import_of, of_import, told
from compliance.db.records import ImportRowRow, TaskRow
from compliance.services import rows, trail
from compliance.services.refusals import Problem, Unknown, need_reason, refuse
from compliance.services.trail import Act, Entry

MOST: Final = 5_000


class Given(StrEnum):
    """What somebody decided about a question."""

    KEPT = "kept"
    CORRECTED = "corrected"


async def answer_questions(
    session: AsyncSession,
    *,
    act: Act,
    import_id: UUID,
    answer: Given,
    reason: str,
    lines: Sequence[int] | None = None,
) -> int:
    """Answers the open questions of these lines of the file (None: of all); how many lines.

    Raises Unknown, and Refused without a reason, before the import is done, or where nothing is open.
    """
    need_reason(reason, "it stays as it is" if answer is Given.KEPT else "it is settled")
    await rows.take_turn(session, act)
    found = await _done(session, act, import_id)
    open_ = [row for row in await _asking(session, act, import_id, lines) if _is_open(row)]
    if not open_:
        raise refuse("line", "No question is open there.")
    said = {"answer": answer.value, "by": act.actor, "at": act.now.isoformat(), "reason": reason.strip()}
    await trail.record_all(session, act=act, entries=[_entry(found, row, answer, reason) for row in open_])
    for row in open_:
        row.questions = [each if "answer" in each else each | said for each in row.questions]
    await session.flush()
    await _count(session, act, import_id)
    return len(open_)


async def _done(session: AsyncSession, act: Act, import_id: UUID) -> Import:
    found = await import_of(session, act.organization_id, import_id)
    if found is None:
        raise Unknown(Problem("import_id", f"No import has the id {import_id}."))
    if not found.applied or found.undone:
        raise refuse("import_id", "Questions are answered once the import is done.")
    return found


async def _asking(
    session: AsyncSession, act: Act, import_id: UUID, lines: Sequence[int] | None
) -> Sequence[ImportRowRow]:
    mine = (*of_import(act.organization_id, import_id), told(ImportRowRow.questions))
    query = select(ImportRowRow).where(*mine).order_by(ImportRowRow.line).limit(MOST)
    if lines is not None:
        query = query.where(ImportRowRow.line.in_(lines))
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


def _is_open(row: ImportRowRow) -> bool:
    return row.outcome != "refused" and any("answer" not in each for each in row.questions)


def _entry(found: Import, row: ImportRowRow, answer: Given, reason: str) -> Entry:
    """The fields that were asked about, and what was decided."""
    fields = sorted({str(each["field"]) for each in row.questions if "answer" not in each})
    new = {"line": row.line, "fields": fields, "answer": answer.value, "file_name": found.name}
    return Entry("import.question_answered", f"import:{found.id}", row.therapist_id, new=new, why=reason)


async def _count(session: AsyncSession, act: Act, import_id: UUID) -> None:
    """The import remembers how many lines still ask: the list of what waits reads that."""
    left = sum(_is_open(row) for row in await _asking(session, act, import_id, None))
    mine = (TaskRow.organization_id == act.organization_id, TaskRow.id == import_id)
    result: Any = await session.scalar(select(TaskRow.result).where(*mine))
    await session.execute(
        update(TaskRow).where(*mine).values(result={**result, "open_questions": left}),
        execution_options={"synchronize_session": False},
    )
