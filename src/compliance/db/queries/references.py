"""What a REF on the command line may mean: an id, an e-mail address or an exact name, in any organization.

The operator's tool alone asks across organizations; everything that it finds names its organization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import ClinicRow, CredentialRow, OrganizationRow, TherapistRow
from compliance.domain.matching import fold, fold_email, fold_number

MOST = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that a REF may mean; `about` tells it from others of the same name."""

    id: UUID
    organization_id: UUID
    name: str
    about: str = ""


async def organizations(session: AsyncSession, ref: str | None) -> list[Candidate]:
    """Organizations of this id or name; None: all."""
    row = OrganizationRow
    query = select(row.id, row.name, row.demonstration).order_by(row.folded_name)
    if ref is not None:
        query = query.where(row.id == _id(ref) if _id(ref) else row.folded_name == fold(ref))
    found = await session.execute(query)
    return [Candidate(e.id, e.id, e.name, "demonstration" if e.demonstration else "") for e in found]


async def clinics(session: AsyncSession, ref: str | None, organization_id: UUID | None = None) -> list[Candidate]:
    """Clinics of this id or name; None: all."""
    row = ClinicRow
    which = true() if ref is None else row.id == _id(ref) if _id(ref) else row.folded_name == fold(ref)
    return await _of(session, row, row.name, which & row.voided_seq.is_(None), organization_id)


async def therapists(session: AsyncSession, ref: str | None, organization_id: UUID | None = None) -> list[Candidate]:
    """Therapists of this id, address or whole name; a record that was merged leads to the one that was kept."""
    row = TherapistRow
    which = None if ref is None else _therapist(ref)
    same = row.organization_id == OrganizationRow.id
    query = (
        select(row.id, row.merged_into_id, row.organization_id, row.first_name, row.last_name, row.email)
        .add_columns(OrganizationRow.name.label("organization"))
        .join(OrganizationRow, same)
        .order_by(row.folded_name, row.id)
        .limit(MOST)
    )
    if which is not None:
        query = query.where(which)
    if organization_id is not None:
        query = query.where(row.organization_id == organization_id)
    found = [
        Candidate(
            e.merged_into_id or e.id,
            e.organization_id,
            f"{e.first_name} {e.last_name}".strip(),
            f"{e.email or 'no e-mail address'}, {e.organization}",
        )
        for e in await session.execute(query)
    ]
    return list({each.id: each for each in found}.values())


def _therapist(ref: str) -> ColumnElement[bool]:
    row = TherapistRow
    if _id(ref):
        return row.id == _id(ref)
    if "@" in ref:
        return (row.folded_email == fold_email(ref)) & row.merged_into_id.is_(None)
    # Kept as "last first"; typed either way, with or without a comma, and any of the words may be the last name.
    words = fold(ref.replace(",", " ")).split(" ")
    turned = {" ".join((*words[at:], *words[:at])) for at in range(len(words))}
    named: ColumnElement[bool] = row.folded_name.in_(turned)
    if len(words) == 1 and not ref.isascii():  # names that are written without a space, family name first
        named |= func.replace(row.folded_name, " ", "") == words[0]
    return named & row.merged_into_id.is_(None)


async def credentials(session: AsyncSession, ref: str, organization_id: UUID | None = None) -> list[Candidate]:
    """Credentials of this id or number, whoever holds them."""
    row = CredentialRow
    which = row.id == _id(ref) if _id(ref) else row.folded_number == fold_number(ref)
    query = (
        select(row.id, row.organization_id, row.type, row.number, TherapistRow.first_name, TherapistRow.last_name)
        .outerjoin(
            TherapistRow,
            (TherapistRow.organization_id == row.organization_id) & (TherapistRow.id == row.therapist_id),
        )
        .where(which, row.voided_seq.is_(None))
        .order_by(row.id)
        .limit(MOST)
    )
    if organization_id is not None:
        query = query.where(row.organization_id == organization_id)
    return [
        Candidate(e.id, e.organization_id, f"{e.type} {e.number}".strip(), f"{e.first_name or ''} {e.last_name or ''}")
        for e in await session.execute(query)
    ]


async def _of(
    session: AsyncSession, row: Any, name: Any, which: ColumnElement[bool] | None, organization_id: UUID | None
) -> list[Candidate]:
    query = (
        select(row.id, row.organization_id, name.label("name"), OrganizationRow.name.label("organization"))
        .join(OrganizationRow, OrganizationRow.id == row.organization_id)
        .order_by(name, row.id)
        .limit(MOST)
    )
    if which is not None:
        query = query.where(which)
    if organization_id is not None:
        query = query.where(row.organization_id == organization_id)
    return [Candidate(e.id, e.organization_id, e.name, e.organization) for e in await session.execute(query)]


def _id(ref: str) -> UUID | None:
    try:
        return UUID(ref)
    except ValueError:
        return None
