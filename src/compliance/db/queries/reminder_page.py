"""Whose reminders somebody may read who is limited to some clinics."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AssignmentRow, CredentialRow


async def holders_at(session: AsyncSession, organization_id: UUID, clinic_ids: Collection[UUID]) -> frozenset[UUID]:
    """Therapists who are or were assigned to these clinics."""
    row = AssignmentRow
    mine = (row.organization_id == organization_id, row.clinic_id.in_(clinic_ids), row.voided_seq.is_(None))
    return frozenset(await session.scalars(select(row.therapist_id).where(*mine).distinct()))


async def held_at(session: AsyncSession, organization_id: UUID, clinic_ids: Collection[UUID]) -> frozenset[UUID]:
    """Credentials that these clinics hold themselves."""
    row = CredentialRow
    mine = (row.organization_id == organization_id, row.clinic_id.in_(clinic_ids), row.voided_seq.is_(None))
    return frozenset(await session.scalars(select(row.id).where(*mine)))
