"""Whose verdict a change of policies would change: shown under its form, or as a task where many work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries.clinics import clinics
from compliance.db.queries.tasks import task
from compliance.domain.requirements import Policy
from compliance.services import policy_preview
from compliance.web.access import needs
from compliance.web.forms import Form
from compliance.web.labels import modality_title
from compliance.web.page import Html, Page


async def look_first(
    page: Page, template: str, form: Form[Any], policies: Sequence[Policy], on: date, title: str, **around: Any
) -> Html | Redirect:
    """The same form with what it would change; nothing is saved. For many people a task, and on to its page."""
    found = await policy_preview.look(page.session, organization_id=page.organization_id, policies=policies, on=on)
    if found is None:
        title = f"What “{title}” would change"
        task_id = await policy_preview.start(page.session, act=page.act, policies=policies, on=on, title=title)
        return page.go(f"/policies/looks/{task_id}")
    page.refused = True
    return page.show(template, values=form.typed, look=await _shown(page, found), **around)


async def _shown(page: Page, found: policy_preview.Found) -> dict[str, Any]:
    """The result with names and days in place of ids and text."""
    names = {str(each.id): each.name for each in await clinics(page.session, page.organization_id)}
    lines = [
        {
            **each,
            "clinic": names.get(each["clinic_id"], "A clinic"),
            "practice": modality_title(each["modality"]),
            "before": _day(each["before"]),
            "after": _day(each["after"]),
        }
        for each in found["lines"]
    ]
    return {**found, "on": date.fromisoformat(found["on"]), "lines": lines}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@get("/policies/looks/{task_id:uuid}", opt=needs("policies.write"))
async def look_page(page: NamedDependency[Page], task_id: FromPath[UUID]) -> Html | Redirect:
    """How far a look at many people is, then what it found."""
    found = await task(page.session, page.organization_id, task_id)
    if found is None or found.kind != policy_preview.KIND or found.state != "done":
        page.found(found)
        return page.go(f"/tasks/{task_id}")
    return page.show("policies/look.html", task=found, look=await _shown(page, found.result))


ROUTES: Final[list[Any]] = [look_page]
