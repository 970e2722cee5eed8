"""Whose file a row belongs to, so that a page about the row can ask whether the viewer may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import (
    AssignmentRow,
    CredentialRow,
    EvidenceLinkRow,
    LeaveRow,
    MergeRow,
    StandingRow,
    TermRow,
    VerificationRow,
    WaiverRow,
)

OF_CREDENTIALS: Final[dict[str, Any]] = {
    "terms": TermRow,
    "standings": StandingRow,
    "verifications": VerificationRow,
    "evidence-links": EvidenceLinkRow,
}
OF_THERAPISTS: Final[dict[str, Any]] = {"assignments": AssignmentRow, "leaves": LeaveRow, "waivers": WaiverRow}


@dataclass(frozen=True, slots=True)
class Whose:
    """A therapist or a clinic, and the credential in between if there is one. An assignment, a leave or a waiver has
    both: whose it is, and at which clinic (none: everywhere)."""

    therapist_id: UUID | None
    clinic_id: UUID | None = None
    credential_id: UUID | None = None


async def whose(session: AsyncSession, organization_id: UUID, kind: str, id_: UUID) -> Whose | None:
    """Of one row that is not void; kinds: credentials, merges and those of the two tables above."""
    if kind in OF_CREDENTIALS:
        return await _of_credential(session, organization_id, OF_CREDENTIALS[kind], id_)
    if kind == "credentials":
        columns: tuple[Any, ...] = (CredentialRow.therapist_id, CredentialRow.clinic_id, CredentialRow.id)
        return await _one(session, organization_id, CredentialRow, columns, id_)
    if kind == "merges":
        return await _one(session, organization_id, MergeRow, (MergeRow.kept_id,), id_)
    row = OF_THERAPISTS[kind]
    return await _one(session, organization_id, row, (row.therapist_id, row.clinic_id), id_)


async def _one(
    session: AsyncSession, organization_id: UUID, row: Any, columns: tuple[Any, ...], id_: UUID
) -> Whose | None:
    mine = (row.organization_id == organization_id, row.id == id_, row.voided_seq.is_(None))
    found = (await session.execute(select(*columns).where(*mine))).one_or_none()
    return Whose(*found) if found else None


async def _of_credential(session: AsyncSession, organization_id: UUID, row: Any, id_: UUID) -> Whose | None:
    held = CredentialRow
    query = (
        select(held.therapist_id, held.clinic_id, held.id)
        .join(row, and_(row.organization_id == held.organization_id, row.credential_id == held.id))
        .where(row.organization_id == organization_id, row.id == id_, row.voided_seq.is_(None))
    )
    found = (await session.execute(query)).one_or_none()
    return Whose(*found) if found else None
