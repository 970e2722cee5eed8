"""The job that signs checkpoints of the trails, and mails the newest to the owners once a week."""

from __future__ import annotations

from collections import Counter
from functools import partial

import structlog

from compliance.crypto.checkpoints import TrailKey
from compliance.jobs.context import FAR, Context, Counts
from compliance.services import checkpoint_mail, checkpoints
from compliance.services.trail import Broken

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
    write = partial(checkpoint_mail.write, signing=signing)
    done["mailed"] = await context.for_each_due(checkpoint_mail.due, checkpoint_mail.ACTOR, write)
    return done
