"""What people decide about a message: it is tried now, or not any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import OutboxReminderRow, OutboxRow, ReminderRow
from compliance.services import rows, trail
from compliance.services.mailing import LINKS, PATIENCE, REMINDER, lines_of
from compliance.services.outbox.leases import QUIETLY
from compliance.services.refusals import Problem, Unknown, need_reason, refuse
from compliance.services.reminders.carrying import queue_the_rest
from compliance.services.reminders.standing import needless
from compliance.services.trail import Act, Entry

CAN_BE_TRIED: Final = frozenset({"pending", "held", "dead", "bounced"})
CAN_BE_STOPPED: Final = frozenset({"pending", "held"})
STATES: Final = {
    "leased": "It is being sent just now.",
    "transmitting": "It is being sent just now.",
    "sent": "It was sent already.",
    "kept": "It lies in the mailbox: no mail server is named, or this is a demonstration.",
    "dead": "It was given up already.",
    "bounced": "It came back already, and is not tried any more.",
    "withdrawn": "It was withdrawn already.",
}
NEEDLESS: Final = "What it says no longer holds, or was said by another message since."
EXPIRED: Final = "Its link has expired. A new one can be asked for."


async def try_now(session: AsyncSession, *, act: Act, outbox_id: UUID) -> None:
    """The message leaves with the next round, and has three days again. What may have arrived already is sent as the
    same bytes; anything else is written for the day. Of several lines only those leave that still hold.

    Raises Unknown, and Refused for one that was sent, is being sent, carries a link that has expired, or says nothing
    any more that still holds.
    """
    row = await _locked(session, act, outbox_id)
    if row.state not in CAN_BE_TRIED:
        raise refuse("message", STATES[row.state])
    if row.kind in LINKS and _expired(row, act.effective):
        raise refuse("message", EXPIRED)
    gone = await needless(session, row=row, now=act.effective) if row.kind == REMINDER else set()
    if gone and len(gone) == len(lines_of(row.facts)):
        raise refuse("message", NEEDLESS)
    await _record(session, act, row, "message.retried", "")
    row.state, row.next_at, row.attempts, row.reply = "pending", act.effective, 0, ""
    if row.kind not in LINKS:
        row.give_up_at = act.effective + PATIENCE
    if not row.possible_duplicates:
        row.rfc822 = row.sha256 = None
    await _set_reminders(session, row, from_="failed", to="queued", reason="", at=None, but=gone)
    if gone:
        row.state, row.reply = "withdrawn", NEEDLESS
        await session.flush()
        await queue_the_rest(session, act, [row.id], gone)


async def give_up_waiting(session: AsyncSession, *, act: Act, outbox_id: UUID, reason: str) -> None:
    """The message does not leave any more, and neither do the reminders in it.

    Raises Unknown, and Refused without a reason and for one that does not wait.
    """
    need_reason(reason, "this message shall not leave")
    row = await _locked(session, act, outbox_id)
    if row.state not in CAN_BE_STOPPED:
        raise refuse("message", STATES[row.state])
    await _record(session, act, row, "message.stopped", reason.strip())
    held = row.state == "held"
    row.state, row.reply = "withdrawn", reason.strip()
    await _set_reminders(
        session, row, from_="failed" if held else "queued", to="withdrawn", reason=row.reply, at=act.effective
    )


async def _locked(session: AsyncSession, act: Act, outbox_id: UUID) -> OutboxRow:
    """The row, after everybody who acts in this organization; a worker may still be at it and is waited for."""
    await rows.take_turn(session, act)
    query = select(OutboxRow).where(OutboxRow.organization_id == act.organization_id, OutboxRow.id == outbox_id)
    query = query.with_for_update().execution_options(populate_existing=True)
    row = (await session.scalars(query)).one_or_none()
    if row is None:
        raise Unknown(Problem("outbox_id", f"No message has the id {outbox_id}."))
    return row


def _expired(row: OutboxRow, at: datetime) -> bool:
    until = row.facts.get("expires_at")
    return "link" not in row.facts or (isinstance(until, str) and datetime.fromisoformat(until) <= at)


async def _record(session: AsyncSession, act: Act, row: OutboxRow, action: str, why: str) -> None:
    old = {"state": row.state, "attempts": row.attempts, "possible_duplicates": row.possible_duplicates}
    new = {"message": row.message_id, "recipient_address": row.recipient_address}
    await trail.record(
        session, act=act, entry=Entry(action, f"outbox:{row.id}", row.therapist_id, old=old, new=new, why=why)
    )


async def _set_reminders(
    session: AsyncSession,
    row: OutboxRow,
    *,
    from_: str,
    to: str,
    reason: str,
    at: datetime | None,
    but: Collection[UUID] = (),
) -> None:
    line, note = OutboxReminderRow, ReminderRow
    carried = select(line.reminder_id).where(line.organization_id == row.organization_id, line.outbox_id == row.id)
    mine = (note.organization_id == row.organization_id, note.id.in_(carried), note.id.not_in(but), note.state == from_)
    changed = update(note).where(*mine).values(state=to, reason=reason, settled_at=at)
    await session.execute(changed, execution_options=QUIETLY)
