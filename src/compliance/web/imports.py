"""Importing a roster: upload, preview, apply, corrections, undo. The work is a task; its page can be left."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from compliance.crypto.hashes import sha256_hex_of_file
from compliance.db.queries import intake as reading
from compliance.db.queries.actors import names_of
from compliance.db.queries.imports_page import imports
from compliance.services import intake
from compliance.services.intake import Options
from compliance.services.intake.corrections import corrections
from compliance.services.refusals import Refused
from compliance.store import open_store
from compliance.uploads import refusals as unfit
from compliance.uploads.names import clean_name
from compliance.uploads.rosters import roster_kind
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import asked, blank
from compliance.web.import_page import LEAVE_OUT, around
from compliance.web.import_undo import UNDO, undo_shown
from compliance.web.limits import ROSTER_LIMIT
from compliance.web.page import Html, Page

RUN: Final = needs("imports.run")


@get("/imports", opt=RUN)
async def import_list(page: NamedDependency[Page]) -> Html:
    """What was imported, newest first."""
    found = await imports(page.session, page.organization_id)
    names = await names_of(page.session, [each.started_by for each in found])
    return page.show("imports/list.html", imports=found, names=names)


@dataclass(frozen=True)
class Upload:
    """A roster. `create_clinics`: those that the file names and nobody has recorded."""

    file: UploadFile = asked("the roster: a CSV or XLSX file")
    create_clinics: bool = False


@get(["/imports/new", "/import"], opt=RUN)
async def new_import(page: NamedDependency[Page]) -> Html:
    """The form."""
    return page.show("imports/new.html", values=blank(Upload, create_clinics=True), **await _explained(page))


@post("/imports", opt=RUN, request_max_body_size=ROSTER_LIMIT)
async def start(page: NamedDependency[Page]) -> Html | Redirect:
    """Looks at the file, keeps it until it was read, and starts the task; nothing is changed yet."""
    form = await page.form(Upload)
    if form.value is None:
        return page.again("imports/new.html", form, **await _explained(page))
    name = clean_name(form.value.file.filename)
    try:
        sha256 = await _keep(page, form.value.file, name)
    except unfit.Refused as refused:
        return page.again("imports/new.html", form.refuse("file", str(refused)), **await _explained(page))
    options = Options(create_clinics=form.value.create_clinics)
    act = page.act
    import_id = await intake.start_import(page.session, act=act, name=name, sha256=sha256, options=options)
    return page.go(f"/imports/{import_id}")


async def _explained(page: Page) -> dict[str, Any]:
    """What headers mean here, as somebody has said before."""
    return {"explained": sorted((await intake.own_columns(page.session, page.organization_id)).items())}


async def _keep(page: Page, file: UploadFile, name: str) -> str:
    """Puts the bytes into the store under their digest. Raises uploads.refusals.Refused."""
    store = open_store(page.settings.evidence_url, page.settings.home)
    with tempfile.TemporaryDirectory(prefix="roster-") as folder:
        path = Path(folder) / "roster"
        path.write_bytes(await file.read())
        await asyncio.to_thread(roster_kind, path, declared_name=name)
        sha256, _ = await asyncio.to_thread(sha256_hex_of_file, path)
        await store.put(path, sha256)
    return sha256


# -- one import ----------------------------------------------------------------------------------------------------


@get("/imports/{import_id:uuid}", opt=RUN)
async def import_page(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Html:
    """How far it is; what it would do; what it has done."""
    found = await _seen(page, import_id)
    return page.show("imports/import.html", it=found, **await around(page, found))


async def _seen(page: Page, import_id: UUID) -> reading.Import:
    return page.found(await reading.import_of(page.session, page.organization_id, import_id))


@dataclass(frozen=True)
class Decision:
    """What the person decided on the preview. `clinics` are "NAME=us-ks", a line for each clinic to create."""

    deed: str = asked("what to do: check or apply")
    create_clinics: bool = False
    clinics: tuple[str, ...] = ()
    leave_out_refused: bool = False


@post("/imports/{import_id:uuid}/confirm", opt=RUN)
async def confirm(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Html | Redirect:
    """Judges once more with these options; with `deed` apply goes on to write."""
    found = await _seen(page, import_id)
    form = await page.form(Decision)
    if form.value and _needs_leave(found, form.value):
        form.refuse("leave_out_refused", LEAVE_OUT)
    if form.value is None or form.errors:
        return page.again("imports/import.html", form, it=found, **await around(page, found))
    try:
        await intake.confirm_import(page.session, act=page.act, import_id=import_id, options=_options(form.value))
    except Refused as refusal:
        return page.again("imports/import.html", form.refused(refusal), it=found, **await around(page, found))
    return page.go(f"/imports/{import_id}")


def _needs_leave(found: reading.Import, given: Decision) -> bool:
    """Whether rows were refused, nobody has said to leave them out, and nothing was chosen that may mend them."""
    if given.deed != "apply" or not found.counts.refused or given.leave_out_refused:
        return False
    now = {each.name: each.jurisdiction for each in found.clinics if each.create}
    return all(now.get(name) == place for name, place in _options(given).clinic_jurisdictions.items())


def _options(given: Decision) -> Options:
    places: Mapping[str, str] = dict(each.rsplit("=", 1) for each in given.clinics if "=" in each)
    return Options(
        create_clinics=given.create_clinics,
        clinic_jurisdictions=places if given.create_clinics else {},
        leave_out_refused=given.leave_out_refused,
        apply=given.deed == "apply",
    )


@dataclass(frozen=True)
class Reason:
    """Why."""

    reason: str = asked("the reason", default="")


@post("/imports/{import_id:uuid}/cancel", opt=RUN)
async def cancel(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Redirect:
    """Stops it; what it has written stays and can be undone."""
    await _seen(page, import_id)
    form = await page.form(Reason)
    await intake.cancel_import(
        page.session, act=page.act, import_id=import_id, reason=form.value.reason if form.value else ""
    )
    return page.go("/imports", Flash("The import is cancelled.", "missing"))


@dataclass(frozen=True)
class Columns:
    """What each header means: "HEADER=field", or "HEADER=" for one that is kept as notes."""

    columns: tuple[str, ...] = ()


@post("/imports/{import_id:uuid}/columns", opt=RUN)
async def columns(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Html | Redirect:
    """Remembers what the headers of this file mean, for it and for every file to come; the file is chosen once more."""
    found = await _seen(page, import_id)
    form = await page.form(Columns)
    known = {each.name for each in found.headers}
    said = dict(each.rsplit("=", 1) for each in (form.value.columns if form.value else ()) if "=" in each)
    given = {header: field for header, field in said.items() if header in known}
    try:
        await intake.explain_columns(page.session, act=page.act, columns=given)
    except Refused as refusal:
        return page.again("imports/import.html", form.refused(refusal), it=found, **await around(page, found))
    return page.go("/imports/new", f"Remembered. Choose {found.name} again: its columns are read that way from now on.")


@get("/imports/{import_id:uuid}/undo", opt=RUN)
async def undo_preview(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Html:
    """What the undo would take back, what it would leave, and why; and the form."""
    found = await _seen(page, import_id)
    return page.show(UNDO, values=blank(Reason), **await undo_shown(page, found))


@post("/imports/{import_id:uuid}/undo", opt=RUN)
async def undo(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Html | Redirect:
    """A task that voids what the import has recorded."""
    found = await _seen(page, import_id)
    form = await page.form(Reason)
    try:
        reason = form.value.reason if form.value else ""
        task_id = await intake.undo_import(page.session, act=page.act, import_id=import_id, reason=reason)
    except Refused as refusal:
        return page.again(UNDO, form.refused(refusal), **await undo_shown(page, found))
    return page.go(f"/tasks/{task_id}")


@get("/imports/{import_id:uuid}/corrections.csv", opt=RUN)
async def corrections_file(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Stream:
    """The refused rows as they were, with a column that says what is wrong with each."""
    found = await _seen(page, import_id)
    name = f"{Path(clean_name(found.name)).stem}-corrections.csv"
    plain = "".join(each if each.isascii() and (each.isalnum() or each in "-_.") else "-" for each in name)
    pieces = [
        each async for each in corrections(page.session, organization_id=page.organization_id, import_id=import_id)
    ]
    headers = {"content-disposition": f'attachment; filename="{plain}"'}
    return Stream(iter(pieces), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES: Final[list[Any]] = [
    import_list, new_import, start, import_page, confirm, cancel, columns, undo_preview, undo, corrections_file,
]  # fmt: skip
