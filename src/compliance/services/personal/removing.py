"""Takes documents out of the store whose rows are erased: after the commit, and again until it is done.

The erasure itself writes down which ones, in its own transaction; whoever is killed in between leaves the list behind.
Equal bytes are kept once for all organizations, so that only who sees all of them may say that nobody names a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.records import DoomedFileRow, EvidenceRow, ReportRow
from compliance.services.rows import table
from compliance.services.trail import Act
from compliance.store import Store


async def doom(session: AsyncSession, *, act: Act, files: Iterable[str]) -> None:
    """Writes down that these documents may go; the verb that erases tells the trail."""
    row = DoomedFileRow
    known = set(await session.scalars(select(row.sha256).where(row.organization_id == act.organization_id)))
    rows = [
        {"organization_id": act.organization_id, "sha256": each, "doomed_at": act.now}
        for each in sorted(set(files) - known)
    ]
    if rows:
        await session.execute(insert(table(row)), rows)


async def sweep(database: Database, store: Store) -> int:
    """Removes what was written down and what no row names any more; how many documents went."""
    row, removed = DoomedFileRow, 0
    async with database.system.read() as session:
        waiting = list(await session.scalars(select(row.sha256).distinct().order_by(row.sha256)))
    for sha256 in waiting:
        async with database.system.write.begin() as session:
            if not await _named(session, sha256):
                await store.remove(sha256)
                removed += 1
            await session.execute(delete(table(row)).where(row.sha256 == sha256))
    return removed


async def _named(session: AsyncSession, sha256: str) -> bool:
    """Whether a row of any organization names the file."""
    for column in (EvidenceRow.sha256, EvidenceRow.rendition_sha256, ReportRow.sha256):
        if await session.scalar(select(column).where(cast("Any", column) == sha256).limit(1)) is not None:
            return True
    return False
