"""Where a mail provider posts delivery reports: an address that nobody can guess, and reports that nobody can forge."""

from __future__ import annotations

from typing import Any, Final

from litestar import post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Response

from compliance.crypto.return_paths import webhook_token
from compliance.crypto.tokens import same
from compliance.services import bounces
from compliance.web.access import PUBLIC
from compliance.web.page import Page

STATUS: Final = {"failed": 200, "noted": 200, "known": 200, "forged": 403, "unreadable": 400}


@post("/bounces/{token:str}", opt=PUBLIC | {"token": True}, request_max_body_size=bounces.LARGEST)
async def take(page: NamedDependency[Page], token: FromPath[str]) -> Response[dict[str, str]]:
    """One report as it arrived (message/rfc822): 200 taken in or known, 400 no report, 403 its return path was not
    made here, 404 another address."""
    if not same(token, webhook_token(page.settings.secret_key())):
        raise NotFoundException
    raw = await page.request.body()
    verdict = await bounces.receive(page.session, raw=raw, now=page.now, mail=page.mail)
    return Response({"report": verdict}, status_code=STATUS[verdict])


ROUTES: Final[list[Any]] = [take]
