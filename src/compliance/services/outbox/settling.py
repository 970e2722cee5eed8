"""What becomes of a message after an attempt: sent, tried again later, held, or given up, with somebody told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels import Outcome
from compliance.db.queries.due_terms import lock_chains
from compliance.db.queries.owned import among
from compliance.db.records import DeliveryRow, OutboxReminderRow, OutboxRow, ReminderRow
from compliance.services.mailing import LINKS, REMINDER, MailSettings
from compliance.services.outbox import routes
from compliance.services.outbox.flagging import flag
from compliance.services.outbox.giving_up import give_up
from compliance.services.outbox.leases import QUIETLY, Claimed, attempt, held_by, hold
from compliance.services.outbox.pace import PACE, Pace
from compliance.services.reminders.withdrawing import heed
from compliance.services.trail import Act

ACTOR: Final = "job:deliver-outbox"
MOST_REPEATS: Final = 2
"""How often a message whose outcome is unknown is sent again."""
UNSURE: Final = "Nobody knows whether it arrived: {}"


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms an attempt is settled. `as_if_at` replaces `now` where the rules ask. `clock_doubted`: the clock
    has just jumped, and until it stands still nothing is given up because of the hour."""

    now: datetime
    mail: MailSettings
    as_if_at: datetime | None = None
    pace: Pace = PACE
    clock_doubted: bool = False

    @property
    def at(self) -> datetime:
        """The instant that the rules are asked about."""
        return self.as_if_at or self.now


async def settle(
    session: AsyncSession,
    *,
    claimed: Claimed,
    outcome: Outcome,
    now: datetime,
    mail: MailSettings,
    as_if_at: datetime | None = None,
    pace: Pace = PACE,
    clock_doubted: bool = False,
) -> bool:
    """Writes down how an attempt ended; False: the lease was lost meanwhile, and only the attempt is recorded."""
    terms = Terms(now, mail, as_if_at, pace, clock_doubted)
    if await _may_end(session, claimed, outcome, terms):  # somebody is told: the chain's head comes before any row
        await lock_chains(session, [claimed.organization_id])
    row = await _lock(session, claimed)
    await _record_attempt(session, claimed, outcome, terms.at)
    pause = await _tell_route(session, claimed, outcome, terms)
    if row is None:
        return False
    await _apply(session, row, claimed, outcome, terms, pause)
    return True


async def _may_end(session: AsyncSession, claimed: Claimed, outcome: Outcome, terms: Terms) -> bool:
    """Whether this looks like the message's last attempt; asked without a lock, so that the others need no chain."""
    if outcome.kind == "sent":
        return False
    row = (await session.scalars(select(OutboxRow).where(held_by(claimed)))).one_or_none()
    if row is None:
        return False
    if row.state == "transmitting" and row.kind == REMINDER:
        return True  # what it carries may have become needless on its way
    if outcome.kind != "unknown":
        return _is_final(row, claimed, outcome, terms)
    return _is_held(row, row.possible_duplicates + 1)


def _is_held(row: OutboxRow, doubts: int) -> bool:
    """Whether a message of so many unknown outcomes is not sent again by itself."""
    return row.on_unknown != "resend" or doubts > MOST_REPEATS


async def settle_sent(
    session: AsyncSession,
    *,
    claimed: Sequence[tuple[Claimed, Outcome]],
    now: datetime,
    as_if_at: datetime | None = None,
) -> set[UUID]:
    """The same in sets for what was sent, which is nearly everything; which ones. The others are settled singly: those
    whose lease was lost, links, and rows that somebody else is changing just now."""
    at = as_if_at or now
    plain = [(each, outcome) for each, outcome in claimed if each.kind not in LINKS]
    held = await hold(session, [each for each, _ in plain], "transmitting") if plain else set()
    done = [(each, outcome) for each, outcome in plain if each.id in held]
    if not done:
        return held
    rows = [_verdict(each, outcome, at) for each, outcome in done]
    await session.execute(_SENT, rows)
    await session.execute(_ATTEMPTS, rows)
    await _close_all(session, [each for each, _ in done], at)
    for route_id in {each.route_id for each, _ in done}:
        await routes.worked(session, route_id, at)
    return held


def _verdict(claimed: Claimed, outcome: Outcome, at: datetime) -> dict[str, Any]:
    """What the two statements below are given."""
    return {
        "mine": claimed.organization_id,
        "which": claimed.id,
        "token": claimed.lease_token,
        "code": outcome.code,
        "reply": outcome.detail,
        "phase": outcome.phase,
        "at": at,
    }


_outbox, _tried = cast("Table", OutboxRow.__table__), cast("Table", DeliveryRow.__table__)
_SENT = (
    update(_outbox)
    .where(_outbox.c.organization_id == bindparam("mine"), _outbox.c.id == bindparam("which"))
    .values(state="sent", sent_at=bindparam("at"), reply=bindparam("reply"), lease_owner=None)
)
_ATTEMPTS = (
    update(_tried)
    .where(
        _tried.c.organization_id == bindparam("mine"),
        _tried.c.outbox_id == bindparam("which"),
        _tried.c.lease_token == bindparam("token"),
        _tried.c.ended_at.is_(None),
    )
    .values(
        outcome="sent",
        phase=bindparam("phase"),
        code=bindparam("code"),
        reply=bindparam("reply"),
        ended_at=bindparam("at"),
    )
)


