"""Kept files: what hangs on a credential, and one file by its id, for whoever may see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import CredentialRow, EvidenceLinkRow, EvidenceRow


@dataclass(frozen=True, slots=True)
class Proof:
    """A file as it hangs on a credential. The original is never shown: the rendition is, once there is one."""

    link_id: UUID
    evidence_id: UUID
    credential_id: UUID
    therapist_id: UUID | None
    clinic_id: UUID | None
    term_id: UUID | None
    verification_id: UUID | None
    name: str
    kind: str
    media_type: str
    sha256: str
    size: int
    pages: int | None
    rendition_sha256: str | None
    rendition_media_type: str | None
    uploaded_by: str
    uploaded_at: datetime


_LINK, _FILE, _HELD = EvidenceLinkRow, EvidenceRow, CredentialRow
_COLUMNS: tuple[Any, ...] = (
    _LINK.id, _FILE.id, _LINK.credential_id, _HELD.therapist_id, _HELD.clinic_id, _LINK.term_id, _LINK.verification_id,
    _FILE.name, _FILE.kind, _FILE.media_type, _FILE.sha256, _FILE.size, _FILE.pages, _FILE.rendition_sha256,
    _FILE.rendition_media_type, _FILE.uploaded_by, _FILE.uploaded_at,
)  # fmt: skip
_QUERY: Select[Any] = (
    select(*_COLUMNS)
    .join(_FILE, (_FILE.organization_id == _LINK.organization_id) & (_FILE.id == _LINK.evidence_id))
    .join(_HELD, (_HELD.organization_id == _LINK.organization_id) & (_HELD.id == _LINK.credential_id))
    .where(_LINK.voided_seq.is_(None), _FILE.voided_seq.is_(None))
    .order_by(_LINK.recorded_seq)
)


async def proofs(session: AsyncSession, organization_id: UUID, credential_ids: Collection[UUID]) -> list[Proof]:
    """The files that hang on credentials, in the order in which they came."""
    mine = (_LINK.organization_id == organization_id, _LINK.credential_id.in_(credential_ids))
    return [Proof(*row) for row in await session.execute(_QUERY.where(*mine))]


async def proof(session: AsyncSession, organization_id: UUID, evidence_id: UUID) -> Proof | None:
    """One file by its id, as it hangs on its first credential."""
    mine = (_LINK.organization_id == organization_id, _LINK.evidence_id == evidence_id)
    found = (await session.execute(_QUERY.where(*mine).limit(1))).one_or_none()
    return Proof(*found) if found else None
