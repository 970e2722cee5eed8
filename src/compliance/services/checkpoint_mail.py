"""The newest checkpoint of an organization's trail, mailed to its owners each week: kept outside, it proves later that
nothing before it was changed, also by whoever rules the program and its database.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.certificates import SigningSettings
from compliance.crypto.checkpoints import TrailKey
from compliance.db.queries.checkpoints import mailed, owners
from compliance.db.queries.ladders import organizations
from compliance.db.records import TrailCheckpointRow
from compliance.domain.digests import MONDAY, due_day
from compliance.domain.release import local_day
from compliance.services import mailing, rows
from compliance.services.certificates import in_use
from compliance.services.checkpoints import Kept, newest
from compliance.services.mailing import MailSettings, sender_facts
from compliance.services.trail import Act

ACTOR: Final = "job:checkpoint-trails"
KIND: Final = "trail-checkpoint"
HOUR: Final = 8


async def due(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """The organizations whose owners are to get one at this instant: on Mondays, in their zone."""
    found = []
    for each in await mailed(session):
        last_on = local_day(each.last_at, each.zone) if each.last_at else None
        if due_day(now, each.zone, MONDAY, HOUR, last_on=last_on, since=each.since):
            found.append(each.organization_id)
    return found


async def write(session: AsyncSession, *, act: Act, mail: MailSettings, signing: SigningSettings) -> int:
    """Puts the newest checkpoint into the outbox for each owner, once for its day; how many."""
    await rows.take_turn(session, act)
    kept = await newest(session, act.organization_id)
    if kept is None:
        return 0
    organization = (await organizations(session, [act.organization_id]))[act.organization_id]
    today = local_day(act.effective, organization.time_zone)
    facts = sender_facts(organization, None, organization.time_zone) | await _facts(session, act, kept, mail, signing)
    key = f"{act.organization_id}/checkpoint/{today}"
    drafts = mailing.to_each(await owners(session, act.organization_id, today), KIND, key, facts, act)
    queued = await mailing.put(session, drafts, act=act, mail=mail)
    mine = (TrailCheckpointRow.organization_id == act.organization_id, TrailCheckpointRow.seq == kept.seq)
    await session.execute(update(TrailCheckpointRow).where(*mine).values(mailed_at=act.effective))
    return len(queued)


async def _facts(
    session: AsyncSession, act: Act, kept: Kept, mail: MailSettings, signing: SigningSettings
) -> dict[str, Any]:
    signers = [*await in_use(session, act.organization_id), *await in_use(session, None)]
    return {
        "entries": kept.seq,
        "checkpoint": kept.note,
        "key": TrailKey(signing.secret).verifier(act.organization_id),
        "certificates": [[each.certificate.subject, each.certificate.fingerprint] for each in signers],
        "link": mail.link("/trail"),
    }
