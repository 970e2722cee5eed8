"""Therapists that somebody chose from a list, and what they hold: read for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AssignmentRow, CredentialRow, TermRow, TherapistRow, VerificationRow


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of them."""

    id: UUID
    name: str
    merged: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A credential of one of them (or of a record merged into theirs), with its terms as (id, first day, last day)."""

    id: UUID
    therapist_id: UUID
    type: str
    jurisdiction: str | None
    number: str
    terms: tuple[tuple[UUID, date, date], ...]


async def chosen(
    session: AsyncSession, organization_id: UUID, ids: Collection[UUID], *, clinic_ids: frozenset[UUID]
) -> list[Chosen]:
    """Those of this organization, by name; for somebody limited to clinics only who has worked in one of them."""
    who = TherapistRow
    query = select(who.id, who.first_name, who.last_name, who.merged_into_id)
    query = query.where(who.organization_id == organization_id, who.id.in_(ids), who.voided_seq.is_(None))
    if clinic_ids:
        there = (AssignmentRow.organization_id == organization_id, AssignmentRow.therapist_id == who.id)
        stays = exists().where(*there, AssignmentRow.clinic_id.in_(clinic_ids), AssignmentRow.voided_seq.is_(None))
        query = query.where(stays)
    rows = (await session.execute(query.order_by(who.folded_name, who.id))).all()
    return [Chosen(id_, f"{first} {last}".strip(), merged is not None) for id_, first, last, merged in rows]


async def held_by(session: AsyncSession, organization_id: UUID, ids: Collection[UUID]) -> list[Held]:
    """Every current credential of theirs."""
    whose = await _records(session, organization_id, ids)
    row = CredentialRow
    columns = (row.id, row.therapist_id, row.type, row.jurisdiction, row.number)
    mine = (row.organization_id == organization_id, row.therapist_id.in_(whose), row.voided_seq.is_(None))
    found = (await session.execute(select(*columns).where(*mine).order_by(row.type, row.jurisdiction, row.id))).all()
    terms = await _terms(session, organization_id, [each.id for each in found])
    return [
        Held(each.id, whose[each.therapist_id], each.type, each.jurisdiction, each.number, tuple(terms[each.id]))
        for each in found
        if each.therapist_id is not None
    ]


async def _records(session: AsyncSession, organization_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """Their own records and those merged into them -> whose they are now."""
    who = TherapistRow
    query = select(who.id, who.merged_into_id).where(
        who.organization_id == organization_id, who.merged_into_id.in_(ids)
    )
    merged = {id_: kept for id_, kept in (await session.execute(query)).all() if kept is not None}
    return {each: each for each in ids} | merged


async def _terms(
    session: AsyncSession, organization_id: UUID, credential_ids: Sequence[UUID]
) -> Mapping[UUID, list[tuple[UUID, date, date]]]:
    row = TermRow
    mine = (row.organization_id == organization_id, row.credential_id.in_(credential_ids), row.voided_seq.is_(None))
    query = select(row.credential_id, row.id, row.starts_on, row.ends_on).where(*mine).order_by(row.starts_on)
    found: dict[UUID, list[tuple[UUID, date, date]]] = defaultdict(list)
    for credential_id, id_, starts_on, ends_on in (await session.execute(query)).all():
        found[credential_id].append((id_, starts_on, ends_on))
    return found


async def looked_at(
    session: AsyncSession, organization_id: UUID, credential_ids: Collection[UUID], on: date, by: str
) -> frozenset[UUID]:
    """Of these credentials those at which this person looked on this day, as is on file."""
    row = VerificationRow
    mine = (row.organization_id == organization_id, row.credential_id.in_(credential_ids), row.voided_seq.is_(None))
    query = select(row.credential_id).where(*mine, row.verified_on == on, row.verified_by == by)
    return frozenset((await session.scalars(query)).all())


async def at_clinic(
    session: AsyncSession, organization_id: UUID, clinic_id: UUID, ids: Collection[UUID], starts_on: date
) -> Mapping[UUID, date]:
    """Of these therapists those who work at the clinic on that day or later -> their first day there."""
    row = AssignmentRow
    mine = (row.organization_id == organization_id, row.clinic_id == clinic_id, row.therapist_id.in_(ids))
    query = select(row.therapist_id, row.starts_on).where(*mine, row.voided_seq.is_(None), row.ends_on >= starts_on)
    return {each.therapist_id: each.starts_on for each in (await session.execute(query)).all()}
