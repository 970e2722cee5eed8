"""What an organization sets about its reminders: ladders of its own, who stands in for whom, hours and days.

Whatever is set holds from the planner's next round on. What waits to be sent by an earlier ladder is taken back, and
goes out again, under the same name, if the new one has the same step.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.crypto.ids import new_id
from compliance.db.records import (
    ClinicRow,
    CredentialRow,
    DelegationRow,
    LadderRow,
    MembershipRow,
    ReminderRow,
    TherapistRow,
)
from compliance.domain.credential_types import Ladder
from compliance.domain.periods import FOREVER
from compliance.domain.release import Calendar
from compliance.services import organizations, rows, trail
from compliance.services.refusals import Checks, need_reason, refuse
from compliance.services.reminders.reopening import change_readers
from compliance.services.reminders.schedule import look_soon, look_soon_at_clinics, schedule_terms
from compliance.services.reminders.withdrawing import WAITING, take_back
from compliance.services.trail import Act, Entry

EARLIEST: Final = 730
LATEST: Final = -365
MOST: Final = 24
"""Steps of one ladder for one recipient."""

CHANGED: Final = "The ladder was changed before it was sent."


def days_of(text: str) -> tuple[int, ...]:
    """`90, 30, 0, -7` as days before the end, the earliest first. Raises ValueError with a sentence."""
    words = text.replace(";", ",").replace("−", "-").split(",") if "," in text or ";" in text else text.split()
    found: set[int] = set()
    for word in filter(None, (each.strip() for each in words)):
        try:
            found.add(int(word))
        except ValueError:
            raise ValueError(f"{word!r} is no number of days. Write days before the end, as 90, 30, 0, -7.") from None
    _check(found)
    return tuple(sorted(found, reverse=True))


def _check(days: Iterable[int]) -> None:
    every = list(days)
    odd = next((each for each in every if not LATEST <= each <= EARLIEST), None)
    if odd is not None:
        raise ValueError(
            f"{odd} is too far away: from {EARLIEST} days before the end to {-LATEST} after it (-{-LATEST})."
        )
    if len(every) > MOST:
        raise ValueError(f"A ladder has at most {MOST} steps for each recipient.")


async def set_ladder(
    session: AsyncSession,
    *,
    act: Act,
    ladder: Ladder,
    reason: str,
    type: str = "",
    credential_id: UUID | None = None,
) -> UUID:
    """A ladder for one credential, for a type, or ("") for every type that ends; its id. It takes the place of the one
    that was set for the same before. Raises Refused without a reason, and for days nobody can count."""
    await rows.take_turn(session, act)
    checks = Checks()
    for who in ("therapist", "manager", "owner"):
        checks.refuse(who, _problem(getattr(ladder, who)))
    checks.refuse("type", None if not type or type in catalog.load().types else f"{type!r} is no type of credential.")
    checks.refuse("reason", None if reason.strip() else "Say why the ladder is another one here.")
    checks.done()
    if credential_id is not None:
        await rows.load_current(session, act, CredentialRow, [credential_id], "credential")
    earlier = await _same(session, act, "" if credential_id else type, credential_id)
    id_ = new_id(act.now)
    kept = {who: list(getattr(ladder, who)) for who in ("therapist", "manager", "owner")}
    facts: rows.Values = {"credential_id": credential_id, "type": "" if credential_id else type, "ladder": kept}
    old: rows.Values = {"ladder": earlier.ladder} if earlier else {}
    subject = f"credential:{credential_id}" if credential_id else f"ladder:{id_}"
    seq = await trail.record(session, act=act, entry=Entry("ladder.set", subject, None, old, facts, reason.strip()))
    if earlier:
        await rows.void(session, act, LadderRow, {earlier.id: seq}, "another one was set")
    row = facts | {
        "id": id_,
        "recorded_seq": seq,
        "reason": reason.strip(),
        "set_by": act.actor,
        "set_at": act.effective,
    }
    await rows.add(session, act, LadderRow, [row])
    await _follow(session, act, type, credential_id)
    return id_


def _problem(days: tuple[int, ...]) -> str | None:
    try:
        _check(days)
    except ValueError as error:
        return str(error)
    return None


async def _same(session: AsyncSession, act: Act, type: str, credential_id: UUID | None) -> LadderRow | None:
    row = LadderRow
    mine = (row.organization_id == act.organization_id, row.voided_seq.is_(None), row.type == type)
    return (await session.scalars(select(row).where(*mine, row.credential_id == credential_id))).one_or_none()


async def clear_ladder(session: AsyncSession, *, act: Act, ladder_id: UUID, reason: str) -> None:
    """From here on the next wider ladder holds again: the type's, the organization's, or the catalog's."""
    need_reason(reason, "the ladder is dropped")
    row = (await rows.load_current(session, act, LadderRow, [ladder_id], "ladder"))[ladder_id]
    subject = f"credential:{row.credential_id}" if row.credential_id else f"ladder:{ladder_id}"
    old: rows.Values = {"type": row.type, "ladder": row.ladder}
    seq = await trail.record(session, act=act, entry=Entry("ladder.cleared", subject, None, old, why=reason))
    await rows.void(session, act, LadderRow, {ladder_id: seq}, reason)
    await _follow(session, act, row.type, row.credential_id)


