"""The certificate that reports are signed with: the installation's, or one of the organization's own from a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.certificates import LARGEST
from compliance.services import certificates, signing
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import Nothing, asked, blank
from compliance.web.page import Html, Page

TEMPLATE: Final = "organization/certificate.html"


@dataclass(frozen=True)
class Brought:
    """A PKCS#12 file and what opens it."""

    file: UploadFile = asked("the file with the certificate and its key")
    password: str = asked("the file's password", default="", longest=1000)


@get("/organization/certificate", opt=needs("organization.write"))
async def certificate_page(page: NamedDependency[Page]) -> Html:
    """What signs now, what did before, and the form for another."""
    return page.show(TEMPLATE, values=blank(Brought), **await _beside(page, page.session))


async def _beside(page: Page, session: AsyncSession) -> dict[str, Any]:
    own = await certificates.every(session, page.organization_id)
    return {
        "own": next((each for each in own if each.retired_at is None), None),
        "former": [each for each in own if each.retired_at is not None],
        "ours": await certificates.in_use(session, None),
        "zone": page.membership.time_zone,
    }


@post("/organization/certificate", opt=needs("organization.write"), request_max_body_size=2 * LARGEST)
async def use_certificate(page: NamedDependency[Page]) -> Html | Redirect:
    """Reports are signed with it from now on."""
    form = await page.form(Brought)
    beside = await _beside(page, page.session)
    if form.value is None:
        return page.again(TEMPLATE, form, **beside)
    content, settings = await form.value.file.read(), page.settings.signing()
    try:
        await signing.use_own(
            page.session, act=page.act, settings=settings, content=content, password=form.value.password
        )
    except Refused as refusal:
        return page.again(TEMPLATE, form.refused(refusal), **beside)
    return page.go("/organization/certificate", Flash("Reports are signed with this certificate from now on.", "met"))


@post("/organization/certificate/remove", opt=needs("organization.write"))
async def remove_certificate(page: NamedDependency[Page]) -> Redirect:
    """Back to the installation's."""
    await page.form(Nothing)
    try:
        await signing.stop_own(page.session, act=page.act)
    except Refused as refusal:
        return page.go("/organization/certificate", Flash(str(refusal), "unknown"))
    said = Flash("Reports are signed with the installation’s certificate again.", "met")
    return page.go("/organization/certificate", said)


ROUTES: Final[list[Any]] = [certificate_page, use_certificate, remove_certificate]
