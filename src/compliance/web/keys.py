"""Keys for machines: the list, a new one that is shown once, and taking one back. And the page that tries the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries.api_keys import keys_of
from compliance.db.queries.clinics import clinics
from compliance.services import api_keys
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.api.described import operations
from compliance.web.flash import Flash
from compliance.web.forms import Nothing, asked, blank
from compliance.web.page import Html, Page

FORM: Final = "keys/new.html"


@get("/keys", opt=needs("keys.read"))
async def key_list(page: NamedDependency[Page]) -> Html:
    """Those that open something, then those that no longer do."""
    found = await keys_of(page.session, page.organization_id)
    names = {each.id: each.name for each in await clinics(page.session, page.organization_id)}
    good = [each for each in found if each.holds(page.today)]
    over = [each for each in found if not each.holds(page.today)]
    return page.show("keys/list.html", good=good, over=over, clinic_names=names, scopes=api_keys.SCOPES)


@dataclass(frozen=True)
class NewKey:
    """Which machine may read what, where and until when."""

    name: str = asked("the name of the machine or program", longest=120)
    scopes: tuple[str, ...] = ()
    clinic_ids: tuple[UUID, ...] = ()
    ends_on: date | None = asked("the last day", default=None)


@get("/keys/new", opt=needs("keys.write"))
async def new_key(page: NamedDependency[Page]) -> Html:
    """The form."""
    return page.show(FORM, values=blank(NewKey, scopes=("clearance.read",)), **await _choices(page))


async def _choices(page: Page) -> dict[str, Any]:
    found = await clinics(page.session, page.organization_id)
    return {
        "scopes": list(api_keys.SCOPES.items()),
        "places": [(each.id, each.name) for each in found if each.closed_on is None],
    }


@post("/keys", opt=needs("keys.write"))
async def make_key(page: NamedDependency[Page]) -> Html:
    """Makes it, and shows it this once."""
    form = await page.form(NewKey)
    choices = await _choices(page)
    if form.value is None:
        return page.again(FORM, form, **choices)
    given = form.value
    try:
        made = await api_keys.make(
            page.session,
            act=page.act,
            name=given.name,
            scopes=given.scopes,
            clinic_ids=given.clinic_ids,
            ends_on=given.ends_on,
            today=page.today,
        )
    except Refused as refusal:
        return page.again(FORM, form.refused(refusal), **choices)
    return page.show("keys/made.html", name=given.name, key=made.key, address=page.settings.public_url)


@post("/keys/{key_id:uuid}/revoke", opt=needs("keys.write"))
async def revoke_key(page: NamedDependency[Page], key_id: FromPath[UUID]) -> Redirect:
    """The next question with it is refused."""
    await page.form(Nothing)
    await api_keys.revoke(page.session, act=page.act, key_id=key_id)
    return page.go("/keys", Flash("The key opens nothing any more.", "missing"))


@get("/keys/try", opt=needs("keys.read"))
async def try_api(page: NamedDependency[Page]) -> Html:
    """Every question that machines can ask, with its fields; app.js asks it with the key that was typed."""
    return page.show("keys/try.html", operations=operations(page.request.app), address=page.settings.public_url)


ROUTES: Final[list[Any]] = [key_list, new_key, make_key, revoke_key, try_api]
