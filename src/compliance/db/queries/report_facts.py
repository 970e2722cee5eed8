"""What an audit report reads beside the credential files: the trail's place at an instant, who worked where, what
people were called, what was sent, what was changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.files import merged_at
from compliance.db.queries.known import standing_at
from compliance.db.queries.trail import unfolded, values_beside
from compliance.db.records import (
    AssignmentRow,
    OutboxRow,
    TherapistAddressRow,
    TherapistNameRow,
    TrailEntryRow,
)
from compliance.domain.months import birthday_of

NAMED = 5_000
"""People whom a statement names one by one; for more it reads everybody's and leaves out afterwards."""


@dataclass(frozen=True, slots=True)
class Place:
    """An entry's place in the trail, and the hash that proves everything before it."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Span:
    """A name or an address from a day on."""

    starts_on: date
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that left."""

    at: datetime
    name: str
    address: str
    subject: str
    state: str
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the trail with its values put back in; what was erased says so."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    therapist_id: UUID | None
    old: dict[str, Any]
    new: dict[str, Any]
    why: str


async def place_at(session: AsyncSession, organization_id: UUID, instant: datetime) -> Place | None:
    """The last entry at or before an instant."""
    mine = (TrailEntryRow.organization_id == organization_id, TrailEntryRow.at <= instant)
    latest = (TrailEntryRow.at.desc(), TrailEntryRow.seq.desc())  # `at` never decreases, and has an index
    query = select(TrailEntryRow.seq, TrailEntryRow.hash).where(*mine).order_by(*latest).limit(1)
    found = (await session.execute(query)).one_or_none()
    return Place(found.seq, found.hash.hex()) if found else None


async def staff(
    session: AsyncSession,
    organization_id: UUID,
    clinic_id: UUID | None,
    first: date,
    last: date,
    known_seq: int,
    *,
    clinic_ids: Collection[UUID] = (),
    modalities: Collection[str] = (),
) -> list[UUID]:
    """Who was assigned on a day from first to last; merged records by the kept one.

    To a clinic, or to one of several (both empty: to any), with one of some modalities (empty: with any).
    """
    row = AssignmentRow
    overlaps = (row.starts_on <= last, row.ends_on >= first)
    query = select(row.therapist_id, row.modalities) if modalities else select(row.therapist_id).distinct()
    query = query.where(row.organization_id == organization_id, standing_at(row, known_seq), *overlaps)
    if clinic_id is not None or clinic_ids:
        query = query.where(row.clinic_id.in_({*clinic_ids, *([clinic_id] if clinic_id else [])}))
    merged = await merged_at(session, organization_id, known_seq)
    found = await session.execute(query)
    there = (each for each in found if not modalities or not set(modalities).isdisjoint(each.modalities))
    return sorted({merged.get(each.therapist_id, each.therapist_id) for each in there})


async def names(
    session: AsyncSession, organization_id: UUID, ids: Collection[UUID], known_seq: int
) -> dict[UUID, list[Span]]:
    """The names of therapists in the order of their days."""
    row = TherapistNameRow
    found = await _spans(session, row, (row.first_name, row.last_name), organization_id, ids, known_seq)
    return {id_: [Span(each[0], f"{each[1]} {each[2]}".strip()) for each in mine] for id_, mine in found.items()}


async def addresses(
    session: AsyncSession, organization_id: UUID, ids: Collection[UUID], known_seq: int
) -> dict[UUID, list[Span]]:
    """The e-mail addresses of therapists in the order of their days."""
    row = TherapistAddressRow
    found = await _spans(session, row, (row.email,), organization_id, ids, known_seq)
    return {id_: [Span(each[0], each[1]) for each in mine] for id_, mine in found.items()}


async def _spans(
    session: AsyncSession, row: Any, columns: Iterable[Any], organization_id: UUID, ids: Collection[UUID], seq: int
) -> dict[UUID, list[Any]]:
    mine = (row.organization_id == organization_id, row.therapist_id.in_(ids), standing_at(row, seq))
    query = select(row.starts_on, *columns, row.therapist_id).where(*mine).order_by(row.starts_on, row.recorded_seq)
    found: dict[UUID, list[Any]] = defaultdict(list)
    for each in await session.execute(query):
        found[each.therapist_id].append(each)
    return found


