"""Who may be on file twice: the same address, name (with birth date), or license number; former names count too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from compliance.db.records import AssignmentRow, CredentialRow, TherapistNameRow, TherapistRow

MOST = 10


@dataclass(frozen=True, slots=True)
class Double:
    """Somebody on file who may be the same person; `sure` is 3 for an address, 2 with the birth date, 1 by name."""

    id: UUID
    name: str
    email: str | None
    birth_date: date | None
    sure: int

    @property
    def why(self) -> str:
        """In words."""
        return {3: "same e-mail address", 2: "same name and birth date"}.get(self.sure, "same name")


async def likely_doubles(
    session: AsyncSession,
    organization_id: UUID,
    *,
    folded_name: str,
    folded_email: str | None,
    birth_date: date | None,
    but: UUID | None = None,
    clinic_ids: frozenset[UUID] = frozenset(),
) -> list[Double]:
    """The likeliest first. Two people of one name with two birth dates are two people."""
    row, former = TherapistRow, TherapistNameRow
    hits: list[Any] = [
        select(row.id, literal(1).label("sure")).where(
            row.organization_id == organization_id, row.folded_name == folded_name
        ),
        select(former.therapist_id, literal(1)).where(
            former.organization_id == organization_id, former.folded_name == folded_name, former.voided_seq.is_(None)
        ),
    ]
    if folded_email:
        mine = (row.organization_id == organization_id, row.folded_email == folded_email)
        hits.append(select(row.id, literal(3)).where(*mine))
    found = union_all(*hits).subquery()
    query = (
        select(row.id, row.first_name, row.last_name, row.email, row.birth_date, found.c.sure)
        .join(found, found.c.id == row.id)
        .where(row.organization_id == organization_id, row.merged_into_id.is_(None))
        .limit(MOST * 3)
    )
    if but:
        query = query.where(row.id != but)
    if clinic_ids:
        query = query.where(_in_sight(organization_id, clinic_ids))
    best: dict[UUID, Double] = {}
    for id_, first, last, email, born, sure in await session.execute(query):
        level = _level(sure, born, birth_date)
        if level and (id_ not in best or best[id_].sure < level):
            best[id_] = Double(id_, f"{first} {last}".strip(), email, born, level)
    return sorted(best.values(), key=lambda each: -each.sure)[:MOST]


async def of_same_numbers(session: AsyncSession, organization_id: UUID, therapist_id: UUID) -> list[tuple[UUID, str]]:
    """Others who hold a credential of the same type, place and number: ids and names."""
    mine, other, person = CredentialRow, aliased(CredentialRow), TherapistRow
    same = and_(
        other.organization_id == mine.organization_id,
        other.folded_number == mine.folded_number,
        other.type == mine.type,
        func.coalesce(other.jurisdiction, "") == func.coalesce(mine.jurisdiction, ""),
    )
    query = (
        select(person.id, person.first_name, person.last_name)
        .join(other, and_(other.organization_id == person.organization_id, other.therapist_id == person.id))
        .join(mine, same)
        .where(person.organization_id == organization_id, person.id != therapist_id, person.merged_into_id.is_(None))
        .where(mine.organization_id == organization_id, mine.therapist_id == therapist_id, mine.folded_number != "")
        .where(mine.voided_seq.is_(None), other.voided_seq.is_(None))
        .limit(MOST)
    )
    return [(id_, f"{first} {last}".strip()) for id_, first, last in await session.execute(query)]


def _level(sure: int, born: date | None, birth_date: date | None) -> int:
    if sure == 3 or not (born and birth_date):
        return sure
    return 2 if born == birth_date else 0


def _in_sight(organization_id: UUID, clinic_ids: frozenset[UUID]) -> Any:
    row = AssignmentRow
    here = (row.organization_id == organization_id, row.therapist_id == TherapistRow.id, row.voided_seq.is_(None))
    return exists().where(*here, row.clinic_id.in_(clinic_ids))
