"""Exposure audits: a file of treatments is sent in, looked at, and held against who was cleared on each day."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response

from compliance.crypto.hashes import sha256_hex
from compliance.db.queries.actors import names_of
from compliance.db.queries.report_tasks import of_kinds
from compliance.db.queries.tasks import Task
from compliance.db.queries.tasks import task as task_of
from compliance.services import exposure_audits, tasks
from compliance.services.exposure_audits import Preview
from compliance.services.refusals import Refused
from compliance.sources import treatments
from compliance.sources.rows import Unreadable
from compliance.sources.treatments import Treatments
from compliance.store import EvidenceDamaged, EvidenceMissing, open_store
from compliance.uploads.names import clean_name
from compliance.web.access import needs
from compliance.web.forms import Nothing, asked, blank
from compliance.web.labels import modality_title
from compliance.web.limits import ROSTER_LIMIT
from compliance.web.page import Html, Page
from compliance.web.tasks import STATES

LIST: Final = "exposures/list.html"
SHOWN: Final = 5
FILES: Final = {"not-cleared.csv": "exposed_lines", "every-line.csv": "every_line"}


@dataclass(frozen=True)
class Sent:
    """The file."""

    file: UploadFile = asked("the file of treatments")


@get("/exposures", opt=needs("reports.make"))
async def exposure_list(page: NamedDependency[Page]) -> Html:
    """The form, and what was checked before."""
    return page.show(LIST, values=blank(Sent), **await _beside(page))


async def _beside(page: Page) -> dict[str, Any]:
    mine = page.act.actor if page.clinic_ids else ""
    found = await of_kinds(page.session, page.organization_id, [exposure_audits.KIND], started_by=mine)
    names = await names_of(page.session, [each.started_by for each in found])
    return {"audits": found, "names": names, "states": STATES, "zone": page.membership.time_zone}


@post("/exposures", opt=needs("reports.make"), request_max_body_size=ROSTER_LIMIT)
async def send(page: NamedDependency[Page]) -> Html | Redirect:
    """Reads the file, keeps its four columns and shows what was read. The rest of it is forgotten."""
    form = await page.form(Sent)
    if form.value is None:
        return page.again(LIST, form, **await _beside(page))
    name = clean_name(form.value.file.filename)
    try:
        found = await _read(form.value.file)
    except Unreadable as problem:
        return page.again(LIST, form.refuse("file", str(problem)), **await _beside(page))
    content = await asyncio.to_thread(treatments.kept, found.lines)
    store, digest = open_store(page.settings.evidence_url, page.settings.home), sha256_hex(content)
    await store.put(content, digest)
    first = tuple((each.therapist, each.day, each.modality, each.clinic) for each in found.lines[:SHOWN])
    preview = Preview(name, len(found.lines), first, found.unread)
    about: dict[str, Any] = {"sha256": digest, "preview": preview, "today": page.today, "clinic_ids": page.clinic_ids}
    return page.go(f"/exposures/{await exposure_audits.start(page.session, act=page.act, **about)}")


async def _read(file: UploadFile) -> Treatments:
    with tempfile.TemporaryDirectory(prefix="treatments-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(await file.read())
        return await asyncio.to_thread(treatments.read, path)


@get("/exposures/{task_id:uuid}", opt=needs("reports.read"))
async def exposure_page(page: NamedDependency[Page], task_id: FromPath[UUID]) -> Html:
    """What was read, how far it is, what was found."""
    task = await _seen(page, task_id)
    return page.show("exposures/show.html", task=task, zone=page.membership.time_zone, **_found(task))


def _found(task: Task) -> dict[str, Any]:
    """What was found, with days as days and modalities by name; nothing while it is not done."""
    result: Any = task.result
    if task.state != tasks.DONE:
        return {"found": None, "groups": [], "problems": []}
    groups = [_dated(each) | {"modality": modality_title(each["modality"])} for each in result["groups"]]
    return {"found": _dated(result["found"]), "groups": groups, "problems": result["problems"]}


def _dated(told: Mapping[str, Any]) -> dict[str, Any]:
    days = {name: date.fromisoformat(told[name]) if told[name] else None for name in ("first", "last")}
    return {**told, **days}


async def _seen(page: Page, task_id: UUID) -> Task:
    """Those who are limited to clinics see their own alone: another's speaks of other clinics."""
    task = page.found(await task_of(page.session, page.organization_id, task_id))
    if task.kind != exposure_audits.KIND or (page.clinic_ids and task.started_by != page.act.actor):
        raise NotFoundException
    return task


@post("/exposures/{task_id:uuid}/check", opt=needs("reports.make"))
async def check(page: NamedDependency[Page], task_id: FromPath[UUID]) -> Redirect:
    """The preview is right: a worker checks it."""
    task = await _seen(page, task_id)
    await page.form(Nothing)
    try:
        await exposure_audits.confirm(page.session, act=page.act, task_id=task_id, given=task.input)
    except Refused:
        return page.go(f"/exposures/{task_id}")  # somebody was faster
    return page.go(f"/exposures/{task_id}")


@post("/exposures/{task_id:uuid}/drop", opt=needs("reports.make"))
async def drop(page: NamedDependency[Page], task_id: FromPath[UUID]) -> Redirect:
    """The file is not checked."""
    await _seen(page, task_id)
    await page.form(Nothing)
    try:
        await tasks.cancel(page.session, act=page.act, task_id=task_id, reason="not checked")
    except Refused:
        return page.go(f"/exposures/{task_id}")
    return page.go("/exposures", "Nothing was checked.")


@get("/exposures/{task_id:uuid}/{name:str}", opt=needs("reports.read"))
async def exposure_file(page: NamedDependency[Page], task_id: FromPath[UUID], name: FromPath[str]) -> Response[bytes]:
    """The lines as a file: those that were not covered, or all."""
    task = await _seen(page, task_id)
    found: Mapping[str, Any] | Any = task.result.get("found")
    if name not in FILES or not found:
        raise NotFoundException
    store = open_store(page.settings.evidence_url, page.settings.home)
    try:
        content = await store.get(found[FILES[name]])
    except (EvidenceMissing, EvidenceDamaged):
        raise NotFoundException("The file is not on record any more. Check the treatments once more.") from None
    headers = {"content-disposition": f'attachment; filename="exposures-{name}"', "cache-control": "no-store"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


ROUTES: Final[list[Any]] = [exposure_list, send, exposure_page, check, drop, exposure_file]
