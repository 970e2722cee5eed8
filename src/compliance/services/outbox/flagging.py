"""An address that a mail server says is none: noted, with who said so, when and why, and nothing more is sent there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import OutboxRow, RefusedAddressRow
from compliance.domain.matching import fold_email
from compliance.services import trail
from compliance.services.trail import Act, Entry


async def flag(
    session: AsyncSession, *, act: Act, row: OutboxRow, source: str, code: str, reason: str, at: datetime
) -> bool:
    """Notes it, unless it was noted before; whether it is new. `source`: refused (to our face), bounced (later)."""
    folded = fold_email(row.recipient_address)
    table = RefusedAddressRow
    mine = (table.organization_id == act.organization_id, table.folded_email == folded, table.cleared_at.is_(None))
    if await session.scalar(select(table.id).where(*mine)) is not None:
        return False
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    new = {"organization_id": act.organization_id, "id": new_id(at), "folded_email": folded, "outbox_id": row.id}
    new |= {"source": source, "code": code, "reason": reason, "refused_at": at, "cleared_by": "", "cleared_why": ""}
    await session.execute(make(table).values(new).on_conflict_do_nothing())
    said = {"address": folded, "source": source, "code": code, "message": row.message_id}
    entry = Entry("address.refused", f"outbox:{row.id}", row.therapist_id, new=said, why=reason)
    await trail.record(session, act=act, entry=entry)
    return True
