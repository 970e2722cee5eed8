"""Showing once more whose browser this is: asked before the ways in are changed, unless it was shown lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from compliance.db.queries.accounts import person_by_id
from compliance.db.queries.second_factors import factors_of
from compliance.web import letting_in
from compliance.web.access import SIGNED_IN, needs
from compliance.web.checking import checked
from compliance.web.demands import BEFORE
from compliance.web.errors import safe_next
from compliance.web.forms import asked, blank
from compliance.web.page import Html, Page
from compliance.web.second_factor import taken

TEMPLATE: Final = "account/confirm.html"
MINE: Final = needs(SIGNED_IN) | BEFORE
WRONG: Final = "This is not it, or there were too many attempts. Try again soon."


@dataclass(frozen=True)
class Again:
    """The password or a code; whichever somebody has."""

    password: str = asked("your password", default="", longest=2000)
    code: str = asked("the code", default="", longest=60)
    next: str = asked("the next page", default="/account", longest=2000)


def first(page: Page, then: str) -> Redirect | None:
    """To this page and back again, unless the last proof is recent."""
    return None if letting_in.is_recent(page) else page.go(f"/account/confirm?{urlencode({'next': then})}")


@get("/account/confirm", opt=MINE)
async def confirm_page(page: NamedDependency[Page]) -> Html:
    """The form."""
    wanted = safe_next(page.request.query_params.get("next", "/account"))
    return page.show(TEMPLATE, values=blank(Again, next=wanted), **await _has(page))


@post("/account/confirm", opt=MINE)
async def confirm(page: NamedDependency[Page]) -> Html | Redirect:
    """A new token for this browser, proven as of now. A second factor is asked where there is one."""
    form = await page.form(Again)
    has = await _has(page)
    if form.value is None:
        return page.again(TEMPLATE, form, **has)
    needs_code = has["factors"].app is not None
    if needs_code and await taken(page, page.viewer.person_id, form.value.code) is None:
        return page.again(TEMPLATE, form.refuse("code", WRONG), **has)
    if not needs_code and await checked(page, page.viewer.email, form.value.password) is None:
        return page.again(TEMPLATE, form.refuse("password", WRONG), **has)
    await letting_in.renew(page, page.session, proven_at=page.now)
    return page.go(safe_next(form.value.next))


async def _has(page: Page) -> dict[str, Any]:
    async with page.database.read() as session:
        person = page.found(await person_by_id(session, page.viewer.person_id))
        return {"person": person, "factors": await factors_of(session, person.id)}


ROUTES: Final[list[Any]] = [confirm_page, confirm]
