"""What an evidence packet asks beside the report: the files behind hashes, who holds credentials, and their courses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import CredentialRow, EvidenceRow, ReportRow, TaskRow, TherapistRow

_AT_ONCE = 1_000


class File(NamedTuple):
    """What is on record about a kept file."""

    media_type: str
    size: int


async def files(session: AsyncSession, organization_id: UUID, hashes: Collection[str]) -> dict[str, File]:
    """The files of these hashes."""
    row, found = EvidenceRow, {}
    for part in _parts(sorted(set(hashes))):
        mine = (row.organization_id == organization_id, row.sha256.in_(part))
        query = select(row.sha256, row.media_type, row.size).where(*mine)
        found.update({each[0]: File(each[1], each[2]) for each in await session.execute(query)})
    return found


async def holders(session: AsyncSession, organization_id: UUID, credential_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The therapist of each credential that a therapist holds, by the kept record of the person."""
    row, who, found = CredentialRow, TherapistRow, {}
    for part in _parts(sorted(set(credential_ids))):
        mine = (row.organization_id == organization_id, row.id.in_(part))
        query = select(row.id, who.id, who.merged_into_id).join(
            who, (who.organization_id == row.organization_id) & (who.id == row.therapist_id)
        )
        found.update({each[0]: each[2] or each[1] for each in await session.execute(query.where(*mine))})
    return found


def _parts(values: Sequence[UUID] | Sequence[str]) -> Iterator[Sequence[UUID] | Sequence[str]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


async def last_task(session: AsyncSession, organization_id: UUID, kind: str, report_id: UUID) -> UUID | None:
    """The latest task of a kind about a report."""
    row = TaskRow
    mine = (row.organization_id == organization_id, row.kind == kind)
    about = row.input["report_id"].as_string() == str(report_id)
    return await session.scalar(
        select(row.id).where(*mine, about).order_by(row.created_at.desc(), row.id.desc()).limit(1)
    )


async def organization_of_report(session: AsyncSession, report_id: UUID) -> UUID | None:
    """Whose report this is: for the command line, which is of no organization."""
    found: UUID | None = await session.scalar(select(ReportRow.organization_id).where(ReportRow.id == report_id))
    return found
