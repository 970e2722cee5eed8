"""The organization's logo: what reports print in their head, and the form for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from compliance.services import logos
from compliance.services.refusals import Refused
from compliance.store import EvidenceDamaged, EvidenceMissing, StoreUnavailable, open_store
from compliance.uploads.refusals import LARGEST_FILE
from compliance.web.access import needs
from compliance.web.evidence import SANDBOX
from compliance.web.flash import Flash
from compliance.web.forms import Form, asked, blank
from compliance.web.page import Html, Page
from compliance.web.uploading import take

TEMPLATE: Final = "organization/logo.html"
ADDRESS: Final = "/organization/logo"


@dataclass(frozen=True)
class Picture:
    """A picture file."""

    file: UploadFile = asked("the picture")


@dataclass(frozen=True)
class _Nothing:
    """A form of one button."""


@get(ADDRESS, opt=needs("organization.write"))
async def logo_page(page: NamedDependency[Page]) -> Html:
    """What is printed now, and the form for another."""
    return page.show(TEMPLATE, values=blank(Picture), logo=await logos.current(page.session, page.act))


@get(f"{ADDRESS}/picture", opt=needs("organization.write"))
async def picture(page: NamedDependency[Page]) -> Response[bytes]:
    """The picture, as it was drawn anew."""
    logo = await logos.current(page.session, page.act)
    try:
        content = await _store(page).get(logo) if logo else b""
    except (EvidenceMissing, EvidenceDamaged, StoreUnavailable):
        content = b""
    if not content:
        raise NotFoundException("There is no logo to show.")
    headers = SANDBOX | {"content-disposition": 'inline; filename="logo.jpg"'}
    return Response(content, media_type=logos.MEDIA_TYPE, headers=headers)


def _store(page: Page) -> Any:
    return open_store(page.settings.evidence_url, page.settings.home)


@post(ADDRESS, opt=needs("organization.write"), request_max_body_size=LARGEST_FILE + 100_000)
async def use_logo(page: NamedDependency[Page]) -> Html | Redirect:
    """Reports print it from now on."""
    form = await page.form(Picture)
    if form.value and await _used(page, form):
        return page.go(ADDRESS, Flash("Reports print this logo from now on.", "met"))
    async with page.database.read() as session:
        return page.again(TEMPLATE, form, logo=await logos.current(session, page.act))


async def _used(page: Page, form: Form[Picture]) -> bool:
    """Whether the picture was taken; else the form says why not."""
    kept = await take(page, form, "file")
    if kept is None or kept.rendition_sha256 is None:
        return False
    try:
        drawn = await _store(page).get(kept.rendition_sha256)
        await logos.use(page.session, act=page.act, picture=kept, drawn=drawn)
    except Refused as refusal:
        form.refused(refusal)
        return False
    return True


@post(f"{ADDRESS}/remove", opt=needs("organization.write"))
async def remove_logo(page: NamedDependency[Page]) -> Redirect:
    """Reports print none from now on."""
    await page.form(_Nothing)
    try:
        await logos.remove(page.session, act=page.act)
    except Refused as refusal:
        return page.go(ADDRESS, Flash(str(refusal), "unknown"))
    return page.go(ADDRESS, Flash("Reports print no logo from now on."))


ROUTES: Final[list[Any]] = [logo_page, picture, use_logo, remove_logo]
