"""What an exposure audit asks of the records, in sets: who is meant, and when they were cleared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import ClearancePeriodRow, CredentialRow, TherapistNameRow, TherapistRow
from compliance.domain.exposures import Period, Place

T = TypeVar("T")
_AT_ONCE = 400


async def called(
    session: AsyncSession, organization_id: UUID, names: Collection[str], emails: Collection[str], ids: Collection[UUID]
) -> list[tuple[str, UUID]]:
    """(folded name, address or id, therapist) of everybody who is or was called so; a merged record is the kept one."""
    who, name = TherapistRow, TherapistNameRow
    mine = (who.organization_id == organization_id, who.voided_seq.is_(None))
    columns = (who.id, who.merged_into_id)
    found: list[tuple[str, UUID]] = []
    for part in _parts(sorted(names)):
        now = select(who.folded_name, *columns).where(*mine, who.folded_name.in_(part))
        joined = (who.organization_id == name.organization_id) & (who.id == name.therapist_id)
        then = select(name.folded_name, *columns).join(who, joined).where(*mine, name.voided_seq.is_(None))
        found += await _pairs(session, now)
        found += await _pairs(session, then.where(name.organization_id == organization_id, name.folded_name.in_(part)))
    for part in _parts(sorted(emails)):
        found += await _pairs(session, select(who.folded_email, *columns).where(*mine, who.folded_email.in_(part)))
    for some in _parts(sorted(ids)):
        found += [
            (str(key), id_)
            for key, id_ in await _pairs(session, select(who.id, *columns).where(*mine, who.id.in_(some)))
        ]
    return found


async def _pairs(session: AsyncSession, query: Any) -> list[tuple[Any, UUID]]:
    return [(key, merged or id_) for key, id_, merged in await session.execute(query)]


async def numbered(session: AsyncSession, organization_id: UUID, numbers: Collection[str]) -> list[tuple[str, UUID]]:
    """(folded number, therapist) of every credential with one of these numbers."""
    row, who, found = CredentialRow, TherapistRow, []
    for part in _parts(sorted(numbers)):
        query = (
            select(row.folded_number, who.id, who.merged_into_id)
            .join(who, (who.organization_id == row.organization_id) & (who.id == row.therapist_id))
            .where(row.organization_id == organization_id, row.folded_number.in_(part), row.voided_seq.is_(None))
        )
        found += await _pairs(session, query)
    return found


async def stale_among(
    session: AsyncSession, organization_id: UUID, ids: Collection[UUID], fingerprint: str
) -> list[UUID]:
    """Those of these therapists whose stored verdicts were made from something older."""
    who, found = TherapistRow, []
    for part in _parts(sorted(ids)):
        mine = (who.organization_id == organization_id, or_(who.id.in_(part), who.merged_into_id.in_(part)))
        found += list(await session.scalars(select(who.id).where(*mine, who.coverage_fingerprint != fingerprint)))
    return found


async def periods(session: AsyncSession, organization_id: UUID, ids: Collection[UUID]) -> dict[Place, list[Period]]:
    """The stored verdicts of therapists by place, in the order of their days."""
    row, found = ClearancePeriodRow, defaultdict[Place, list[Period]](list)
    columns = (
        row.therapist_id, row.clinic_id, row.modality, row.starts_on, row.ends_on, row.cleared, row.status,
        row.requirement,
    )  # fmt: skip
    connection = await session.connection()
    for part in _parts(sorted(ids)):
        mine = (row.organization_id == organization_id, row.therapist_id.in_(part))
        for each in await connection.execute(select(*columns).where(*mine).order_by(row.starts_on)):
            found[each[0], each[1], each[2]].append(Period(*each[3:]))
    return dict(found)


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
