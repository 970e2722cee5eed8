"""How many people work at each clinic, at a price that does not grow with the largest of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.clearances import At, Count
from compliance.db.records import AssignmentRow, ClinicRow

MANY = 1_000
"""Counting people stops here, for each clinic."""


async def working_at(session: AsyncSession, organization_id: UUID, at: Sequence[At]) -> dict[UUID, Count]:
    """How many people work at each clinic on its day; the count of each stops at MANY."""
    found: dict[UUID, Count] = {}
    for here in at:
        people = _people(here.day).limit(MANY + 1).correlate(ClinicRow).subquery()
        counted = select(func.count()).select_from(people).scalar_subquery()
        query = select(ClinicRow.id, counted).where(ClinicRow.organization_id == organization_id, *_among(here))
        found |= {id_: Count(min(number, MANY), number > MANY) for id_, number in await session.execute(query)}
    return found


def _people(day: date) -> Select[UUID]:
    row = AssignmentRow
    here = (row.organization_id == ClinicRow.organization_id, row.clinic_id == ClinicRow.id, row.voided_seq.is_(None))
    return select(row.therapist_id).where(*here, row.ends_on >= day, row.starts_on <= day).distinct()


def _among(here: At) -> tuple[ColumnElement[bool], ...]:
    return () if here.clinic_ids is None else (ClinicRow.id.in_(here.clinic_ids),)
