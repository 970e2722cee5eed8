"""Which terms and files have something to say soon: few columns, so that a whole month of a large organization is one
short read. What stands around them is read for one page alone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AssignmentRow, ClinicRow, CredentialRow, TermRow, TherapistRow


class Ahead(NamedTuple):
    """A term whose ladder speaks soon."""

    credential_id: UUID
    type: str
    jurisdiction: str | None
    ends_on: date
    next_rung_on: date


async def terms_ahead(
    session: AsyncSession, organization_id: UUID, until: date, *, clinic_ids: Collection[UUID] = (), limit: int
) -> list[Ahead]:
    """Terms with a rung up to a day, the soonest first; with clinics only of people who work or worked there, and what
    these clinics hold."""
    held, term = CredentialRow, TermRow
    same = (term.organization_id == held.organization_id) & (term.credential_id == held.id)
    query = (
        select(held.id, held.type, held.jurisdiction, term.ends_on, term.next_rung_on)
        .join(term, same)
        .where(term.organization_id == organization_id, term.next_rung_on.is_not(None), term.next_rung_on <= until)
        .where(term.voided_seq.is_(None), held.voided_seq.is_(None))
    )
    if clinic_ids:
        theirs = held.therapist_id.in_(_people_at(organization_id, clinic_ids))
        query = query.where(or_(theirs, held.clinic_id.in_(clinic_ids)))
    found = await session.execute(query.order_by(term.next_rung_on, term.id).limit(limit))
    return [Ahead._make(row) for row in found]


async def files_ahead(
    session: AsyncSession, organization_id: UUID, until: date, *, clinic_ids: Collection[UUID] = (), limit: int
) -> list[tuple[UUID, date]]:
    """Therapists whose file is looked at up to a day, with that day, the soonest first."""
    row = TherapistRow
    query = select(row.id, row.next_look_on).where(row.organization_id == organization_id, row.merged_into_id.is_(None))
    query = query.where(row.next_look_on.is_not(None), row.next_look_on <= until)
    if clinic_ids:
        query = query.where(row.id.in_(_people_at(organization_id, clinic_ids)))
    found = await session.execute(query.order_by(row.next_look_on, row.id).limit(limit))
    return [(id_, day) for id_, day in found if day is not None]


async def clinics_ahead(
    session: AsyncSession, organization_id: UUID, until: date, *, clinic_ids: Collection[UUID] = ()
) -> list[UUID]:
    """Clinics whose own file is looked at up to a day."""
    row = ClinicRow
    query = select(row.id).where(row.organization_id == organization_id, row.voided_seq.is_(None))
    query = query.where(row.next_look_on.is_not(None), row.next_look_on <= until)
    return list(await session.scalars(query.where(row.id.in_(clinic_ids)) if clinic_ids else query))


async def terms_ending(session: AsyncSession, organization_id: UUID, first: date, last: date) -> list[UUID]:
    """Credentials with a term that ends between two days."""
    mine = (TermRow.organization_id == organization_id, TermRow.voided_seq.is_(None))
    query = select(TermRow.credential_id).where(*mine, TermRow.ends_on.between(first, last))
    return list(await session.scalars(query.distinct()))


def _people_at(organization_id: UUID, clinic_ids: Collection[UUID]) -> ColumnElement[UUID]:
    row = AssignmentRow
    mine = (row.organization_id == organization_id, row.clinic_id.in_(clinic_ids), row.voided_seq.is_(None))
    return select(row.therapist_id).where(*mine)  # type: ignore[return-value]
