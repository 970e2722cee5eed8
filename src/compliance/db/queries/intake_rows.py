"""What the import itself reads of its rows: whole people to judge or to apply, and how many of which outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.intake import AT, KIND, OUTCOMES, of_import, told
from compliance.db.records import EvidenceRow, TaskRow


class Read(msgspec.Struct):
    """What a row says in the fields' order, without its cells as they stand in the file."""

    values: list[str]
    extras: dict[str, str] = {}
    details: dict[str, str] = {}


as_read = msgspec.json.Decoder(Read).decode


async def read_people(
    session: AsyncSession, organization_id: UUID, import_id: UUID, after: int, most: int, *, to_apply: bool
) -> Sequence[Any]:
    """(line, person, read, problems) of whole people behind a number, at least `most` rows where so many are left.

    `read` is the text of its JSON: of what was read from a row only a part is needed (`Read`).
    `to_apply`: only people with something to create or change that was not carried out yet.
    """
    mine = of_import(organization_id, import_id)
    wanted = select(AT.person).where(*mine, AT.person > after)
    if to_apply:
        wanted = wanted.where(AT.outcome.in_(("created", "changed")), AT.applied_seq.is_(None))
    last = await session.scalar(wanted.order_by(AT.person).offset(most - 1).limit(1))
    if last is not None:
        wanted = wanted.where(AT.person <= last)
    query = select(AT.line, AT.person, cast(AT.read, Text), AT.problems).where(*mine, AT.person > after)
    if last is not None:
        query = query.where(AT.person <= last)
    if to_apply:
        query = query.where(AT.person.in_(wanted))
    return (await session.execute(query.order_by(AT.person, AT.line))).all()


async def count_rows(session: AsyncSession, organization_id: UUID, import_id: UUID) -> dict[str, int]:
    """Rows by outcome, and how many questions there are."""
    mine = of_import(organization_id, import_id)
    each = [func.count().filter(AT.outcome == outcome).label(outcome) for outcome in OUTCOMES]  # sorting takes memory
    found = (await session.execute(select(*each).where(*mine))).one()._asdict()
    asked = await session.scalars(select(AT.questions).where(*mine, told(AT.questions)))
    questions = sum(len(each) for each in asked)
    return found | {"questions": questions}


async def count_applied(session: AsyncSession, organization_id: UUID, import_id: UUID) -> int:
    """Rows that were carried out already."""
    query = select(func.count()).where(*of_import(organization_id, import_id), AT.applied_seq.is_not(None))
    return await session.scalar(query) or 0


async def count_to_apply(session: AsyncSession, organization_id: UUID, import_id: UUID) -> int:
    """Rows that create or change something."""
    query = select(func.count()).where(*of_import(organization_id, import_id), AT.outcome.in_(("created", "changed")))
    return await session.scalar(query) or 0


async def content_is_wanted(session: AsyncSession, sha256: str, *, besides: UUID) -> bool:
    """Whether these bytes are somebody's evidence, or another import still has to read them."""
    if await session.scalar(select(EvidenceRow.id).where(EvidenceRow.sha256 == sha256).limit(1)):
        return True
    unread = TaskRow.state.in_(("waiting", "running"))
    waiting = await session.scalars(select(TaskRow.input).where(TaskRow.kind == KIND, unread, TaskRow.id != besides))
    return any(each.get("sha256") == sha256 for each in waiting)