async def _close_all(session: AsyncSession, claimed: Sequence[Claimed], at: datetime) -> None:
    line, note = OutboxReminderRow, ReminderRow
    for which in among(line, line.outbox_id, {each.id: each.organization_id for each in claimed}):
        same = tuple_(note.organization_id, note.id).in_(select(line.organization_id, line.reminder_id).where(which))
        changed = update(note).where(same, note.state == "queued").values(state="done", reason="", settled_at=at)
        await session.execute(changed, execution_options=QUIETLY)


async def _lock(session: AsyncSession, claimed: Claimed) -> OutboxRow | None:
    """The row, if the lease still holds."""
    query = select(OutboxRow).where(held_by(claimed), OutboxRow.state.in_(("leased", "transmitting")))
    query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


def _is_final(row: OutboxRow, claimed: Claimed, outcome: Outcome, terms: Terms) -> bool:
    if outcome.kind == "refused":
        return True
    if outcome.kind != "retry" or terms.clock_doubted:
        return False
    wait = timedelta(0) if outcome.route_failure else terms.pace.wait(row.id, claimed.attempts)
    return terms.at + wait >= row.give_up_at


def _bad_address(outcome: Outcome) -> bool:
    """Whether the address itself is none; 5.7.x says that the server does not like us, or what we send."""
    policy = (outcome.enhanced_code or "").startswith("5.7")
    return outcome.kind == "refused" and outcome.fault == "recipient" and not policy


async def _tell_route(session: AsyncSession, claimed: Claimed, outcome: Outcome, terms: Terms) -> datetime | None:
    if outcome.kind == "withdrawn" or claimed.problem:
        return None
    if outcome.route_failure:
        return await routes.failed(session, claimed.route_id, terms.at, outcome.detail, terms.pace)
    await routes.worked(session, claimed.route_id, terms.at)
    return None


async def _apply(
    session: AsyncSession, row: OutboxRow, claimed: Claimed, outcome: Outcome, terms: Terms, pause: datetime | None
) -> None:
    row.reply = outcome.detail
    row.lease_owner = None
    if outcome.kind == "sent":
        await _sent(session, row, terms.at)
    elif outcome.kind == "unknown":
        await after_unknown(session, row, outcome.detail, terms)
    elif _is_final(row, claimed, outcome, terms):
        await _end(session, row, "dead", outcome.detail, terms, bad_address=_bad_address(outcome), code=_code(outcome))
    elif outcome.kind == "withdrawn" or outcome.route_failure:
        row.attempts -= 1
        await _wait(session, row, pause or terms.at, terms)
    else:
        await _wait(session, row, terms.at + terms.pace.wait(row.id, claimed.attempts), terms)


async def _wait(session: AsyncSession, row: OutboxRow, until: datetime, terms: Terms) -> None:
    """It is tried again, without what has become needless while it was on its way."""
    on_its_way = row.state == "transmitting"
    row.state, row.next_at = "pending", until
    if on_its_way and row.kind == REMINDER:
        await session.flush()
        await heed(session, act=Act(row.organization_id, ACTOR, terms.now, terms.as_if_at), outbox_id=row.id)


async def _sent(session: AsyncSession, row: OutboxRow, at: datetime) -> None:
    row.state, row.sent_at = "sent", at
    if row.kind in LINKS:  # the link opened something: nobody needs it here any more
        row.text = row.html = ""
        row.rfc822, row.facts = None, {name: value for name, value in row.facts.items() if name != "link"}
    await close_reminders(session, row, "done", "", at)


async def after_unknown(session: AsyncSession, row: OutboxRow, detail: str, terms: Terms) -> None:
    """It may have arrived. A reminder is sent again as the same bytes, a few times; a link is held."""
    row.possible_duplicates += 1
    row.reply = detail
    if not _is_held(row, row.possible_duplicates):
        await _wait(session, row, terms.at + terms.pace.wait(row.id, row.attempts), terms)
        return
    await _end(session, row, "held", UNSURE.format(detail), terms)


async def _end(
    session: AsyncSession,
    row: OutboxRow,
    state: str,
    reason: str,
    terms: Terms,
    *,
    bad_address: bool = False,
    code: str = "",
) -> None:
    """No further attempt is made by itself. A link that is held is asked for anew: of it nobody is told."""
    act, on_its_way = Act(row.organization_id, ACTOR, terms.now, terms.as_if_at), row.state == "transmitting"
    row.state = state
    if on_its_way and row.kind == REMINDER:
        await heed(session, act=act, outbox_id=row.id, ended=True)
    await close_reminders(session, row, "failed", reason, terms.at)
    if state == "held" and row.kind in LINKS:
        return
    if bad_address:
        await flag(session, act=act, row=row, source="refused", code=code, reason=reason, at=terms.at)
    await give_up(session, act=act, mail=terms.mail, row=row, reason=reason, bad_address=bad_address)


def _code(outcome: Outcome) -> str:
    return outcome.enhanced_code or str(outcome.code or "")


async def close_reminders(
    session: AsyncSession, row: OutboxRow, state: str, reason: str, at: datetime, *, was: Sequence[str] = ("queued",)
) -> None:
    """The reminders that a message carried have ended with it."""
    line, note = OutboxReminderRow, ReminderRow
    carried = select(line.reminder_id).where(line.organization_id == row.organization_id, line.outbox_id == row.id)
    mine = (note.organization_id == row.organization_id, note.id.in_(carried), note.state.in_(was))
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
