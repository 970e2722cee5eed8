"""Messages that never leave: where no server is named, and those of demonstrations. The mailbox shows them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import OrganizationRow, OutboxRow
from compliance.services.outbox.leases import render_again
from compliance.services.outbox.settling import close_reminders


async def keep(session: AsyncSession, *, now: datetime, demonstrations_only: bool, limit: int = 200) -> int:
    """Puts up to `limit` messages that are due into the mailbox; how many. Call again until it is none."""
    query = select(OutboxRow).where(OutboxRow.state == "pending", OutboxRow.next_at <= now)
    if demonstrations_only:
        shown = select(OrganizationRow.id).where(OrganizationRow.demonstration.is_(True))
        query = query.where(OutboxRow.organization_id.in_(shown))
    query = query.order_by(OutboxRow.next_at).limit(limit).with_for_update(skip_locked=True)
    rows = (await session.scalars(query.execution_options(populate_existing=True))).all()
    for row in rows:
        render_again(row, now)
        row.state, row.sent_at = "kept", now
        await close_reminders(session, row, "done", "", now)
    return len(rows)
