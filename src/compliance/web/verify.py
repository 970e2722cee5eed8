"""Is this report unchanged? Anybody who holds a file may ask; what leaves is what the file itself says."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import TooManyRequestsException
from litestar.params import FromPath

from compliance.services import audit_reports, sign_in
from compliance.web.access import PUBLIC
from compliance.web.forms import Form, asked, blank
from compliance.web.limits import RENEWAL_LIMIT
from compliance.web.page import Html, Page

TEMPLATE: Final = "reports/verify.html"
CHUNK: Final = 1 << 20
MANY: Final = "Many files were asked about from where you are. Wait half a minute, then ask again."
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Held:
    """What somebody holds: the file, or its SHA-256 in hexadecimal digits."""

    file: UploadFile | None = None
    sha256: str = asked("the file’s SHA-256", default="", longest=200)


@get("/verify", opt=PUBLIC)
async def verify_page(page: NamedDependency[Page]) -> Html:
    """The form."""
    return page.show(TEMPLATE, values=blank(Held), report=None, found=None, asked=False)


@get("/verify/{report_id:uuid}", opt=PUBLIC)
async def verify_report(page: NamedDependency[Page], report_id: FromPath[UUID]) -> Html:
    """The form for one report, with what it has to say; a report that was never issued is said to be unknown."""
    report = await audit_reports.verify_id(page.session, report_id=report_id)
    status = 200 if report else 404
    return page.show(TEMPLATE, status=status, values=blank(Held), report=report, found=None, asked=False)


@post("/verify", opt=PUBLIC, request_max_body_size=RENEWAL_LIMIT)
async def verify(page: NamedDependency[Page]) -> Html:
    """Issued here, in exactly these bytes?"""
    await _admit(page)
    form = await page.form(Held)
    digest = await _digest(form)
    if digest is None:
        return page.again(TEMPLATE, form, report=None, found=None, asked=False)
    async with page.request.app.state.database.read() as session:  # the page's own session would take a writer's turn
        found = await audit_reports.verify(session, sha256=digest)
    return page.show(TEMPLATE, values=blank(Held, sha256=digest), report=None, found=found, asked=True)


async def _admit(page: Page) -> None:
    """Raises 429 for a network that asks without end, before its file is read."""
    limits = sign_in.question_limits(page.address)
    database = page.request.app.state.database
    async with database.read() as session:
        admitted = not await sign_in.is_held(session, limits=limits, now=page.now)
    if admitted:
        async with database.write.begin() as session:
            admitted = await sign_in.count_attempt(session, limits=limits, now=page.now)
    if not admitted:
        raise TooManyRequestsException(MANY, headers={"retry-after": "30"})


async def _digest(form: Form[Held]) -> str | None:
    """The digest of what was given; None where that is nothing, or no digest."""
    given = form.value
    if given is None:
        return None
    if given.file:
        return await _digest_of(given.file)
    digest = re.sub(r"[\s:]", "", given.sha256.lower())
    if not digest:
        form.refuse("file", "Choose the file, or give its SHA-256.")
        return None
    if not _DIGEST.fullmatch(digest):
        form.refuse(
            "sha256", "A SHA-256 has 64 digits from 0 to 9 and a to f; this is none. Or choose the file itself."
        )
        return None
    return digest


async def _digest_of(file: UploadFile) -> str:
    """Piece by piece: anybody may send such a file, and several at once."""
    digest = hashlib.sha256()
    while piece := await file.read(CHUNK):
        digest.update(piece)
    return digest.hexdigest()


ROUTES: Final[list[Any]] = [verify_page, verify_report, verify]
