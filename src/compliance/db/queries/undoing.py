"""What an import did that undoing it may take back: by its places in the trail, and by who touched it since.

`Spans` are places in the organization's trail, from first to last, in which only the import (or its undo) wrote.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.trail import ERASED, unfolded, values_beside
from compliance.db.records import (
    AssignmentRow,
    ClinicRow,
    CredentialRow,
    MembershipRow,
    TherapistRow,
    TrailEntryRow,
)

Spans = Sequence[Sequence[int]]
MACHINERY: Final = ("reminder%", "message%", "refresh%")
"""Deeds of the machine that follow from what the import did; they touch nothing of their own."""


def within(column: Any, spans: Spans) -> ColumnElement[bool]:
    """Whether a place lies in one of the spans."""
    return or_(false(), *(column.between(first, last) for first, last in spans))


@dataclass(frozen=True, slots=True)
class Changed:
    """Facts of one subject as they were before the import, and as it left them."""

    subject_id: UUID
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)


async def added(session: AsyncSession, organization_id: UUID, action: str, spans: Spans) -> list[UUID]:
    """The subjects of entries of one kind in the spans."""
    entry = TrailEntryRow
    mine = (entry.organization_id == organization_id, within(entry.seq, spans), entry.action == action)
    subjects = await session.scalars(select(entry.subject).where(*mine).order_by(entry.seq))
    return [UUID(each.partition(":")[2]) for each in subjects]


def by_others(organization_id: UUID, therapist: Any, spans: Spans) -> ColumnElement[bool]:
    """Whether anybody else did anything to a therapist's file, or somebody signs in with it."""
    entry, member = TrailEntryRow, MembershipRow
    deed = exists().where(
        entry.organization_id == organization_id,
        entry.therapist_id == therapist,
        not_(within(entry.seq, spans)),
        *(entry.action.not_like(each) for each in MACHINERY),
    )
    signs_in = exists().where(member.organization_id == organization_id, member.therapist_id == therapist)
    return or_(deed, signs_in)


def made_here(organization_id: UUID, spans: Spans) -> tuple[ColumnElement[bool], ...]:
    """The therapists whom the spans added and who are still in the lists."""
    entry, who = TrailEntryRow, TherapistRow
    new = select(entry.therapist_id).where(
        entry.organization_id == organization_id, within(entry.seq, spans), entry.action == "therapist.added"
    )
    return (who.organization_id == organization_id, who.id.in_(new), who.merged_into_id.is_(None))


async def therapists_alone(
    session: AsyncSession, organization_id: UUID, spans: Spans, mine: Spans, limit: int
) -> list[UUID]:
    """Therapists whom only the import made, and nobody touched since. `mine`: the import's spans and its undo's."""
    who = TherapistRow
    untouched = not_(by_others(organization_id, who.id, mine))
    query = select(who.id).where(*made_here(organization_id, spans), untouched).order_by(who.id).limit(limit)
    return list(await session.scalars(query))


async def count_alone(session: AsyncSession, organization_id: UUID, spans: Spans, mine: Spans) -> tuple[int, int]:
    """How many of the therapists that the import made nobody touched since, and how many somebody did."""
    touched = by_others(organization_id, TherapistRow.id, mine)
    query = select(func.count()).select_from(TherapistRow).where(*made_here(organization_id, spans))
    some = await session.scalar(query.where(touched)) or 0
    return (await session.scalar(query) or 0) - some, some


async def therapists_touched(
    session: AsyncSession, organization_id: UUID, spans: Spans, mine: Spans, limit: int
) -> list[tuple[UUID, str]]:
    """Therapists whom the import made and others touched, by name."""
    who = TherapistRow
    query = select(who.id, who.first_name, who.last_name).where(*made_here(organization_id, spans))
    query = query.where(by_others(organization_id, who.id, mine)).order_by(who.folded_name).limit(limit)
    return [(id_, f"{first} {last}".strip()) for id_, first, last in await session.execute(query)]


