"""Whose courses a file speaks of: therapists by what a row can say of them, in a few statements for all rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import CredentialRow, TherapistRow

AT_ONCE = 500
Known = dict[Any, set[UUID]]
Key = TypeVar("Key", str, UUID)


@dataclass(frozen=True, slots=True)
class Owners:
    """Therapists by id, folded address, folded license number and folded name; merged records lead to the kept one."""

    ids: Known
    emails: Known
    numbers: Known
    names: Known


async def owners(
    session: AsyncSession,
    organization_id: UUID,
    *,
    emails: Collection[str] = (),
    numbers: Collection[str] = (),
    names: Collection[str] = (),
    ids: Collection[UUID] = (),
) -> Owners:
    """Those that are named; what nobody has is not in it."""
    who, held = TherapistRow, CredentialRow
    kept = who.merged_into_id.is_(None)
    return Owners(
        await _people(session, organization_id, who.id, ids),
        await _people(session, organization_id, who.folded_email, emails, kept),
        await _numbers(session, organization_id, held.folded_number, numbers),
        await _people(session, organization_id, who.folded_name, names, kept),
    )


async def _people(
    session: AsyncSession, organization_id: UUID, column: Any, keys: Collection[Key], *more: ColumnElement[bool]
) -> Known:
    found: Known = defaultdict(set)
    row = TherapistRow
    for some in _chunks(keys):
        query = select(column, row.id, row.merged_into_id).where(row.organization_id == organization_id, *more)
        for key, id_, merged in await session.execute(query.where(column.in_(some))):
            found[key].add(merged or id_)
    return found


async def _numbers(session: AsyncSession, organization_id: UUID, column: Any, keys: Collection[str]) -> Known:
    found: Known = defaultdict(set)
    held, who = CredentialRow, TherapistRow
    for some in _chunks(keys):
        query = (
            select(column, who.id, who.merged_into_id)
            .join(who, (who.organization_id == held.organization_id) & (who.id == held.therapist_id))
            .where(held.organization_id == organization_id, held.voided_seq.is_(None), column.in_(some))
        )
        for key, id_, merged in await session.execute(query):
            found[key].add(merged or id_)
    return found


def _chunks(keys: Collection[Key]) -> Iterator[list[Key]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
