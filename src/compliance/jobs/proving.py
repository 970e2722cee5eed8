"""The job that signs checkpoints of the trails, and mails the newest to the owners once a week."""

from __future__ import annotations

from collections import Counter

import structlog

from compliance.crypto.checkpoints import TrailKey
from compliance.jobs.context import FAR, Context, Counts
from compliance.services import checkpoint_mail, checkpoints
from compliance.services.trail import Act, Broken

log = structlog.get_logger()


async def checkpoint_trails(context: Context) -> Counts:
    """Signs what has grown, one transaction a trail; a chain that does not hold is not signed and is said to be so."""
    done: Counter[str] = Counter(signed=0, broken=0, mailed=0)
    if context.clock_doubted(FAR):
        return done
    signing = context.settings.signing()
    key = TrailKey(signing.secret)
    async with context.database.read() as session:
        due = await checkpoints.due(session, now=await context.now(session))
    for organization_id in due:
        if context.stopping.is_set():
            return done
        async with context.database.read() as session:
            made = await checkpoints.next_one(session, organization_id=organization_id, key=key)
        if isinstance(made, Broken):
            log.error("trail.broken", organization=str(organization_id), entry=made.seq, problem=made.problem)
            done["broken"] += 1
            continue
        async with context.database.write.begin() as session:
            await checkpoints.keep(session, checkpoint=made, at=await context.now(session))
        done["signed"] += 1
    done["mailed"] = await _mail(context)
    return done


async def _mail(context: Context) -> int:
    """One transaction an organization."""
    async with context.database.read() as session:
        due = await checkpoint_mail.due(session, now=context.as_if_at or await context.now(session))
    queued = 0
    for organization_id in due:
        async with context.database.write.begin() as session:
            act = Act(organization_id, checkpoint_mail.ACTOR, await context.now(session), context.as_if_at)
            queued += await checkpoint_mail.write(
                session, act=act, mail=context.mail, signing=context.settings.signing()
            )
    return queued
