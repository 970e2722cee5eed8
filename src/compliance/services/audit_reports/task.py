"""A big audit report as a task: the same verb as for a small one, run by a worker, its id in the task's result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.reports import RenderFailed
from compliance.services import tasks
from compliance.services.audit_reports import issuing
from compliance.services.audit_reports.asking import Asked, asked_from
from compliance.services.refusals import Refused
from compliance.services.task_runner import Ended, TaskFailed, Work
from compliance.services.trail import Act
from compliance.store import EvidenceDamaged, EvidenceMissing, StoreUnavailable

KIND: Final = "audit-report"


async def start(session: AsyncSession, *, act: Act, asked: Asked, format: str, title: str) -> UUID:
    """Writes the task; a worker makes the report. The task's id."""
    given = asked.plain() | {"format": format}
    return await tasks.create(session, act=act, kind=KIND, title=title, input=given)


async def run(work: Work) -> Ended:
    """Makes the report, or serves the kept one. Raises TaskFailed with the sentence of what stands in the way."""
    given: Mapping[str, Any] = work.task.input
    await work.progress("making", 0, 1)
    try:
        issued = await issuing.issue(
            work.tools.database,
            work.tools.store,
            act=work.act(),
            asked=asked_from(given),
            format=given["format"],
            signing=work.tools.signing,
            added_fonts=work.tools.added_fonts,
        )
    except (Refused, RenderFailed, EvidenceMissing, EvidenceDamaged, StoreUnavailable) as problem:
        raise TaskFailed(str(problem)) from problem
    await work.progress("making", 1, 1)
    return Ended({"report_id": str(issued.report_id)})
