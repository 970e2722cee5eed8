"""Who is signed in, who a person is, and in which organizations: the reads of accounts.

People and sessions are global, so these questions lead with a person or a token and not with an organization.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import (
    INSTALLATION,
    AssignmentRow,
    CapabilityRow,
    MembershipRow,
    OrganizationRow,
    PersonRow,
    SessionRow,
    TherapistRow,
    TrailEntryRow,
)
from compliance.db.scope import also_of, reaching

IDLE = timedelta(minutes=30)
"""A browser that asks for nothing this long is signed out."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's role in one organization. `clinic_ids` empty: all clinics. `ends_on`: an auditor's last day."""

    organization_id: UUID
    organization_name: str
    time_zone: str
    demonstration: bool
    role: str
    clinic_ids: frozenset[UUID]
    therapist_id: UUID | None
    ends_on: date | None
    demands_second_factor: bool = False

    def today(self, now: datetime) -> date:
        """The day in the organization's zone."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def holds(self, now: datetime) -> bool:
        """Whether its last day has not passed."""
        return self.ends_on is None or self.ends_on >= self.today(now)


@dataclass(frozen=True, slots=True)
class Proof:
    """How a browser was signed in: what was shown, whether that was two factors, when, and where it is.

    A new token for the same browser keeps it, `until` (the session's last instant) as well.
    """

    ways: tuple[str, ...] = ()
    strong: bool = False
    proven_at: datetime | None = None
    browser: str = ""
    network: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: a person in a session, and in which organization (none until one is chosen)."""

    person_id: UUID
    name: str
    email: str
    session_hash: str
    last_seen_at: datetime
    membership: Membership | None
    decisions_count: int = 0
    proof: Proof = Proof()

    @property
    def organization_id(self) -> UUID | None:
        """The organization of this session."""
        return self.membership.organization_id if self.membership else None

    @property
    def organization_name(self) -> str:
        """Its name, as the head of each page has it."""
        return self.membership.organization_name if self.membership else "Therapist compliance"

    @property
    def role(self) -> str:
        """owner, manager, reviewer, auditor or therapist; empty without an organization."""
        return self.membership.role if self.membership else ""

    @property
    def clinic_ids(self) -> frozenset[UUID]:
        """The clinics that a manager or reviewer is limited to; empty: all."""
        return self.membership.clinic_ids if self.membership else frozenset()

    def today(self, now: datetime) -> date:
        """The day in the organization's zone."""
        return self.membership.today(now) if self.membership else now.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class Person:
    """One sign-in."""

    id: UUID
    email: str
    name: str
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Capability:
    """What a link may do, and until when; `used_at` and `revoked_at` are none while it is good."""

    token_hash: str
    kind: str
    organization_id: UUID | None
    person_id: UUID | None
    subject_id: UUID | None
    expires_at: datetime
    address: str | None = None


async def viewer_of(session: AsyncSession, *, token_hash: str, now: datetime) -> Viewer | None:
    """Who this session token signs in at this instant, in one statement; none for one that ended in any way."""
    given = {"shown": token_hash, "now": now, "since": now - IDLE}
    found = (await session.execute(_viewing(), given)).one_or_none()
    if found is None:
        return None
    person_id, name, email, last_seen_at, until, ways, strong, proven_at, browser, place, *membership = found
    proof = Proof(ways or (), bool(strong), proven_at, browser or "", place or "", until)
    member = _membership(membership) if membership[0] is not None else None  # the outer joins
    if member is not None and not member.holds(now):
        member = None
    return Viewer(person_id, name or email, email, token_hash, last_seen_at, member, proof=proof)


@lru_cache
def _viewing() -> Any:
    """Built once, and of columns alone: it begins every request."""
    return (
        select(PersonRow.id, PersonRow.name, PersonRow.email, *_SESSION, *_MEMBERSHIP)
        .select_from(SessionRow)
        .join(PersonRow, PersonRow.id == SessionRow.person_id)
        .outerjoin(
            MembershipRow,
            and_(
                MembershipRow.organization_id == SessionRow.organization_id,
                MembershipRow.person_id == SessionRow.person_id,
                MembershipRow.ended_at.is_(None),
            ),
        )
        .outerjoin(OrganizationRow, OrganizationRow.id == MembershipRow.organization_id)
        .where(
            SessionRow.token_hash == bindparam("shown"),
            SessionRow.revoked_at.is_(None),
            SessionRow.expires_at > bindparam("now"),
            SessionRow.last_seen_at > bindparam("since"),
        )
    )


_SESSION: tuple[Any, ...] = (
    SessionRow.last_seen_at,
    SessionRow.expires_at,
    SessionRow.ways,
    SessionRow.strong,
    SessionRow.proven_at,
    SessionRow.browser,
    SessionRow.network,
)
_MEMBERSHIP: tuple[Any, ...] = (
    OrganizationRow.id,
    OrganizationRow.name,
    OrganizationRow.time_zone,
    OrganizationRow.demonstration,
    MembershipRow.role,
    MembershipRow.clinic_ids,
    MembershipRow.therapist_id,
    MembershipRow.ends_on,
    OrganizationRow.demands_second_factor,
)


def _membership(row: Sequence[Any]) -> Membership:
    id_, name, zone, demonstration, role, clinic_ids, therapist_id, ends_on, demands = row
    seen = frozenset(UUID(each) for each in clinic_ids)
    return Membership(id_, name, zone, demonstration, role, seen, therapist_id, ends_on, bool(demands))


async def memberships_of(session: AsyncSession, person_id: UUID, *, now: datetime) -> list[Membership]:
    """Where a person may go, by the organization's name."""
    query = (
        select(*_MEMBERSHIP)
        .select_from(MembershipRow)
        .join(OrganizationRow, OrganizationRow.id == MembershipRow.organization_id)
        .where(MembershipRow.person_id == person_id, MembershipRow.ended_at.is_(None))
        .order_by(OrganizationRow.folded_name)
    )
    async with reaching(session, also_of(session, person_id)):
        found = [_membership(row) for row in await session.execute(query)]
    return [each for each in found if each.holds(now)]


async def person_by_email(session: AsyncSession, email: str) -> Person | None:
    """The person who signs in with this address, however it is capitalized."""
    return await _person(session, PersonRow.folded_email == fold_email(email))


async def person_by_id(session: AsyncSession, person_id: UUID) -> Person | None:
    """The person of this id."""
    return await _person(session, PersonRow.id == person_id)


async def _person(session: AsyncSession, condition: ColumnElement[bool]) -> Person | None:
    columns = (PersonRow.id, PersonRow.email, PersonRow.name, PersonRow.password_hash)
    found = (await session.execute(select(*columns).where(condition))).one_or_none()
    return Person(*found) if found else None


async def address_is_proven(session: AsyncSession, person_id: UUID) -> bool:
    """Whether the person's password was set, or their invitation accepted, through a link in their mail, or by the
    operator, since they have this address, or the address was confirmed by such a link: anybody may type one."""
    row = TrailEntryRow
    mine = (row.organization_id == INSTALLATION, row.subject == f"person:{person_id}")
    by_mail = or_(row.actor.like("link:%"), row.actor.like("cli:%"))
    changed = row.action.in_(("person.added", "person.changed")), row.body.contains('"email":')  # names are hashed
    confirmed = and_(*changed, row.actor.like("link:%"))
    typed = select(func.max(row.seq)).where(*mine, *changed, row.actor.not_like("link:%"))
    entered = and_(row.action.in_(("password.set", "invitation.accepted")), by_mail)
    proven = select(func.max(row.seq)).where(*mine, or_(entered, confirmed))
    last = await session.scalar(typed)
    return last is None or (await session.scalar(proven) or 0) > last


def fold_email(email: str) -> str:
    """How two spellings of one address are told to be one."""
    return email.strip().casefold()


async def capability(session: AsyncSession, *, token_hash: str, kind: str, now: datetime) -> Capability | None:
    """The link of this kind, while it is neither used, revoked nor over."""
    query = select(CapabilityRow).where(
        CapabilityRow.token_hash == token_hash,
        CapabilityRow.kind == kind,
        CapabilityRow.used_at.is_(None),
        CapabilityRow.revoked_at.is_(None),
        CapabilityRow.expires_at > now,
    )
    row = await session.scalar(query)
    if row is None:
        return None
    return Capability(
        row.token_hash, row.kind, row.organization_id, row.person_id, row.subject_id, row.expires_at, row.address
    )


async def sees_therapist(
    session: AsyncSession, organization_id: UUID, therapist_id: UUID, *, clinic_ids: frozenset[UUID]
) -> bool:
    """Whether the therapist is of this organization and, for somebody limited to clinics, has worked in one of them."""
    mine = (TherapistRow.organization_id == organization_id, TherapistRow.id == therapist_id)
    query = select(TherapistRow.id).where(*mine)
    if clinic_ids:
        there = exists().where(
            AssignmentRow.organization_id == organization_id,
            AssignmentRow.therapist_id == TherapistRow.id,
            AssignmentRow.clinic_id.in_(clinic_ids),
            AssignmentRow.voided_seq.is_(None),
        )
        query = query.where(there)
    return await session.scalar(query) is not None


async def of_clinics(
    session: AsyncSession, organization_id: UUID, therapist_ids: Sequence[UUID], *, clinic_ids: frozenset[UUID]
) -> set[UUID]:
    """Which of these therapists have ever worked in one of the clinics."""
    row = AssignmentRow
    mine = (row.organization_id == organization_id, row.clinic_id.in_(clinic_ids), row.voided_seq.is_(None))
    return set(await session.scalars(select(row.therapist_id).where(*mine, row.therapist_id.in_(therapist_ids))))
