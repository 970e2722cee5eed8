"""Is this report unchanged? Anybody who holds a file may ask; what leaves is what the file itself says."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, TooManyRequestsException
from litestar.params import FromPath
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.offline import SCRIPTS, script
from compliance.services import audit_reports, sign_in
from compliance.services import certificates as signing_keys
from compliance.services.audit_reports import Checked
from compliance.web.access import PUBLIC
from compliance.web.forms import Form, asked, blank
from compliance.web.limits import RENEWAL_LIMIT
from compliance.web.page import Html, Page

TEMPLATE: Final = "reports/verify.html"
AT_ONCE: Final = 2
"""Files that are looked at together: anybody may send such a file, and several at once."""
MANY: Final = "Many files were asked about from where you are. Wait half a minute, then ask again."
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Held:
    """What somebody holds: the file, or its SHA-256 in hexadecimal digits."""

    file: UploadFile | None = None
    sha256: str = asked("the file’s SHA-256", default="", longest=200)


@get("/verify", opt=PUBLIC)
async def verify_page(page: NamedDependency[Page]) -> Html:
    """The form, the certificates of this installation, and what an auditor needs to check without it."""
    return page.show(TEMPLATE, values=blank(Held), report=None, checked=None, **await _beside(page.session))


async def _beside(session: AsyncSession) -> dict[str, Any]:
    return {"certificates": [each.certificate for each in await signing_keys.every(session, None)]}


@get("/verify/{report_id:uuid}", opt=PUBLIC)
async def verify_report(page: NamedDependency[Page], report_id: FromPath[UUID]) -> Html:
    """The form for one report, with what it has to say; a report that was never issued is said to be unknown."""
    report = await audit_reports.verify_id(page.session, report_id=report_id)
    beside, status = await _beside(page.session), 200 if report else 404
    return page.show(TEMPLATE, status=status, values=blank(Held), report=report, checked=None, **beside)


@post("/verify", opt=PUBLIC, request_max_body_size=RENEWAL_LIMIT)
async def verify(page: NamedDependency[Page]) -> Html:
    """Issued here, in exactly these bytes?"""
    await _admit(page)
    form = await page.form(Held)
    given = form.value
    database = page.database
    async with database.read() as session:  # the page's own session would take a writer's turn
        beside = await _beside(session)
        if given is None or not _has_something(form, given):
            return page.again(TEMPLATE, form, report=None, checked=None, **beside)
        if given.file:
            checked = await _checked(session, given.file, page.now)
        else:
            checked = await audit_reports.check_digest(session, sha256=_plain(given.sha256), now=page.now)
    return page.show(TEMPLATE, values=blank(Held, sha256=checked.sha256), report=None, checked=checked, **beside)


async def _checked(session: AsyncSession, file: UploadFile, now: datetime) -> Checked:
    """A few at a time: each is in memory as long as it is looked at."""
    async with _at_once():
        return await audit_reports.check(session, content=await file.read(), now=now)


def _at_once() -> asyncio.Semaphore:
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))


def _plain(sha256: str) -> str:
    return re.sub(r"[\s:]", "", sha256.lower())


def _has_something(form: Form[Held], given: Held) -> bool:
    """Whether there is a file or a digest to look at."""
    if given.file:
        return True
    digest = _plain(given.sha256)
    if not digest:
        form.refuse("file", "Choose the file, or give its SHA-256.")
    elif not _DIGEST.fullmatch(digest):
        form.refuse(
            "sha256", "A SHA-256 has 64 digits from 0 to 9 and a to f; this is none. Or choose the file itself."
        )
    return not form.errors


@get("/verify/certificates.pem", opt=PUBLIC)
async def certificates(page: NamedDependency[Page]) -> Response[str]:
    """Every certificate that this installation has signed with, the newest first."""
    found = await signing_keys.every(page.session, None)
    return _download("certificates.pem", "".join(each.certificates for each in found), "application/x-pem-file")


@get("/verify/script/{name:str}", opt=PUBLIC)
async def auditors_script(name: FromPath[str]) -> Response[str]:
    """A script for auditors, which needs Python alone."""
    if name not in SCRIPTS:
        raise NotFoundException
    return _download(name, script(name), "text/x-python; charset=utf-8")


def _download(name: str, text: str, media_type: str) -> Response[str]:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=media_type, headers=headers)


async def _admit(page: Page) -> None:
    """Raises 429 for a network that asks without end, before its file is read."""
    limits = sign_in.question_limits(page.address)
    database = page.database
    async with database.read() as session:
        admitted = not await sign_in.is_held(session, limits=limits, now=page.now)
    if admitted:
        async with database.write.begin() as session:
            admitted = await sign_in.count_attempt(session, limits=limits, now=page.now)
    if not admitted:
        raise TooManyRequestsException(MANY, headers={"retry-after": "30"})


ROUTES: Final[list[Any]] = [verify_page, verify_report, verify, certificates, auditors_script]
