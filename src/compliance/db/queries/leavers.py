"""Who worked at a clinic until a short while ago, and who works there."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AssignmentRow, CredentialRow, TherapistRow


class Left(NamedTuple):
    """One who left, by their name of today."""

    therapist_id: UUID
    name: str
    last_day: date


async def left(session: AsyncSession, organization_id: UUID, clinic_id: UUID, since: date, before: date) -> list[Left]:
    """Whose last day there lies from `since` until before a day on which they do not work there; the latest first."""
    row, who = AssignmentRow, TherapistRow
    person = func.coalesce(who.merged_into_id, who.id).label("person")
    last = func.max(row.ends_on).label("last")
    query = (
        select(person, last)
        .join(who, (who.organization_id == row.organization_id) & (who.id == row.therapist_id))
        .where(row.organization_id == organization_id, row.clinic_id == clinic_id, row.voided_seq.is_(None))
        .where(who.voided_seq.is_(None), row.starts_on < before)
        .group_by(person)
        .having(last >= since, last < before)
    )
    found = {each.person: each.last for each in await session.execute(query)}
    mine = (who.organization_id == organization_id, who.id.in_(list(found)))
    names = select(who.id, who.first_name, who.last_name).where(*mine)
    people = [Left(id_, f"{first} {last}".strip(), found[id_]) for id_, first, last in await session.execute(names)]
    return sorted(people, key=lambda each: (-each.last_day.toordinal(), each.name.casefold()))


async def numbers(
    session: AsyncSession, organization_id: UUID, therapist_ids: list[UUID], types: frozenset[str]
) -> dict[UUID, tuple[str, ...]]:
    """The numbers of the licenses that these therapists hold, by therapist."""
    row = CredentialRow
    mine = (row.organization_id == organization_id, row.therapist_id.in_(therapist_ids), row.type.in_(sorted(types)))
    query = select(row.therapist_id, row.number).where(*mine, row.voided_seq.is_(None), row.number != "")
    found: dict[UUID, list[str]] = {}
    for id_, number in await session.execute(query.order_by(row.recorded_seq)):
        if id_:
            found.setdefault(id_, []).append(number)
    return {id_: tuple(dict.fromkeys(each)) for id_, each in found.items()}
