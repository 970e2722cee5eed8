"""Writes what was decided into `import_rows`: in bulk where there is nothing to tell but the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.tasks import Task
from compliance.db.records import ImportRowRow
from compliance.db.texts import among, pairs
from compliance.db.types import Id
from compliance.services import rows
from compliance.services.intake.lines import Line
from compliance.services.intake.plan import Plan

AT = rows.table(ImportRowRow)


async def write_verdicts(session: AsyncSession, task: Task, plans: Sequence[Plan]) -> None:
    """Outcome, problems, questions and changes of every line of these people, and who they are on file."""
    quiet: dict[str, list[int]] = {}
    told: list[dict[str, Any]] = []
    for plan in plans:
        for line in plan.lines:
            said = _told(line)
            if said["new_problems"] or said["new_questions"] or said["new_judged"]:
                told.append(said)
            else:
                quiet.setdefault(line.outcome, []).append(line.number)
    mine = _mine(task)
    for outcome, numbers in quiet.items():
        same = update(AT).where(*mine, among(AT.c.line, numbers))
        await session.execute(same.values(outcome=outcome, problems=[], questions=[], judged={}))
    if told:
        connection = await session.connection()
        each = update(AT).where(*mine, AT.c.line == bindparam("its_line"))
        columns = ("outcome", "problems", "questions", "judged")
        await connection.execute(each.values({name: bindparam(f"new_{name}") for name in columns}), told)
    await name_people(session, task, plans)


def _told(line: Line) -> dict[str, Any]:
    problems = [each._asdict() for each in line.problems]
    known = {(each.field, each.problem) for each in line.read}
    for each in problems:
        if (each["field"], each["problem"]) not in known:
            each["judged"] = True
    changes = [each._asdict() for each in line.changes if each.field]
    return {
        "its_line": line.number,
        "new_outcome": line.outcome,
        "new_problems": problems,
        "new_questions": [each._asdict() for each in line.questions],
        "new_judged": {"changes": changes} if changes else {},
    }


async def name_people(session: AsyncSession, task: Task, plans: Iterable[Plan], **columns: object) -> None:
    """Who on file the people of the file are, where that is known; `columns` of their rows are set with it.

    In one statement, for there may be hundreds.
    """
    known = {str(each.person): each.on_file.id.hex for each in plans if each.on_file}
    if known:
        given = pairs(known)
        read = select(cast(given.c.key, BigInteger).label("person"), cast(given.c.value, Id).label("therapist"))
        who = read.cte("who").prefix_with("MATERIALIZED")  # or SQLite would read the list again for every row
        connection = await session.connection()
        theirs = update(AT).where(*_mine(task), AT.c.person == who.c.person)
        await connection.execute(theirs.values(therapist_id=who.c.therapist, **columns))


async def mark_applied(session: AsyncSession, task: Task, plans: Sequence[Plan], seq: int) -> None:
    """These people are done: whoever goes on begins behind them."""
    await name_people(session, task, plans, applied_seq=seq)
    nobody = [each.person for each in plans if each.on_file is None]
    if nobody:
        await session.execute(update(AT).where(*_mine(task), AT.c.person.in_(nobody)).values(applied_seq=seq))
    refused = [plan for plan in plans if any(line.refused and not line.was_refused for line in plan.lines)]
    if refused:
        await write_verdicts(session, task, refused)


def _mine(task: Task) -> tuple[ColumnElement[bool], ...]:
    return (AT.c.organization_id == task.organization_id, AT.c.task_id == task.id)
