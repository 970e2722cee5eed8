"""One person's file as a whole: handed out, or erased after a look at what goes and what stays."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from compliance.db.queries.therapists import Therapist, therapist
from compliance.domain.matching import fold
from compliance.rendering import plural
from compliance.services import personal
from compliance.services.refusals import Refused
from compliance.store import Store, open_store
from compliance.web.access import needs
from compliance.web.forms import asked, blank
from compliance.web.page import Html, Page

PIECE: Final = 1 << 18
log = structlog.get_logger("compliance.web")


@dataclass(frozen=True)
class Handing:
    """To whom or why."""

    reason: str = asked("the reason", default="", longest=500, lines=True)


@get("/therapists/{therapist_id:uuid}/file", opt=needs("files.export"))
async def file_form(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """What would be in it."""
    who = await _who(page, therapist_id)
    return page.show("therapists/file.html", who=who, values=blank(Handing), found=await _preview(page, who.id))


@post("/therapists/{therapist_id:uuid}/file", opt=needs("files.export"))
async def file_out(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Stream:
    """The ZIP; that it was handed out is written down first."""
    who = await _who(page, therapist_id)
    form = await page.form(Handing)
    if form.value is None:
        return page.again("therapists/file.html", form, who=who, found=await _preview(page, who.id))
    await personal.hand_out(page.session, act=page.act, therapist_id=who.id, reason=form.value.reason)
    told = await personal.read(page.session, organization_id=page.organization_id, therapist_id=who.id, now=page.now)
    viewer = str(page.viewer.person_id)
    log.info("export", what="personal-file", organization=str(page.organization_id), viewer=viewer)
    store = open_store(page.settings.evidence_url, page.settings.home)
    headers = {
        "content-disposition": f'attachment; filename="file-{page.today.isoformat()}.zip"',
        "cache-control": "no-store",
    }
    return Stream(_pieces(store, told), media_type="application/zip", headers=headers)


async def _pieces(store: Store, told: personal.Told) -> AsyncIterator[bytes]:
    """After the transaction is over: documents may take their time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.zip"
        await personal.write(store, told, path)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


@dataclass(frozen=True)
class Erasing:
    """The name once more, so that nobody erases by a slip, and why."""

    name: str = asked("the name as it stands above", longest=200)
    reason: str = asked("the reason", longest=500, lines=True)


@get("/therapists/{therapist_id:uuid}/erase", opt=needs("files.erase"))
async def erase_form(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """What goes, what stays, and why; or why nothing may go."""
    who = await _who(page, therapist_id)
    return page.show("therapists/erase.html", who=who, values=blank(Erasing), found=await _preview(page, who.id))


@post("/therapists/{therapist_id:uuid}/erase", opt=needs("files.erase"))
async def erase(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Redirect:
    """Erases it. The documents leave the store with the next run of the job."""
    who = await _who(page, therapist_id)
    form = await page.form(Erasing)
    if form.value and fold(form.value.name) != fold(who.name):
        form.refuse("name", f"Type {who.name}, as it stands above.")
    try:
        if form.value and not form.errors:
            gone = await personal.erase(page.session, act=page.act, therapist_id=who.id, reason=form.value.reason)
            said = f"The file is erased: {plural(gone.rows, 'row')}, {plural(gone.documents, 'document')}."
            return page.go("/therapists", said)
    except Refused as refusal:
        form.refused(refusal)
    async with page.database.read() as session:
        found = await _preview_in(session, page, who.id)
    return page.again("therapists/erase.html", form, who=who, found=found)


async def _who(page: Page, therapist_id: UUID) -> Therapist:
    await page.see_therapist(therapist_id)
    return page.found(await therapist(page.session, page.organization_id, therapist_id))


async def _preview(page: Page, therapist_id: UUID) -> personal.Preview:
    return await _preview_in(page.session, page, therapist_id)


async def _preview_in(session: Any, page: Page, therapist_id: UUID) -> personal.Preview:
    mine = page.organization_id
    return await personal.preview(session, organization_id=mine, therapist_id=therapist_id, today=page.today)


ROUTES: Final[list[Any]] = [file_form, file_out, erase_form, erase]