async def sent(
    session: AsyncSession, organization_id: UUID, ids: Collection[UUID] | None, since: datetime, until: datetime
) -> list[Sent]:
    """Messages about therapists (None: about all) that left or were given up, from one instant until before another."""
    left_at = func.coalesce(OutboxRow.sent_at, OutboxRow.created_at)
    to = (OutboxRow.recipient_name, OutboxRow.recipient_address)
    columns = (*to, OutboxRow.subject, OutboxRow.state, OutboxRow.reply)
    query = (
        select(OutboxRow.sent_at, OutboxRow.created_at, OutboxRow.therapist_id, *columns)
        .where(OutboxRow.organization_id == organization_id, OutboxRow.therapist_id.is_not(None))
        .where(OutboxRow.state.in_(("sent", "kept", "bounced", "dead")), left_at >= since, left_at < until)
        .order_by(left_at, OutboxRow.id)
    )
    if ids is not None and len(ids) <= NAMED:
        query = query.where(OutboxRow.therapist_id.in_(ids))
    rows = [row for row in await session.execute(query) if ids is None or row.therapist_id in ids]
    return [
        Sent(
            row.sent_at or row.created_at, row.recipient_name, row.recipient_address, row.subject, row.state, row.reply
        )
        for row in rows
    ]


async def changes(
    session: AsyncSession,
    organization_id: UUID,
    *,
    since: datetime,
    until: datetime,
    last_seq: int,
    therapist_ids: Collection[UUID] | None,
    clinic_ids: Collection[UUID],
) -> list[Change]:
    """Entries of the trail about these therapists, these clinics and the policies; None: about everything.

    Without those on reminders, which change nothing: what left stands under `sent`.
    """
    entry = TrailEntryRow
    when: tuple[ColumnElement[bool], ...] = (
        entry.at >= since,
        entry.at < until,
        entry.seq <= last_seq,
        entry.action.not_like("reminder.%"),
    )
    about = {f"clinic:{each}" for each in clinic_ids}
    if therapist_ids is not None and len(therapist_ids) <= NAMED:  # what the rest did need not come out
        policy = entry.subject.like("policy:%")
        when = (*when, or_(entry.therapist_id.in_(therapist_ids), entry.subject.in_(about), policy))
    found = await _entries(session, organization_id, *when)
    if therapist_ids is None:
        return found
    return [
        each
        for each in found
        if each.therapist_id in therapist_ids or each.subject in about or each.subject.startswith("policy:")
    ]


async def clinics_added_since(session: AsyncSession, organization_id: UUID, known_seq: int) -> set[UUID]:
    """The clinics that were not on record yet at a place in the trail."""
    entry = TrailEntryRow
    mine = (entry.organization_id == organization_id, entry.seq > known_seq, entry.action == "clinic.added")
    return {UUID(each.partition(":")[2]) for each in await session.scalars(select(entry.subject).where(*mine))}


async def _entries(session: AsyncSession, organization_id: UUID, *where: ColumnElement[bool]) -> list[Change]:
    mine = (TrailEntryRow.organization_id == organization_id, *where)
    rows = (
        await session.scalars(select(TrailEntryRow).where(*mine).order_by(TrailEntryRow.at, TrailEntryRow.seq))
    ).all()
    values = await values_beside(session, organization_id, [row.seq for row in rows])
    return [_change(row, values[row.seq]) for row in rows]


def _change(row: TrailEntryRow, beside: Mapping[str, str]) -> Change:
    place = (row.seq, row.at, row.actor, row.action, row.subject, row.therapist_id)
    old, new, why = unfolded(row.body, beside)
    return Change(*place, _without_year(old), _without_year(new), why)


def _without_year(facts: dict[str, Any]) -> dict[str, Any]:
    """No report tells the year in which somebody was born."""
    born = facts.get("birth_date")
    return facts | {"birth_date": birthday_of(born)} if isinstance(born, str) else facts
