"""Certificates that reports were and are signed with: an organization's own, and the installation's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.certificates import Certificate, described
from compliance.db.records import SigningKeyRow


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One certificate; `sealed` is its private key under the installation's secret, where it is kept here."""

    id: UUID
    organization_id: UUID | None
    certificates: str
    sealed: bytes | None = field(repr=False)
    made_by: str
    created_at: datetime
    retired_at: datetime | None
    certificate: Certificate


async def in_use(session: AsyncSession, organization_id: UUID | None) -> list[SigningKey]:
    """What an organization signs with (None: the installation), the newest first."""
    row = SigningKeyRow
    return await _found(session, row.organization_id == organization_id, row.retired_at.is_(None))


async def every(session: AsyncSession, organization_id: UUID | None) -> list[SigningKey]:
    """All that an organization ever signed with (None: the installation), the newest first."""
    return await _found(session, SigningKeyRow.organization_id == organization_id)


async def by_fingerprint(session: AsyncSession, fingerprint: str) -> SigningKey | None:
    """A certificate of this installation or of one of its organizations."""
    return next(iter(await _found(session, SigningKeyRow.fingerprint == fingerprint)), None)


async def _found(session: AsyncSession, *which: ColumnElement[bool]) -> list[SigningKey]:
    query = select(SigningKeyRow).where(*which).order_by(SigningKeyRow.id.desc())
    return [_key(row) for row in await session.scalars(query)]


def _key(row: SigningKeyRow) -> SigningKey:
    return SigningKey(
        id=row.id,
        organization_id=row.organization_id,
        certificates=row.certificates,
        sealed=row.sealed,
        made_by=row.made_by,
        created_at=row.created_at,
        retired_at=row.retired_at,
        certificate=described(row.certificates.encode()),
    )
