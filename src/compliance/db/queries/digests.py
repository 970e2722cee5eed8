"""Who reads a weekly digest, when, and of which clinics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import ClinicRow, DigestRow, MembershipRow, OrganizationRow, PersonRow
from compliance.domain.digests import AT_SEVEN, MONDAY


@dataclass(frozen=True, slots=True)
class Wish:
    """When a person wants the digest; this is what holds where nobody has said anything."""

    weekday: int = MONDAY
    hour: int = AT_SEVEN
    wanted: bool = True
    when_empty: bool = True
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """A manager or owner. `clinics` are those they are limited to, none for all; `zone` is where they read; `since`
    there has been something to tell them: the organization is live, and they are in it."""

    organization_id: UUID
    person_id: UUID
    name: str
    email: str
    clinics: tuple[UUID, ...]
    zone: str
    since: datetime
    wish: Wish


_WISH = (DigestRow.weekday, DigestRow.hour, DigestRow.wanted, DigestRow.when_empty, DigestRow.last_on)


async def wish_of(session: AsyncSession, organization_id: UUID, person_id: UUID) -> Wish:
    """What a person has said, or what holds without."""
    mine = (DigestRow.organization_id == organization_id, DigestRow.person_id == person_id)
    found = (await session.execute(select(*_WISH).where(*mine))).one_or_none()
    return Wish(*found) if found else Wish()


async def readers(session: AsyncSession, today: date) -> list[Reader]:
    """Every manager and owner, in organizations that have gone live, who has not said that they want none."""
    member, own = MembershipRow, OrganizationRow
    wish = and_(DigestRow.organization_id == member.organization_id, DigestRow.person_id == member.person_id)
    query = (
        select(own.id, PersonRow.id, PersonRow.name, PersonRow.email, member.clinic_ids, own.time_zone)
        .add_columns(own.reminders_started_at, member.created_at, *_WISH)
        .join(own, own.id == member.organization_id)
        .join(PersonRow, PersonRow.id == member.person_id)
        .outerjoin(DigestRow, wish)
        .where(own.reminders_started_at.is_not(None), member.role.in_(("manager", "owner")))
        .where(member.ended_at.is_(None), or_(member.ends_on.is_(None), member.ends_on >= today))
        .where(or_(DigestRow.wanted.is_(None), DigestRow.wanted.is_(True)))
        .order_by(own.id, PersonRow.id)
    )
    found = (await session.execute(query)).all()
    zones = await _zones(session, {UUID(str(each)) for row in found for each in row[4] or ()})
    return [_reader(tuple(row), zones) for row in found]


async def _zones(session: AsyncSession, clinic_ids: set[UUID]) -> dict[UUID, str]:
    if not clinic_ids:
        return {}
    rows = await session.execute(select(ClinicRow.id, ClinicRow.time_zone).where(ClinicRow.id.in_(clinic_ids)))
    return {each.id: each.time_zone for each in rows}


def _reader(row: tuple[Any, ...], zones: dict[UUID, str]) -> Reader:
    organization_id, person_id, name, email, limited, zone, live, joined, weekday, *wish = row
    clinics = tuple(sorted(UUID(str(each)) for each in limited or ()))
    own = next((zones[each] for each in clinics if each in zones), zone)
    said = Wish(weekday, *wish) if weekday is not None else Wish()
    return Reader(organization_id, person_id, name or email, email, clinics, own, max(live, joined), said)
