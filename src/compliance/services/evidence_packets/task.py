"""Making a packet is a task: every piece is read and held against its hash, and what cannot be read is known before
anybody downloads anything. The plan is kept; the file itself is made anew each time it goes out, with the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.hashes import sha256_hex
from compliance.db.queries import audit_reports as kept
from compliance.db.queries.audit_reports import IssuedReport
from compliance.services import tasks, trail
from compliance.services.evidence_packets.listing import Plan, gather
from compliance.services.evidence_packets.zipping import Told, pieces
from compliance.services.refusals import Problem, Refused, Unknown
from compliance.services.task_runner import Ended, TaskFailed, Work
from compliance.services.trail import Act, Entry
from compliance.store import EvidenceDamaged, EvidenceMissing, Store, StoreUnavailable

KIND: Final = "evidence-packet"
NAMED: Final = 100
"""So many pieces that cannot be read are named on the page; the manifest names all."""


@dataclass(slots=True)
class _Whole:
    """The packet's own hash and length, while it goes by."""

    digest: hashlib._Hash
    size: int = 0


async def start(session: AsyncSession, *, act: Act, report_id: UUID) -> UUID:
    """Writes the task; its id. Raises Unknown for a report that this organization does not have."""
    report = await kept.issued_one(session, act.organization_id, report_id)
    if report is None:
        raise Unknown(Problem("report_id", f"No report has the id {report_id}."))
    title = f"Evidence packet of {report.clinic}, {report.as_of.isoformat()}"
    return await tasks.create(session, act=act, kind=KIND, title=title, input={"report_id": str(report_id)})


async def run(work: Work) -> Ended:
    """Reads and checks every piece, keeps the plan, and writes what was found. Raises TaskFailed."""
    organization_id = work.task.organization_id
    try:
        plan = await _planned(work)
        told, whole = Told(), _Whole(hashlib.sha256())
        await _read_through(work, plan, told, whole)
        content = msgspec.json.encode(plan)
        await work.tools.store.put(content, sha256_hex(content))
    except (Refused, Unknown, EvidenceMissing, EvidenceDamaged, StoreUnavailable) as problem:
        raise TaskFailed(str(problem)) from problem
    found = {
        "report_id": str(plan.report_id),
        "plan": sha256_hex(content),
        "sha256": whole.digest.hexdigest(),
        "size": whole.size,
        "pieces": len(plan.pieces),
        "people": len(plan.holders),
        "whole": told.whole,
        "not_in_the_packet": len(told.problems),
    }
    async with work.transaction() as session:
        entry = Entry("packet.made", f"report:{plan.report_id}", new=found)
        await trail.record(session, act=work.act(), entry=entry)
    named = [[path, told.states[path]] for path in told.problems[:NAMED]]
    return Ended({"packet": found | {"organization_id": str(organization_id), "problems": named}})


async def _planned(work: Work) -> Plan:
    await work.progress("listing", 0, None)
    async with work.tools.database.read.begin() as session:
        report = await _report(session, work)
        return await gather(session, organization_id=work.task.organization_id, report=report)


async def _report(session: AsyncSession, work: Work) -> IssuedReport:
    id_ = UUID(str(work.task.input["report_id"]))
    found = await kept.issued_one(session, work.task.organization_id, id_)
    if found is None:
        raise TaskFailed("The report is not there any more.")
    return found


async def _read_through(work: Work, plan: Plan, told: Told, whole: _Whole) -> None:
    """The packet as it would go out, without keeping it."""
    total, seen, last = len(plan.pieces), 0, work.tools.clock()
    async for each in pieces(plan, work.tools.store, told):
        whole.digest.update(each)
        whole.size += len(each)
        now = work.tools.clock()
        if len(told.states) > seen and (now - last).total_seconds() >= 1:
            seen, last = len(told.states), now
            await work.progress("reading", seen, total)
    await work.progress("reading", total, total)


async def plan_of(store: Store, sha256: str) -> Plan:
    """A kept plan. Raises the store's errors."""
    return msgspec.json.decode(await store.get(sha256), type=Plan)
