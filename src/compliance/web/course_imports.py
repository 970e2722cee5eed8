"""Courses from a CSV file: looked at first if wanted, refused as a whole with the line of each problem, or recorded."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.response import Redirect

from compliance.rendering import plural
from compliance.services import course_files, education
from compliance.services.course_files import ALIASES, Judged
from compliance.services.refusals import Refused
from compliance.sources.rows import Unreadable
from compliance.web.access import needs
from compliance.web.forms import Form, asked, blank
from compliance.web.holders import looking
from compliance.web.page import Html, Page
from compliance.web.uploading import CHUNK

TEMPLATE: Final = "education/import.html"
LIMIT: Final = 3 * 2**20
MOST: Final = 2_000
"""New courses that one request records; more are for `compliance education import`."""
SHOWN: Final = 200


@dataclass(frozen=True)
class Upload:
    """A file of courses. `look`: nothing is recorded yet."""

    file: UploadFile = asked("the file of courses: CSV")
    look: bool = False


@get("/imports/courses", opt=needs("imports.run"))
async def course_import(page: NamedDependency[Page]) -> Html:
    """The form."""
    return page.show(TEMPLATE, values=blank(Upload), judged=None, columns=tuple(ALIASES))


@post("/imports/courses", opt=needs("imports.run"), request_max_body_size=LIMIT)
async def import_courses(page: NamedDependency[Page]) -> Html | Redirect:
    """All rows, or none."""
    form = await page.form(Upload)
    judged = await _judged(page, form)
    if form.value is None or judged is None or judged.refused or form.value.look:
        refused = judged.refused[:SHOWN] if judged else ()
        return page.again(TEMPLATE, form, judged=judged, refused=refused, columns=tuple(ALIASES))
    try:
        if judged.courses:
            await education.record_many(page.session, act=page.act, courses=judged.courses)
    except Refused as refusal:
        form.refuse("file", str(refusal))
        return page.again(TEMPLATE, form, judged=None, columns=tuple(ALIASES))
    said = f"{plural(len(judged.courses), 'course')} recorded, {judged.unchanged:,} were on file already."
    return page.go("/imports", said)


async def _judged(page: Page, form: Form[Any]) -> Judged | None:
    """What the file says; None with a sentence in the form. Read before the only writer is kept waiting."""
    if form.value is None:
        return None
    with tempfile.TemporaryDirectory(prefix="courses-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as out:
            while chunk := await form.value.file.read(CHUNK):
                out.write(chunk)
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
