"""The evidence packet of a report: a task says what is in it and what is not, and it is zipped as it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast
from uuid import UUID

import structlog
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from compliance.db.queries import packets as reading
from compliance.db.queries.tasks import Task
from compliance.db.queries.tasks import task as task_of
from compliance.services import evidence_packets
from compliance.store import EvidenceDamaged, EvidenceMissing, open_store
from compliance.web.access import needs
from compliance.web.forms import Nothing
from compliance.web.page import Html, Page
from compliance.web.reports import seen

GOING: Final = ("waiting", "running")
log = structlog.get_logger("compliance.web")


@get("/reports/{report_id:uuid}/packet", opt=needs("reports.read"))
async def packet_page(page: NamedDependency[Page], report_id: FromPath[UUID]) -> Html:
    """Whether there is a packet, how far it is, and what is not in it."""
    report = await seen(page, report_id)
    task = await _last(page, report_id)
    made = made_of(task)
    return page.show("reports/packet.html", report=report, task=task, packet=made, zone=page.membership.time_zone)


async def _last(page: Page, report_id: UUID) -> Task | None:
    """The latest task that made a packet of this report, or makes one."""
    mine = page.organization_id
    id_ = await reading.last_task(page.session, mine, evidence_packets.KIND, report_id)
    return await task_of(page.session, mine, id_) if id_ else None


def made_of(task: Task | None) -> Mapping[str, Any] | None:
    """What was found when the packet was made; none while it is not."""
    found = task.result.get("packet") if task and task.state == "done" else None
    return cast("Mapping[str, Any] | None", found)


@post("/reports/{report_id:uuid}/packet", opt=needs("reports.make"))
async def make_packet(page: NamedDependency[Page], report_id: FromPath[UUID]) -> Redirect:
    """A task makes it; one at a time for each report."""
    await seen(page, report_id)
    await page.form(Nothing)
    task = await _last(page, report_id)
    if task is None or task.state not in GOING:
        await evidence_packets.start(page.session, act=page.act, report_id=report_id)
    return page.go(f"/reports/{report_id}/packet")


@get("/reports/{report_id:uuid}/packet/file", opt=needs("reports.read"))
async def packet_file(page: NamedDependency[Page], report_id: FromPath[UUID]) -> Stream:
    """The ZIP file, made as it goes out."""
    await seen(page, report_id)
    made = page.found(made_of(await _last(page, report_id)))
    store = open_store(page.settings.evidence_url, page.settings.home)
    try:
        plan = await evidence_packets.plan_of(store, made["plan"])
    except (EvidenceMissing, EvidenceDamaged):
        raise NotFoundException("What the packet holds is not on record any more. Make it again.") from None
    viewer = str(page.viewer.person_id)
    log.info("export", what="evidence-packet", organization=str(page.organization_id), viewer=viewer)
    headers = {"content-disposition": f'attachment; filename="{plan.file_name}"', "cache-control": "no-store"}
    return Stream(evidence_packets.pieces(plan, store), media_type=evidence_packets.MEDIA_TYPE, headers=headers)


ROUTES: Final[list[Any]] = [packet_page, make_packet, packet_file]