async def clinics_made(
    session: AsyncSession, organization_id: UUID, spans: Spans, mine: Spans
) -> tuple[list[tuple[UUID, str]], list[tuple[UUID, str]]]:
    """The clinics that the import made: those that nobody else used, and those that somebody did."""
    ids = await added(session, organization_id, "clinic.added", spans)
    row = ClinicRow
    here = (row.organization_id == organization_id, row.id.in_(ids), row.voided_seq.is_(None))
    found = [(id_, name) for id_, name in await session.execute(select(row.id, row.name).where(*here))]
    used = await _used(session, organization_id, ids, mine)
    alone = sorted((each for each in found if each[0] not in used), key=lambda each: each[1])
    return alone, sorted((each for each in found if each[0] in used), key=lambda each: each[1])


async def _used(session: AsyncSession, organization_id: UUID, ids: Sequence[UUID], mine: Spans) -> set[UUID]:
    """Of these clinics, those about which anybody else recorded anything, or that somebody looks after."""
    work, held, member, entry = AssignmentRow, CredentialRow, MembershipRow, TrailEntryRow
    staffed = select(work.clinic_id).where(work.organization_id == organization_id, work.clinic_id.in_(ids))
    licensed = select(held.clinic_id).where(held.organization_id == organization_id, held.clinic_id.in_(ids))
    subjects = {f"clinic:{each}": each for each in ids}
    told = select(entry.subject).where(entry.organization_id == organization_id, entry.subject.in_(subjects))
    watched = select(member.clinic_ids).where(member.organization_id == organization_id)
    looked_after = {each for some in await session.scalars(watched) for each in some}
    return {
        *await session.scalars(staffed.where(not_(within(work.recorded_seq, mine)))),
        *(each for each in await session.scalars(licensed.where(not_(within(held.recorded_seq, mine)))) if each),
        *(subjects[each] for each in await session.scalars(told.where(not_(within(entry.seq, mine))))),
        *(each for each in ids if str(each) in looked_after),
    }


async def changed(session: AsyncSession, organization_id: UUID, action: str, spans: Spans) -> list[Changed]:
    """What entries of one kind in the spans changed, by subject, in the order of the first change."""
    entry = TrailEntryRow
    mine = (entry.organization_id == organization_id, within(entry.seq, spans), entry.action == action)
    rows = (await session.scalars(select(entry).where(*mine).order_by(entry.seq))).all()
    values = await values_beside(session, organization_id, [row.seq for row in rows])
    found: dict[UUID, Changed] = {}
    for row in rows:
        old, new, _why = unfolded(row.body, values[row.seq])
        subject = UUID(row.subject.partition(":")[2])
        both = found.setdefault(subject, Changed(subject))
        both.old.update({key: _whole(key, value) for key, value in old.items() if key not in both.old})
        both.new.update({key: _whole(key, value) for key, value in new.items()})
    return [each for each in found.values() if ERASED not in each.old.values()]


def _whole(key: str, value: Any) -> Any:
    return json.loads(value) if key == "details" and isinstance(value, str) and value.startswith("{") else value


async def assignments_replaced(session: AsyncSession, organization_id: UUID, spans: Spans) -> list[UUID]:
    """Assignments of others' making that the import ended or changed, and that nothing has taken the place of since."""
    row = AssignmentRow
    mine = (
        row.organization_id == organization_id,
        within(row.voided_seq, spans),
        not_(within(row.recorded_seq, spans)),
    )
    return list(await session.scalars(select(row.id).where(*mine).order_by(row.recorded_seq)))


async def count_rows(session: AsyncSession, organization_id: UUID, table: Any, spans: Spans) -> int:
    """How many rows of a table the spans recorded and that still hold."""
    mine = (table.organization_id == organization_id, within(table.recorded_seq, spans), table.voided_seq.is_(None))
    return await session.scalar(select(func.count()).select_from(table).where(*mine)) or 0


async def now_of(session: AsyncSession, organization_id: UUID, table: Any, ids: Collection[UUID]) -> dict[UUID, Any]:
    """The rows as they are now, by id."""
    found: dict[UUID, Any] = {}
    for some in _chunks(list(ids)):
        query = select(*table.__table__.columns).where(table.organization_id == organization_id, table.id.in_(some))
        found |= {each.id: each for each in await session.execute(query)}
    return found


def _chunks(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (ids[start : start + 5_000] for start in range(0, len(ids), 5_000))
