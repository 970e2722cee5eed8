"""Calendars that people subscribe to, and the days that stand in them: when terms end, of whoever works here now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from compliance.db.queries.accounts import Membership, memberships_of
from compliance.db.records import (
    AssignmentRow,
    CalendarFeedRow,
    CapabilityRow,
    ClinicRow,
    CredentialRow,
    TermRow,
    TherapistRow,
)
from compliance.db.scope import Scope, narrow

CALENDAR: Final = "calendar"
BEFORE: Final = timedelta(days=90)
AHEAD: Final = timedelta(days=800)
MANY: Final = 5000
"""So many terms at most; the soonest come first."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar: of all that its person may see, of a clinic, or of a therapist."""

    id: UUID
    organization_id: UUID
    name: str
    person_id: UUID | None
    clinic_id: UUID | None
    therapist_id: UUID | None
    created_by: UUID
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ending:
    """A term that ends, which no later term follows."""

    term_id: UUID
    credential_id: UUID
    type: str
    jurisdiction: str | None
    number: str
    ends_on: date
    therapist_id: UUID
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """Whose it is."""
        return f"{self.first_name} {self.last_name}".strip()


_ROW: Final = CalendarFeedRow
_FEED: Final[tuple[Any, ...]] = (
    _ROW.id, _ROW.organization_id, _ROW.name, _ROW.person_id, _ROW.clinic_id, _ROW.therapist_id, _ROW.created_by,
    _ROW.created_at, _ROW.revoked_at,
)  # fmt: skip


async def feed_of(session: AsyncSession, digest: str) -> Feed | None:
    """The calendar of this token's hash, also one that was revoked."""
    power = CapabilityRow
    same = and_(_ROW.organization_id == power.organization_id, _ROW.id == power.subject_id)
    query = select(*_FEED).join(power, same).where(power.token_hash == digest, power.kind == CALENDAR)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    feed = Feed(*found)
    await narrow(session, Scope(feed.organization_id, feed.created_by))
    return feed


async def feeds(session: AsyncSession, organization_id: UUID, person_id: UUID | None = None) -> list[Feed]:
    """The calendars that work, of one person or of everybody, the latest first."""
    query = select(*_FEED).where(_ROW.organization_id == organization_id, _ROW.revoked_at.is_(None))
    if person_id is not None:
        query = query.where(_ROW.created_by == person_id)
    return [Feed(*row) for row in await session.execute(query.order_by(_ROW.id.desc()))]


async def reader_of(session: AsyncSession, feed: Feed, now: datetime) -> Membership | None:
    """The role of who made it, while they have one: what they may no longer see, their calendar does not show."""
    theirs = await memberships_of(session, feed.created_by, now=now)
    return next((each for each in theirs if each.organization_id == feed.organization_id), None)


async def endings(session: AsyncSession, feed: Feed, reader: Membership, today: date) -> list[Ending]:
    """The days of a calendar: last terms of people who work here, where its reader sees them."""
    term, held, later, person, record = TermRow, CredentialRow, aliased(TermRow), TherapistRow, aliased(TherapistRow)
    follows = select(later.id).where(
        later.organization_id == term.organization_id, later.credential_id == term.credential_id,
        later.voided_seq.is_(None), later.ends_on > term.ends_on,
    )  # fmt: skip
    mine = (term.organization_id == feed.organization_id, term.voided_seq.is_(None), held.voided_seq.is_(None))
    soon = (term.ends_on >= today - BEFORE, term.ends_on <= today + AHEAD)
    columns = (
        term.id, held.id, held.type, held.jurisdiction, held.number, term.ends_on, person.id, person.first_name,
        person.last_name,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(held, and_(held.organization_id == term.organization_id, held.id == term.credential_id))
        .join(record, and_(record.organization_id == held.organization_id, record.id == held.therapist_id))
        .join(person, and_(person.organization_id == record.organization_id, person.id == _kept(record)))
        .where(*mine, *soon, ~follows.exists(), *_whose(feed, reader, today, record))
        .order_by(term.ends_on, held.id)
        .limit(MANY)
    )
    return [Ending(*row) for row in await session.execute(query)]


def _kept(record: Any) -> ColumnElement[UUID]:
    """The record that stands for a person, where two were made one."""
    return func.coalesce(record.merged_into_id, record.id)


def _whose(feed: Feed, reader: Membership, today: date, record: Any) -> tuple[ColumnElement[bool], ...]:
    """Of people with an assignment from today on: at the feed's clinic, or at one that its reader sees."""
    person, job = TherapistRow, AssignmentRow
    clinics: Collection[UUID] = reader.clinic_ids
    if feed.clinic_id:
        clinics = {feed.clinic_id} if not clinics or feed.clinic_id in clinics else {UUID(int=0)}
    works = select(job.therapist_id).where(
        job.organization_id == feed.organization_id,
        job.voided_seq.is_(None),
        job.ends_on >= today,
        *((job.clinic_id.in_(clinics),) if clinics else ()),
    )
    chosen = [or_(person.id.in_(works), record.id.in_(works))]
    if feed.therapist_id:
        chosen.append(person.id == feed.therapist_id)
    if reader.role == "therapist":
        chosen.append(person.id == reader.therapist_id)
    return tuple(chosen)


async def open_to(session: AsyncSession, feed: Feed, today: date) -> bool:
    """Whether what it is about is still there: a clinic that is open, a therapist who works here."""
    if feed.clinic_id:
        place = ClinicRow
        mine = (place.organization_id == feed.organization_id, place.id == feed.clinic_id, place.voided_seq.is_(None))
        query = select(place.id).where(*mine, or_(place.closed_on.is_(None), place.closed_on >= today))
        return await session.scalar(query) is not None
    if feed.therapist_id:
        job = AssignmentRow
        record = TherapistRow
        family = select(record.id).where(
            record.organization_id == feed.organization_id,
            or_(record.id == feed.therapist_id, record.merged_into_id == feed.therapist_id),
        )
        theirs = (job.organization_id == feed.organization_id, job.therapist_id.in_(family))
        works = select(job.id).where(*theirs, job.voided_seq.is_(None), job.ends_on >= today).limit(1)
        return await session.scalar(works) is not None
    return True
