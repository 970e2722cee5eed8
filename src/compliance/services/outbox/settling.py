"""What becomes of a message after an attempt: sent, tried again later, held, or given up, with somebody told."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels import Outcome
from compliance.db.queries.due_terms import lock_chains
from compliance.db.records import DeliveryRow, OutboxReminderRow, OutboxRow, ReminderRow
from compliance.services.mailing import LINKS, MailSettings
from compliance.services.outbox import routes
from compliance.services.outbox.giving_up import give_up
from compliance.services.outbox.leases import QUIETLY, Claimed, attempt, held_by
from compliance.services.trail import Act

BACK_OFF: Final = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 120, 240))
MOST_REPEATS: Final = 2
"""How often a message whose outcome is unknown is sent again."""


def back_off(message: UUID, attempts: int) -> timedelta:
    """How long to wait after so many attempts: up to half more or less, so that failures do not return in step.

    The share is drawn from the message's id and not from chance: the same question has the same answer.
    """
    step = BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1]
    drawn = hashlib.sha256(f"{message}/{attempts}".encode()).digest()[0] / 255
    return step * (0.5 + drawn)


async def settle(
    session: AsyncSession,
    *,
    claimed: Claimed,
    outcome: Outcome,
    now: datetime,
    mail: MailSettings,
    as_if_at: datetime | None = None,
) -> bool:
    """Writes down how an attempt ended; False: the lease was lost meanwhile, and only the attempt is recorded."""
    at = as_if_at or now
    if outcome.kind in ("retry", "refused"):  # it may be given up: the chain's head is locked before any other row
        await lock_chains(session, [claimed.organization_id])
    row = await _lock(session, claimed)
    await _record_attempt(session, claimed, outcome, at)
    pause = await _tell_route(session, claimed, outcome, at)
    if row is None:
        return False
    final = _is_final(row, claimed, outcome, at)
    if final:
        act = Act(claimed.organization_id, "job:deliver-outbox", now, as_if_at)
        await give_up(session, act=act, mail=mail, row=row, reason=outcome.detail, bad_address=_bad_address(outcome))
    await _apply(session, row, claimed, outcome, at, final=final, pause=pause)
    return True


async def _lock(session: AsyncSession, claimed: Claimed) -> OutboxRow | None:
    """The row, if the lease still holds."""
    query = select(OutboxRow).where(held_by(claimed), OutboxRow.state.in_(("leased", "transmitting")))
    query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


def _is_final(row: OutboxRow, claimed: Claimed, outcome: Outcome, at: datetime) -> bool:
    if outcome.kind == "refused":
        return True
    if outcome.kind != "retry":
        return False
    return at + (timedelta(0) if outcome.route_failure else back_off(row.id, claimed.attempts)) >= row.give_up_at


def _bad_address(outcome: Outcome) -> bool:
    return outcome.kind == "refused" and outcome.fault == "recipient"


async def _tell_route(session: AsyncSession, claimed: Claimed, outcome: Outcome, at: datetime) -> datetime | None:
    if outcome.kind == "withdrawn" or claimed.problem:
        return None
    if outcome.route_failure:
        return await routes.failed(session, claimed.route_id, at, outcome.detail)
    await routes.worked(session, claimed.route_id, at)
    return None


async def _apply(
    session: AsyncSession,
    row: OutboxRow,
    claimed: Claimed,
    outcome: Outcome,
    at: datetime,
    *,
    final: bool,
    pause: datetime | None,
) -> None:
    row.reply = outcome.detail
    row.lease_owner = None
    if outcome.kind == "sent":
        await _sent(session, row, at)
    elif final:
        row.state = "dead"
        await close_reminders(session, row, "failed", outcome.detail, at)
    elif outcome.kind == "unknown":
        await after_unknown(session, row, at, outcome.detail)
    elif outcome.kind == "withdrawn" or outcome.route_failure:
        row.state, row.attempts = "pending", row.attempts - 1
        row.next_at = pause or at
    else:
        row.state, row.next_at = "pending", at + back_off(row.id, claimed.attempts)


async def _sent(session: AsyncSession, row: OutboxRow, at: datetime) -> None:
    row.state, row.sent_at = "sent", at
    if row.kind in LINKS:  # the link opened something: nobody needs it here any more
        row.text = row.html = ""
        row.rfc822, row.facts = None, {name: value for name, value in row.facts.items() if name != "link"}
    await close_reminders(session, row, "done", "", at)


async def after_unknown(session: AsyncSession, row: OutboxRow, at: datetime, detail: str) -> None:
    """It may have arrived. A reminder is sent again as the same bytes, a few times; a link is held."""
    row.possible_duplicates += 1
    row.reply = detail
    if row.on_unknown == "resend" and row.possible_duplicates <= MOST_REPEATS:
        row.state, row.next_at = "pending", at + back_off(row.id, row.attempts)
        return
    row.state = "held"
    await close_reminders(session, row, "failed", f"Nobody knows whether it arrived: {detail}", at)


async def close_reminders(session: AsyncSession, row: OutboxRow, state: str, reason: str, at: datetime) -> None:
    """The reminders that a message carried have ended with it."""
    line, note = OutboxReminderRow, ReminderRow
    carried = select(line.reminder_id).where(line.organization_id == row.organization_id, line.outbox_id == row.id)
    mine = (note.organization_id == row.organization_id, note.id.in_(carried), note.state == "queued")
    changed = update(note).where(*mine).values(state=state, reason=reason, settled_at=at)
    await session.execute(changed, execution_options=QUIETLY)


async def _record_attempt(session: AsyncSession, claimed: Claimed, outcome: Outcome, at: datetime) -> None:
    """Completes the attempt that the mark began, or writes one that never came so far."""
    tried = DeliveryRow
    same = (tried.organization_id == claimed.organization_id, tried.outbox_id == claimed.id)
    ended = {
        "phase": outcome.phase,
        "outcome": outcome.kind,
        "code": outcome.code,
        "reply": outcome.detail,
        "ended_at": at,
    }
    query = update(tried).where(*same, tried.lease_token == claimed.lease_token, tried.ended_at.is_(None)).values(ended)
    done: Any = await session.execute(query, execution_options=QUIETLY)
    if done.rowcount == 0:
        await session.execute(insert(tried).values(attempt(claimed, outcome.phase, outcome.kind) | ended))
