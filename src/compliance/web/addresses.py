"""Addresses that mail servers refused: whose they are, what was said, and the way to say that one is good after all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries.refused_addresses import RefusedAddress, refused_addresses
from compliance.services import refused_addresses as speaking
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import asked
from compliance.web.page import Html, Page


@dataclass(frozen=True)
class Good:
    """Why the address is good."""

    why: str = asked("how you know that the address is good", longest=500, lines=True)


@get("/addresses", opt=needs("decisions.read"))
async def show(page: NamedDependency[Page]) -> Html:
    """All that still matter, latest first."""
    return page.show("outbox/addresses.html", **await _around(page))


async def _around(page: Page) -> dict[str, Any]:
    found = await refused_addresses(page.session, page.organization_id, clinic_ids=page.clinic_ids)
    return {"found": found, "zone": page.membership.time_zone}


@get("/addresses/{refused_id:uuid}", opt=needs("decisions.read"))
async def one(page: NamedDependency[Page], refused_id: FromPath[UUID]) -> Html:
    """One address, with what to do about it."""
    return page.show("outbox/address.html", **await _seen(page, refused_id))


async def _seen(page: Page, refused_id: UUID) -> dict[str, Any]:
    around = await _around(page)
    found: list[RefusedAddress] = around["found"]
    return {"it": page.found(next((each for each in found if each.id == refused_id), None)), "zone": around["zone"]}


@post("/addresses/{refused_id:uuid}/good", opt=needs("therapists.write"))
async def say_good(page: NamedDependency[Page], refused_id: FromPath[UUID]) -> Html | Redirect:
    """Mail goes there again."""
    form = await page.form(Good)
    around = await _seen(page, refused_id)
    if form.value is None or form.errors:
        return page.again("outbox/address.html", form, **around)
    try:
        await speaking.say_good(page.session, act=page.act, refused_id=refused_id, why=form.value.why)
    except Refused as refusal:
        return page.again("outbox/address.html", form.refused(refusal), **around)
    return page.go("/decisions", Flash(f"Mail goes to {around['it'].address} again.", "met"))


ROUTES: Final[list[Any]] = [show, one, say_good]
