"""The walk along a whole chain as a task: stretch by stretch, with progress, to the entry that was last then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.checkpoints import TrailKey
from compliance.crypto.hashes import GENESIS
from compliance.db.queries.trail import head
from compliance.services import tasks, trail, trail_proof
from compliance.services.task_runner import Ended, Work
from compliance.services.trail import Act, Broken, Step

KIND: Final = "verify-trail"
BATCH: Final = 2_000


async def start(session: AsyncSession, *, act: Act) -> UUID:
    """Writes the task; its id. What is checked reaches to the entry that says so."""
    return await tasks.create(session, act=act, kind=KIND, title="The chain of the history", input={})


async def run(work: Work) -> Ended:
    """Walks in sessions of its own, so that nobody waits for it; taken up again, it begins anew."""
    organization_id = work.task.organization_id
    public = TrailKey(work.tools.signing.secret).public
    async with work.tools.database.read() as session:
        last, digest = await head(session, organization_id)
        known = await trail_proof.marks(session, organization_id=organization_id, public=public)
    step, broken = Step(0, GENESIS), None
    while step.seq < last and broken is None:
        async with work.tools.database.read() as session:
            batch = min(BATCH, last - step.seq)
            there, broken = await trail.walk(
                session, organization_id=organization_id, step=step, batch=batch, hashes=known.hashes
            )
        if broken is None and there.seq == step.seq:
            broken = Broken(there.seq + 1, f"entry {there.seq + 1} is not there")
        step = there
        await work.progress("checking", step.seq, last)
    if broken is None and step.hash.hex() != digest:
        broken = Broken(last, "the head of the chain says something else than its last entry")
    broken = broken or trail_proof.beyond(known, step) or known.broken
    return Ended(_told(step, known.checkpoints, broken))


def _told(step: Step, checkpoints: int, broken: Broken | None) -> Mapping[str, Any]:
    problem = {"seq": broken.seq, "problem": broken.problem} if broken else None
    return {"entries": step.seq, "checkpoints": checkpoints, "holds": broken is None, "broken": problem}
