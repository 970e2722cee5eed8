"""An address was corrected: what could not reach it is decided on again, and what waits goes to the right one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.due_terms import lock_chains
from compliance.db.records import DelegationRow, MembershipRow, ReminderRow
from compliance.db.scope import Scope, reaching
from compliance.domain.reminders import THERAPIST
from compliance.services import trail
from compliance.services.reminders.carrying import QUIETLY
from compliance.services.reminders.families import family
from compliance.services.reminders.situation import UNREACHABLE
from compliance.services.reminders.withdrawing import WAITING, decide_again, take_back
from compliance.services.trail import Act, Entry

MOVED: Final = "The address was changed before it was sent."


async def reopen(session: AsyncSession, *, act: Act, therapist_id: UUID) -> int:
    """The therapist's address was corrected: reminders that could not reach them are decided again, and so are those
    that wait to be sent, for the old address may be somebody else's; how many.
    """
    await lock_chains(session, [act.organization_id])
    persons = await family(session, act.organization_id, [therapist_id])
    mine = ReminderRow.therapist_id.in_(persons) & (ReminderRow.recipient == THERAPIST)
    opened = await _open_again(session, act, mine)
    if opened:
        entry = Entry("reminders.reopened", f"therapist:{therapist_id}", therapist_id, new={"count": opened})
        await trail.record(session, act=act, entry=entry)
    return opened


async def reopen_staff(session: AsyncSession, *, act: Act, person_id: UUID) -> int:
    """The same for somebody who manages or owns, in every organization where they do, and for those they stand in
    for; how many reminders. The act may be of any organization."""
    member = MembershipRow
    mine = (member.person_id == person_id, member.ended_at.is_(None))
    async with reaching(session, Scope(act.organization_id, person_id)):
        organizations = sorted(await session.scalars(select(member.organization_id).where(*mine)))
    for organization_id in organizations:  # all chains before any work, always in this order
        async with reaching(session, Scope(organization_id, person_id)):
            await lock_chains(session, [organization_id])
    return sum([await _reopen_staff(session, replace(act, organization_id=each), person_id) for each in organizations])


async def _reopen_staff(session: AsyncSession, act: Act, person_id: UUID) -> int:
    async with reaching(session, Scope(act.organization_id, person_id)):
        people = [person_id, *await _stood_in_for(session, act, person_id)]
        count = await _open_again(session, act, ReminderRow.recipient.in_(_keys(people)))
        if count:
            entry = Entry("reminders.reopened", f"person:{person_id}", new={"count": count})
            await trail.record(session, act=act, entry=entry)
    return count


async def change_readers(session: AsyncSession, *, act: Act, person_id: UUID, reason: str) -> int:
    """Somebody left, has another role, or is stood in for: what waits for them, and for those they stand in for, is
    taken back and goes to whoever is to be told now; how many reminders."""
    await lock_chains(session, [act.organization_id])
    people = [person_id, *await _stood_in_for(session, act, person_id)]
    note = ReminderRow
    mine = (note.organization_id == act.organization_id, note.recipient.in_(_keys(people)), note.state.in_(WAITING))
    columns = (note.id, note.subject_id, note.anchor, note.therapist_id)
    found = (await session.execute(select(*columns).where(*mine))).all()
    taken = await take_back(session, act, [row.id for row in found], reason)
    if taken:
        entry = Entry("reminders.withdrawn", f"person:{person_id}", new={"count": len(taken)}, why=reason)
        await trail.record(session, act=act, entry=entry)
    await decide_again(session, act, [row for row in found if row.id in taken])
    return len(taken)


async def _stood_in_for(session: AsyncSession, act: Act, person_id: UUID) -> list[UUID]:
    row, today = DelegationRow, act.effective.date()
    mine = (row.organization_id == act.organization_id, row.delegate_id == person_id, row.voided_seq.is_(None))
    spans = (row.starts_on <= today, row.ends_on >= today)
    return list(await session.scalars(select(row.person_id).where(*mine, *spans)))


def _keys(people: Iterable[UUID]) -> list[str]:
    return [f"{role}:{each}" for each in people for role in ("manager", "owner")]


async def _open_again(session: AsyncSession, act: Act, whose: ColumnElement[bool]) -> int:
    note = ReminderRow
    mine = (note.organization_id == act.organization_id, whose)
    waiting = list(await session.scalars(select(note.id).where(*mine, note.state == "queued")))
    stopped = await take_back(session, act, waiting, MOVED)
    unreached = or_(note.state == "failed", and_(note.state == "skipped", note.reason.in_(UNREACHABLE)))
    query = update(note).where(*mine, or_(unreached, note.id.in_(stopped)))
    columns = (note.subject_id, note.anchor, note.therapist_id)
    query = query.values(state="planned", reason="", settled_at=None).returning(*columns)
    opened: list[Any] = list((await session.execute(query, execution_options=QUIETLY)).all())
    await decide_again(session, act, opened)
    return len(opened)