async def _follow(session: AsyncSession, act: Act, type: str, credential_id: UUID | None) -> None:
    """Takes back what waits by the earlier ladder, and sets the days of all that climb the new one."""
    held, note = CredentialRow, ReminderRow
    which: list[ColumnElement[bool]] = [held.organization_id == act.organization_id, held.voided_seq.is_(None)]
    if credential_id is not None:
        which.append(held.id == credential_id)
    elif type:
        which.append(held.type == type)
    waits = (note.organization_id == act.organization_id, note.state.in_(WAITING))
    same = (note.organization_id == held.organization_id) & (note.subject_id == held.id)
    found = list(await session.scalars(select(note.id).join(held, same).where(*waits, *which)))
    await take_back(session, act, found, CHANGED)
    await schedule_terms(session, act.organization_id, which, act.effective.date())


async def delegate(
    session: AsyncSession,
    *,
    act: Act,
    person_id: UUID,
    delegate_id: UUID,
    starts_on: date,
    ends_on: date,
    reason: str = "",
) -> UUID:
    """While the person is away, what would go to them goes to the delegate; its id. Both manage or own here."""
    await rows.take_turn(session, act)
    checks = Checks()
    checks.refuse("person_id", await _staff_problem(session, act, person_id, "Whoever is away"))
    checks.refuse("delegate_id", await _staff_problem(session, act, delegate_id, "Whoever stands in"))
    if person_id == delegate_id:
        checks.refuse("delegate_id", "Nobody stands in for themselves.")
    if ends_on < starts_on:
        checks.refuse("ends_on", "The last day is before the first.")
    if ends_on == FOREVER:
        checks.refuse("ends_on", "Give the last day. For good, change the role instead.")
    checks.done()
    id_ = new_id(act.now)
    facts: rows.Values = {
        "person_id": person_id, "delegate_id": delegate_id, "starts_on": starts_on, "ends_on": ends_on,
        "reason": reason.strip(),
    }  # fmt: skip
    seq = await trail.record(
        session, act=act, entry=Entry("delegate.named", f"person:{person_id}", new=facts, why=reason)
    )
    await rows.add(session, act, DelegationRow, [facts | {"id": id_, "recorded_seq": seq, "set_at": act.effective}])
    await change_readers(session, act=act, person_id=person_id, reason="somebody stands in for them")
    return id_


async def _staff_problem(session: AsyncSession, act: Act, person_id: UUID, who: str) -> str | None:
    member = MembershipRow
    mine = (member.organization_id == act.organization_id, member.person_id == person_id, member.ended_at.is_(None))
    role = await session.scalar(select(member.role).where(*mine))
    return None if role in ("manager", "owner") else f"{who} must be a manager or an owner here."


async def end_delegation(session: AsyncSession, *, act: Act, delegation_id: UUID, reason: str) -> None:
    """The person is back, or it was a mistake: from here on their mail is theirs again."""
    need_reason(reason, "nobody stands in any more")
    row = (await rows.load_current(session, act, DelegationRow, [delegation_id], "delegation"))[delegation_id]
    old: rows.Values = {"delegate_id": row.delegate_id, "starts_on": row.starts_on, "ends_on": row.ends_on}
    entry = Entry("delegate.ended", f"person:{row.person_id}", old=old, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.void(session, act, DelegationRow, {delegation_id: seq}, reason)
    await change_readers(session, act=act, person_id=row.person_id, reason="nobody stands in for them any more")


async def set_calendar(session: AsyncSession, *, act: Act, calendar: Calendar, reason: str = "") -> None:
    """From which hour on and on which days reminders leave. What is due keeps its name and takes its new day."""
    if calendar.quiet_at(calendar.hour):
        raise refuse("hour", "This hour lies inside the quiet hours, so nothing would ever leave on its day.")
    await organizations.change(session, act=act, settings={"reminders": calendar.as_json()}, reason=reason)
    ours = [CredentialRow.organization_id == act.organization_id, CredentialRow.voided_seq.is_(None)]
    await schedule_terms(session, act.organization_id, ours, act.effective.date())
    await look_soon(session, act.organization_id, TherapistRow.next_look_on.is_not(None))
    await look_soon_at_clinics(session, act.organization_id, ClinicRow.next_look_on.is_not(None))
