"""Long work that a person started: the list, and one task with how far it is. It goes on when the page is left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import tasks as reading
from compliance.db.queries.actors import names_of
from compliance.db.queries.report_tasks import of_kinds
from compliance.web.access import needs
from compliance.web.page import Html, Page

STATES: Final = {
    "waiting": ("expiring", "Waiting"),
    "running": ("expiring", "Running"),
    "ready": ("unverified", "Waits for you"),
    "done": ("met", "Done"),
    "failed": ("lapsed", "Failed"),
    "cancelled": ("missing", "Cancelled"),
}
"""The shape and the word of each state."""

_PAGES: Final = {
    "import-roster": "/imports/{id}",
    "policy-preview": "/policies/looks/{id}",
    "exposure-audit": "/exposures/{id}",
    "together": "/therapists/together/{id}",
}
_CAPABILITY: Final = {
    "audit-report": "reports.read",
    "evidence-packet": "reports.read",
    "exposure-audit": "reports.read",
    "verify-trail": "trail.read",
    "policy-preview": "policies.write",
}


MADE_LIKE_REPORTS: Final = ("audit-report", "evidence-packet", "exposure-audit")
REMEMBERED: Final = timedelta(days=7)
"""So long a list still names what could not be made."""


async def going(page: Page, session: AsyncSession) -> list[reading.Task]:
    """Reports that are being made, or wait, or lately could not be: those that this viewer may see."""
    mine = page.act.actor if page.clinic_ids else ""
    states = ("waiting", "running", "ready", "failed")
    found = await of_kinds(session, page.organization_id, MADE_LIKE_REPORTS, states=states, started_by=mine, limit=10)
    return [each for each in found if each.state != "failed" or each.updated_at > page.now - REMEMBERED]


@get("/tasks", opt=needs("imports.run"))
async def task_list(page: NamedDependency[Page]) -> Html:
    """The latest, newest first."""
    found = await reading.tasks(page.session, page.organization_id, limit=50)
    names = await names_of(page.session, [each.started_by for each in found])
    addresses = {each.id: address_of(each) for each in found}
    return page.show("tasks/list.html", tasks=found, names=names, addresses=addresses, states=STATES)


def address_of(task: reading.Task) -> str:
    """The page of a task: an import's own, or the plain one."""
    return _PAGES.get(task.kind, "/tasks/{id}").format(id=task.id)


@get("/tasks/{task_id:uuid}", opt=needs("dashboard"))
async def task_page(page: NamedDependency[Page], task_id: FromPath[UUID]) -> Html | Redirect:
    """How far one task is; once it is done, on to what it made."""
    task = page.found(await reading.task(page.session, page.organization_id, task_id))
    mine = task.started_by == page.act.actor
    page.found(task if mine or (page.may(_CAPABILITY.get(task.kind, "imports.run")) and not page.clinic_ids) else None)
    if task.kind == "import-roster":
        return page.go(f"/imports/{task.id}")
    if task.kind == "exposure-audit":
        return page.go(f"/exposures/{task.id}")
    if task.kind == "evidence-packet":
        return page.go(f"/reports/{task.input['report_id']}/packet")
    if task.state == "done" and task.kind == "policy-preview":
        return page.go(f"/policies/looks/{task.id}")
    if task.state == "done" and task.kind == "verify-trail":
        return page.go("/trail")
    if task.state == "done" and task.result.get("report_id"):
        return page.go(f"/reports/{task.result['report_id']}")
    return page.show("tasks/task.html", task=task, states=STATES)


ROUTES: Final[list[Any]] = [task_list, task_page]
