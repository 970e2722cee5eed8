"""The outbox read back, the last runs of the jobs, and what should alarm somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import DeliveryRow, IncidentRow, JobRunRow, MailRouteRow, OrganizationRow, OutboxRow

HARMLESS: Final = timedelta(minutes=1)
"""By how much the clocks of two processes may differ without anybody minding."""
BELIEVED: Final = timedelta(hours=13)
"""What was written further ahead was meant so (`--at`): a clock that jumps further plans nothing (`jobs`)."""
NOTICE: Final = "given-up"
"""That a message was given up is told whatever the clock of whoever gave it up said."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it was, or will be, sent."""

    id: UUID
    kind: str
    state: str
    recipient_address: str
    recipient_name: str
    therapist_id: UUID | None
    subject: str
    text: str
    html: str
    created_at: datetime
    next_at: datetime
    give_up_at: datetime
    sent_at: datetime | None
    attempts: int
    possible_duplicates: int
    reply: str
    message_id: str


_COLUMNS: tuple[Any, ...] = tuple(getattr(OutboxRow, name) for name in Message.__slots__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to hand a message over; `ended_at` is None while nobody knows how it ended."""

    phase: str
    outcome: str
    code: int | None
    reply: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobRun:
    """When a job last ran, what it did, and how long it took."""

    job: str
    started_at: datetime
    ended_at: datetime | None
    done: Mapping[str, Any]
    error: str
    took_ms: int
    good_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alarms:
    """What is wrong with delivery: seconds that the oldest due message has waited, messages given up, held, perhaps
    sent twice, and mail servers that are not being tried."""

    oldest_due_seconds: float
    dead: int
    held: int
    possible_duplicates: int
    open_routes: tuple[str, ...]


async def messages(
    session: AsyncSession,
    organization_id: UUID,
    *,
    state: str | None = None,
    therapist_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Message]:
    """Messages of an organization, latest first; `before`: those after that one in this order."""
    query = select(*_COLUMNS).where(OutboxRow.organization_id == organization_id)
    if state is not None:
        query = query.where(OutboxRow.state == state)
    if therapist_id is not None:
        query = query.where(OutboxRow.therapist_id == therapist_id)
    if before is not None:
        last = select(OutboxRow.created_at).where(OutboxRow.organization_id == organization_id, OutboxRow.id == before)
        query = query.where(tuple_(OutboxRow.created_at, OutboxRow.id) < tuple_(last.scalar_subquery(), before))
    query = query.order_by(OutboxRow.created_at.desc(), OutboxRow.id.desc()).limit(limit)
    return [Message(*row) for row in await session.execute(query)]


async def message(session: AsyncSession, organization_id: UUID, outbox_id: UUID) -> Message | None:
    """One message; None for a stranger."""
    mine = (OutboxRow.organization_id == organization_id, OutboxRow.id == outbox_id)
    found = (await session.execute(select(*_COLUMNS).where(*mine))).one_or_none()
    return Message(*found) if found else None


async def attempts(session: AsyncSession, organization_id: UUID, outbox_id: UUID) -> list[Attempt]:
    """Every attempt to hand a message over, first to last."""
    tried = DeliveryRow
    columns = (tried.phase, tried.outcome, tried.code, tried.reply, tried.started_at, tried.ended_at)
    mine = (tried.organization_id == organization_id, tried.outbox_id == outbox_id)
    found = await session.execute(select(*columns).where(*mine).order_by(tried.lease_token))
    return [Attempt(*row) for row in found]


async def job_runs(session: AsyncSession) -> dict[str, JobRun]:
    """The last run of every job that ever ran."""
    run = JobRunRow
    columns = (run.job, run.started_at, run.ended_at, run.done, run.error, run.took_ms, run.good_at)
    return {row.job: JobRun(*row) for row in await session.execute(select(*columns))}


async def alarms(session: AsyncSession, organization_id: UUID | None, now: datetime) -> Alarms:
    """What should alarm somebody in one organization, or (None) anywhere."""
    mine = () if organization_id is None else (OutboxRow.organization_id == organization_id,)
    due = select(func.min(OutboxRow.next_at)).where(OutboxRow.state == "pending", OutboxRow.next_at <= now, *mine)
    oldest: datetime | None = await session.scalar(due)
    counted = select(OutboxRow.state, func.count()).where(OutboxRow.state.in_(("dead", "held")), *mine)
    states = {row[0]: row[1] for row in await session.execute(counted.group_by(OutboxRow.state))}
    doubtful = select(func.count()).where(OutboxRow.possible_duplicates > 0, *mine)
    open_until = select(MailRouteRow.id).where(MailRouteRow.open_until > now).order_by(MailRouteRow.id)
    return Alarms(
        oldest_due_seconds=(now - oldest).total_seconds() if oldest else 0.0,
        dead=states.get("dead", 0),
        held=states.get("held", 0),
        possible_duplicates=await session.scalar(doubtful) or 0,
        open_routes=tuple(await session.scalars(open_until)),
    )


@dataclass(frozen=True, slots=True)
class Incident:
    """A trouble that owners were told of and that lasts."""

    kind: str
    subject: str
    detail: str
    began_at: datetime


async def incidents(session: AsyncSession, organization_id: UUID, limit: int = 50) -> list[Incident]:
    """Those of one organization, latest first."""
    row = IncidentRow
    mine = (row.organization_id == organization_id, row.ended_at.is_(None))
    query = select(row.kind, row.subject, row.detail, row.began_at).where(*mine)
    return [Incident(*each) for each in await session.execute(query.order_by(row.began_at.desc(), row.id).limit(limit))]


async def open_incidents(session: AsyncSession) -> int:
    """How many troubles last, anywhere."""
    query = select(func.count()).select_from(IncidentRow).where(IncidentRow.ended_at.is_(None))
    return await session.scalar(query) or 0


def time_has_come(now: datetime, longest_wait: timedelta) -> ColumnElement[bool]:
    """Whether a waiting message is due. One that sleeps longer than any back-off, or that was written down in the
    future, was put to sleep by a wrong clock and is woken. Its token says that it was tried: a failure of the way to
    the server is no attempt. Of one that took its sleep over from another message its last hour says so."""
    tried = or_(OutboxRow.lease_token > 0, OutboxRow.next_at > OutboxRow.give_up_at)
    overslept = and_(tried, OutboxRow.next_at > now + longest_wait)
    believed = or_(OutboxRow.created_at <= now + BELIEVED, OutboxRow.kind == NOTICE)
    ahead = and_(OutboxRow.created_at > now + HARMLESS, believed)
    return or_(OutboxRow.next_at <= now, overslept, ahead)


def leaves() -> ColumnElement[bool]:
    """Whether a message may leave at all: those of demonstrations never do."""
    shown = select(OrganizationRow.id).where(OrganizationRow.demonstration.is_(True))
    return OutboxRow.organization_id.not_in(shown)


async def anything_to_keep(session: AsyncSession, now: datetime, *, demonstrations_only: bool) -> bool:
    """Whether a message that is due belongs into the mailbox; asked before a writer's turn is taken."""
    query = select(OutboxRow.id).where(OutboxRow.state == "pending", OutboxRow.next_at <= now)
    if demonstrations_only:
        query = query.where(~leaves())
    return (await session.execute(query.limit(1))).first() is not None


async def anything_due(session: AsyncSession, now: datetime, longest_wait: timedelta) -> bool:
    """Whether a message waits that may leave now; asked before a writer's turn is taken."""
    due = (OutboxRow.state == "pending", time_has_come(now, longest_wait), leaves())
    return (await session.execute(select(OutboxRow.id).where(*due).limit(1))).first() is not None
