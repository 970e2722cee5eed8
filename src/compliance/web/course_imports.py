"""Courses from a CSV file: looked at first if wanted, refused as a whole with the line of each problem, or recorded.

A file that was only looked at waits in the store until it is recorded, so that it is chosen once.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.response import Redirect

from compliance.crypto.hashes import sha256_hex
from compliance.rendering import plural
from compliance.services import course_files, education
from compliance.services.course_files import ALIASES, Judged
from compliance.services.evidence import NewEvidence
from compliance.services.personal.removing import doom
from compliance.services.refusals import Refused
from compliance.sources.rows import Unreadable
from compliance.store import EvidenceDamaged, EvidenceMissing, Store, StoreUnavailable, open_store
from compliance.web.access import needs
from compliance.web.forms import Form, asked, blank
from compliance.web.holders import looking
from compliance.web.kept_uploads import LONGEST_SEAL
from compliance.web.page import Html, Page
from compliance.web.uploading import GONE, again, here, name_of, offer

TEMPLATE: Final = "education/import.html"
LIMIT: Final = 3 * 2**20
MOST: Final = 2_000
"""New courses that one request records; more are for `compliance education import`."""
SHOWN: Final = 200
MENDED: Final = "Mend the cells of the list above in the file, then choose it again."


@dataclass(frozen=True)
class Upload:
    """A file of courses. `look`: nothing is recorded yet."""

    file: UploadFile | None = asked("the file of courses: CSV", default=None)
    kept_file: str = asked("the file", default="", longest=LONGEST_SEAL)
    look: bool = False


@get("/imports/courses", opt=needs("imports.run"))
async def course_import(page: NamedDependency[Page]) -> Html:
    """The form."""
    return page.show(TEMPLATE, values=blank(Upload), judged=None, columns=tuple(ALIASES))


@post("/imports/courses", opt=needs("imports.run"), request_max_body_size=LIMIT)
async def import_courses(page: NamedDependency[Page]) -> Html | Redirect:
    """All rows, or none."""
    form = await page.form(Upload)
    content = await _content(page, form)
    judged = await _judged(page, form, content)
    if form.value is None or judged is None or judged.refused:
        refused = judged.refused[:SHOWN] if judged else ()
        if refused:
            form.refuse("file", MENDED)
        form.typed["file"] = name_of(form.typed["file"])
        return page.again(TEMPLATE, form, judged=judged, refused=refused, columns=tuple(ALIASES))
    if form.value.look:
        return await _looked_at(page, form, content, judged)
    try:
        if judged.courses:
            await education.record_many(page.session, act=page.act, courses=judged.courses)
    except Refused as refusal:
        form.refuse("file", str(refusal))
        return page.again(TEMPLATE, form, judged=None, columns=tuple(ALIASES))
    # The same bytes may be kept for others: only the sweep, which sees all of them, takes anything out of the store.
    await doom(page.session, act=page.act, files=[sha256_hex(content)])
    said = f"{plural(len(judged.courses), 'course')} recorded, {judged.unchanged:,} were on file already."
    return page.go("/imports", said)


async def _content(page: Page, form: Form[Any]) -> bytes:
    """The file that came, else the one that was looked at before; empty with a sentence in the form."""
    upload: UploadFile | None = form.read.get("file")
    if upload:
        return await upload.read()
    kept = again(page, form, "file", here(page))
    if kept is None:
        form.refuse("file", "Give the file of courses: CSV.")
        return b""
    try:
        return await _store(page).get(kept.sha256)
    except (EvidenceMissing, EvidenceDamaged, StoreUnavailable):
        form.typed["file"] = kept.name
        form.refuse("file", GONE)
        return b""


async def _looked_at(page: Page, form: Form[Any], content: bytes, judged: Judged) -> Html:
    """What would be recorded; nothing is, and the file waits for the word."""
    page.refused = True
    if isinstance(form.typed["file"], str):
        digest = sha256_hex(content)
        await _store(page).put(content, digest)
        offer(page, form, "file", here(page), NewEvidence(form.typed["file"], "csv", "text/csv", digest, len(content)))
    return page.show(TEMPLATE, values=form.typed, judged=judged, refused=(), columns=tuple(ALIASES))


def _store(page: Page) -> Store:
    return open_store(page.settings.evidence_url, page.settings.home)


async def _judged(page: Page, form: Form[Any], content: bytes) -> Judged | None:
    """What the file says; None with a sentence in the form. Read before the only writer is kept waiting."""
    if form.value is None or form.errors:
        return None
    with tempfile.TemporaryDirectory(prefix="courses-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        try:
            async with looking(page) as before:
                judged = await course_files.judge(before.session, act=page.act, path=path)
        except Unreadable as unreadable:
            form.refuse("file", str(unreadable))
            return None
    if len(judged.courses) > MOST:
        form.refuse("file", f"The file has {len(judged.courses):,} new courses; split it into files of {MOST:,}.")
        return None
    return judged


ROUTES: Final[list[Any]] = [course_import, import_courses]
