"""Tells owners what becomes due, erases what they let go, and takes documents out of the store that are erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.jobs.context import FAR, Context, Counts
from compliance.services import personal, retention_mail
from compliance.store import open_store


async def erase_approved(context: Context) -> Counts:
    """What was approved and is still due; then the documents, also those that somebody killed left behind.

    `--at` is no reason to erase anything sooner: the instant is the real one.
    """
    if context.clock_doubted(FAR):
        return {"clock_doubted": 1}

    async def now(session: AsyncSession) -> datetime:
        return await context.now(session)

    told = await context.for_each_due(retention_mail.due, retention_mail.ACTOR, retention_mail.write)
    done = await personal.erase_approved(context.database, now=now, stopping=context.stopping)
    store = open_store(context.settings.evidence_url, context.settings.home)
    return {**done, "told": told, "documents": await personal.sweep(context.database, store)}
