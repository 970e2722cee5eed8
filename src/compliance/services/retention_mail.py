"""What becomes due to go, told to the owners before it goes: once for each month in which anything does.

Nothing goes by itself: the mail lists whose time of keeping ends in this month; an owner says at Retention what may go.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import organizations as reading
from compliance.db.queries.checkpoints import owners
from compliance.db.queries.ladders import organizations
from compliance.db.records import OrganizationRow, OutboxRow
from compliance.domain.months import add_months, in_words
from compliance.domain.release import local_day
from compliance.services import mailing, personal, rows
from compliance.services.mailing import MailSettings, sender_facts
from compliance.services.personal import FILE, Due, Terms
from compliance.services.trail import Act

ACTOR: Final = "job:erase-approved"
KIND: Final = "retention-due"
HOUR: Final = 8
"""The hour of the day, in the organization's zone, in which the lists are made: they are read whole."""
LINES: Final = 20


async def due(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """The organizations in which it is the hour, and whose owners have no such mail of this month."""
    found = []
    for id_, zone in await session.execute(select(OrganizationRow.id, OrganizationRow.time_zone)):
        here = now.astimezone(ZoneInfo(zone))
        if here.hour == HOUR and not await _told(session, id_, here):
            found.append(id_)
    return found


async def _told(session: AsyncSession, organization_id: UUID, here: datetime) -> bool:
    row = OutboxRow
    first = datetime.combine(here.date().replace(day=1), time.min, here.tzinfo)
    query = select(row.id).where(row.organization_id == organization_id, row.created_at >= first, row.kind == KIND)
    return await session.scalar(query.limit(1)) is not None


async def write(session: AsyncSession, *, act: Act, mail: MailSettings) -> int:
    """One mail for each owner if anything becomes due this month that no owner has let go yet; how many."""
    await rows.take_turn(session, act)
    organization = (await organizations(session, [act.organization_id]))[act.organization_id]
    today = local_day(act.effective, organization.time_zone)
    facts = await _facts(session, act, today.replace(day=1))
    if not facts["count"]:
        return 0
    said = sender_facts(organization, None, organization.time_zone) | facts | {"link": mail.link("/retention")}
    key = f"{act.organization_id}/retention/{today:%Y-%m}"
    drafts = mailing.to_each(await owners(session, act.organization_id, today), KIND, key, said, act)
    return len(await mailing.put(session, drafts, act=act, mail=mail))


async def _facts(session: AsyncSession, act: Act, first: date) -> dict[str, Any]:
    """`records`: whose file or certificates; what was due before this month and still waits is a number."""
    ours = await reading.organization(session, act.organization_id)
    terms = personal.terms_of(ours) if ours else Terms()
    last = add_months(first, 1) - timedelta(days=1)
    every = await personal.due(session, organization_id=act.organization_id, terms=terms, by=last)
    waiting = [each for each in every if not each.approved_by]
    new = [each for each in waiting if each.due_on >= first]
    return {
        "count": len(new),
        "records": [_entry(each) for each in new[:LINES]],
        "more": max(len(new) - LINES, 0),
        "before": len(waiting) - len(new),
    }


def _entry(each: Due) -> dict[str, Any]:
    return {
        "whose": each.name,
        "file": each.kind == FILE,
        "count": each.count,
        "through": in_words(each.through),
        "day": in_words(each.due_on),
    }
