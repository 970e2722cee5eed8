"""Therapists as a page shows them: one with names, addresses, assignments, leaves and merges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import (
    AssignmentRow,
    ClinicRow,
    LeaveRow,
    MergeRow,
    TherapistAddressRow,
    TherapistNameRow,
    TherapistRow,
    WaiverRow,
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name from a day on (date.min: nobody knows since when), with the reason why it changed."""

    first_name: str
    last_name: str
    starts_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address from a day on; empty: none from that day on."""

    email: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class Assigned:
    """An assignment with its clinic's name."""

    id: UUID
    clinic_id: UUID
    clinic: str
    jurisdiction: str
    time_zone: str
    modalities: tuple[str, ...]
    starts_on: date
    ends_on: date
    end_reason: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A leave; without a clinic everywhere."""

    id: UUID
    clinic_id: UUID | None
    starts_on: date
    ends_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Excepted:
    """A waiver on record."""

    id: UUID
    clinic_id: UUID | None
    requirement: str
    starts_on: date
    ends_on: date
    reason: str
    granted_by: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A record that was merged into this one; `merge_id` parts them."""

    merge_id: UUID
    therapist_id: UUID
    first_name: str
    last_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Therapist:
    """One person's file but for the credentials (`queries.credentials.of_therapist`)."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    phone: str
    npi: str | None
    birth_date: date | None
    notes: str
    merged_into_id: UUID | None
    void_reason: str | None
    legal_hold: bool
    created_at: datetime
    coverage_fingerprint: str
    names: tuple[Name, ...]
    addresses: tuple[Address, ...]
    assignments: tuple[Assigned, ...]
    leaves: tuple[Absence, ...]
    waivers: tuple[Excepted, ...]
    merged: tuple[Merged, ...]

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    def former_names(self) -> tuple[str, ...]:
        """The names held before, newest first."""
        return tuple(f"{each.first_name} {each.last_name}".strip() for each in reversed(self.names[:-1]))


_ROW = TherapistRow
_PERSON: tuple[Any, ...] = (
    _ROW.id, _ROW.first_name, _ROW.last_name, _ROW.email, _ROW.phone, _ROW.npi, _ROW.birth_date, _ROW.notes,
    _ROW.merged_into_id, _ROW.void_reason, _ROW.legal_hold, _ROW.created_at, _ROW.coverage_fingerprint,
)  # fmt: skip


async def therapist(session: AsyncSession, organization_id: UUID, therapist_id: UUID) -> Therapist | None:
    """The person of this id, with what belongs to the records merged into this one."""
    mine = (_ROW.organization_id == organization_id, _ROW.id == therapist_id)
    found = (await session.execute(select(*_PERSON).where(*mine))).one_or_none()
    if found is None:
        return None
    merged = await _merged(session, organization_id, therapist_id)
    ids = [therapist_id, *(each.therapist_id for each in merged)]
    return Therapist(
        **found._mapping,
        names=await _names(session, organization_id, therapist_id),
        addresses=await _addresses(session, organization_id, therapist_id),
        assignments=await _assignments(session, organization_id, ids),
        leaves=await _leaves(session, organization_id, ids),
        waivers=await _waivers(session, organization_id, ids),
        merged=merged,
    )


def _of(row: Any, organization_id: UUID, ids: Sequence[UUID]) -> tuple[ColumnElement[bool], ...]:
    return (row.organization_id == organization_id, row.therapist_id.in_(ids), row.voided_seq.is_(None))


async def _rows(session: AsyncSession, query: Any) -> Sequence[Any]:
    found: Sequence[Any] = (await session.execute(query)).all()
    return found


async def _names(session: AsyncSession, organization_id: UUID, id_: UUID) -> tuple[Name, ...]:
    row = TherapistNameRow
    query = select(row.first_name, row.last_name, row.starts_on, row.reason).where(*_of(row, organization_id, [id_]))
    return tuple(Name(*each) for each in await _rows(session, query.order_by(row.starts_on, row.recorded_seq)))


async def _addresses(session: AsyncSession, organization_id: UUID, id_: UUID) -> tuple[Address, ...]:
    row = TherapistAddressRow
    query = select(row.email, row.starts_on).where(*_of(row, organization_id, [id_])).order_by(row.recorded_seq)
    return tuple(Address(*each) for each in await _rows(session, query))


async def _assignments(session: AsyncSession, organization_id: UUID, ids: Sequence[UUID]) -> tuple[Assigned, ...]:
    row, clinic = AssignmentRow, ClinicRow
    place: tuple[Any, ...] = (row.clinic_id, clinic.name, clinic.jurisdiction, clinic.time_zone)
    query = (
        select(row.id, *place, row.modalities, row.starts_on, row.ends_on, row.end_reason)
        .join(clinic, and_(clinic.organization_id == row.organization_id, clinic.id == row.clinic_id))
        .where(*_of(row, organization_id, ids))
        .order_by(row.starts_on, row.recorded_seq)
    )
    return tuple(Assigned(*each) for each in await _rows(session, query))


async def _leaves(session: AsyncSession, organization_id: UUID, ids: Sequence[UUID]) -> tuple[Absence, ...]:
    row = LeaveRow
    query = select(row.id, row.clinic_id, row.starts_on, row.ends_on, row.reason).order_by(row.starts_on)
    return tuple(Absence(*each) for each in await _rows(session, query.where(*_of(row, organization_id, ids))))


async def _waivers(session: AsyncSession, organization_id: UUID, ids: Sequence[UUID]) -> tuple[Excepted, ...]:
    row = WaiverRow
    said = (row.requirement, row.starts_on, row.ends_on, row.reason, row.granted_by)
    query = select(row.id, row.clinic_id, *said).where(*_of(row, organization_id, ids)).order_by(row.starts_on)
    return tuple(Excepted(*each) for each in await _rows(session, query))


async def _merged(session: AsyncSession, organization_id: UUID, therapist_id: UUID) -> tuple[Merged, ...]:
    row = MergeRow
    query = (
        select(row.id, row.merged_id, _ROW.first_name, _ROW.last_name, row.reason)
        .join(_ROW, and_(_ROW.organization_id == row.organization_id, _ROW.id == row.merged_id))
        .where(row.organization_id == organization_id, row.voided_seq.is_(None))
        .where(_ROW.merged_into_id == therapist_id)
        .order_by(row.recorded_seq)
    )
    return tuple(Merged(*each) for each in await _rows(session, query))
