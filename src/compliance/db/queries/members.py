"""Who has or had a role in an organization, as its list of people shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.second_factors import can_enter
from compliance.db.records import AuthenticatorAppRow, MembershipRow, PasskeyRow, PersonRow


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the organization's list of people shows them."""

    person_id: UUID
    email: str
    name: str
    role: str
    clinic_ids: frozenset[UUID]
    ends_on: date | None
    has_way_in: bool
    joined_at: datetime
    left_at: datetime | None
    therapist_id: UUID | None = None
    has_second_factor: bool = False


async def members_of(session: AsyncSession, organization_id: UUID) -> list[Member]:
    """Everybody who has or had a role in the organization, by name and address."""
    query = (
        select(MembershipRow, PersonRow, can_enter(), _has_second_factor())
        .join(PersonRow, PersonRow.id == MembershipRow.person_id)
        .where(MembershipRow.organization_id == organization_id)
        .order_by(MembershipRow.ended_at.is_not(None), func.lower(PersonRow.name), PersonRow.folded_email)
    )
    return [_member(*row) for row in await session.execute(query)]


def _has_second_factor() -> ColumnElement[bool]:
    app = exists().where(AuthenticatorAppRow.person_id == PersonRow.id)
    return or_(app, exists().where(PasskeyRow.person_id == PersonRow.id))


def _member(membership: MembershipRow, person: PersonRow, has_way_in: bool, has_second_factor: bool) -> Member:
    return Member(
        person_id=person.id,
        email=person.email,
        name=person.name,
        role=membership.role,
        clinic_ids=frozenset(UUID(each) for each in membership.clinic_ids),
        ends_on=membership.ends_on,
        has_way_in=bool(has_way_in),
        joined_at=membership.created_at,
        left_at=membership.ended_at,
        therapist_id=membership.therapist_id,
        has_second_factor=bool(has_second_factor),
    )
