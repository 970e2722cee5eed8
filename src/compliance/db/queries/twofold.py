"""People who work under two records that were merged: whoever counts by the rows of their work counts them twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AssignmentRow, TherapistRow


class Twofold(NamedTuple):
    """Work at a clinic under a record, and the record that is kept of that person."""

    clinic_id: UUID
    therapist_id: UUID
    kept_id: UUID


async def twofold(session: AsyncSession, organization_id: UUID, *when: ColumnElement[bool]) -> list[Twofold]:
    """The assignments, as `when` limits them, of everybody of whom there is a merged record. Few: merges are rare."""
    work, who = AssignmentRow, TherapistRow
    merged = (who.organization_id == organization_id, who.merged_into_id.is_not(None))
    family = select(who.id).where(*merged).union(select(who.merged_into_id).where(*merged))
    query: Any = (
        select(work.clinic_id, work.therapist_id, func.coalesce(who.merged_into_id, who.id))
        .join(who, (who.organization_id == work.organization_id) & (who.id == work.therapist_id))
        .where(work.organization_id == organization_id, work.voided_seq.is_(None), work.therapist_id.in_(family), *when)
    )
    return [Twofold(*row) for row in await session.execute(query)]


def too_many(found: Iterable[Twofold]) -> int:
    """How many people too many a count of records has."""
    rows = list(found)
    return len({each.therapist_id for each in rows}) - len({each.kept_id for each in rows})
