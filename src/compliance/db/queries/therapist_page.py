"""What was sent, or will not be, about one person: each reminder with its state and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.reminders import Sent, carriers
from compliance.db.records import ReminderRow


@dataclass(frozen=True, slots=True)
class SentLine:
    """One decision to tell somebody, and what became of it. `days` before the anchor; negative: after it."""

    subject_id: UUID
    anchor: str
    anchor_on: date
    days: int
    recipient: str
    on: date
    state: str
    reason: str
    outbox_id: UUID | None
    sent_at: datetime | None
    mail_state: str
    address: str


async def sent_lines(
    session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID], *, limit: int = 12
) -> list[SentLine]:
    """The latest decisions about these records of one person, newest day first."""
    row = ReminderRow
    columns = (row.id, row.subject_id, row.anchor, row.anchor_on, row.rung, row.recipient, row.local_date, row.state)
    mine = (row.organization_id == organization_id, row.therapist_id.in_(therapist_ids))
    query = select(*columns, row.reason).where(*mine).order_by(row.local_date.desc(), row.rung).limit(limit)
    found = (await session.execute(query)).all()
    mails = await carriers(session, organization_id, [each[0] for each in found])
    return [SentLine(*each[1:], *_carried(mails.get(each[0]))) for each in found]


def _carried(mail: Sent | None) -> tuple[UUID | None, datetime | None, str, str]:
    return (mail.outbox_id, mail.sent_at, mail.state, mail.address) if mail else (None, None, "", "")
