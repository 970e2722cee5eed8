"""The weekly summary: when one wants it, and the link in it that ends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries.digests import wish_of
from compliance.services import digests
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from compliance.web.access import PUBLIC, needs
from compliance.web.forms import asked, blank
from compliance.web.page import Html, Page

FORM: Final = "digests/show.html"
WEEKDAYS: Final = tuple(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))
HOURS: Final = tuple((hour, f"{(hour - 1) % 12 + 1} {'AM' if hour < 12 else 'PM'}") for hour in range(5, 23))


@dataclass(frozen=True)
class WishForm:
    """When, if at all."""

    weekday: int = asked("the day of the week")
    hour: int = asked("the hour")
    wanted: bool = False
    when_empty: bool = False


@get("/digest", opt=needs("digest.own"))
async def show(page: NamedDependency[Page]) -> Html:
    """What holds now."""
    wish = asdict(await wish_of(page.session, page.organization_id, page.viewer.person_id))
    wish.pop("last_on")
    return page.show(FORM, values=blank(WishForm, **wish), weekdays=WEEKDAYS, hours=HOURS)


@post("/digest", opt=needs("digest.own"))
async def save(page: NamedDependency[Page]) -> Html | Redirect:
    """For this person in this organization."""
    form = await page.form(WishForm)
    if form.value is None:
        return page.again(FORM, form, weekdays=WEEKDAYS, hours=HOURS)
    try:
        await digests.wish(page.session, act=page.act, person_id=page.viewer.person_id, **asdict(form.value))
    except Refused as refusal:
        return page.again(FORM, form.refused(refusal), weekdays=WEEKDAYS, hours=HOURS)
    return page.go("/digest", "Saved.")


@get("/unsubscribe/{token:str}", opt=PUBLIC)
async def ask(page: NamedDependency[Page], token: FromPath[str]) -> Html:
    """A button, for scanners of mail follow every link."""
    _whose(page, token)
    return page.show("digests/unsubscribe.html", token=token, done=False)


@post("/unsubscribe/{token:str}", opt=PUBLIC | {"token": True})
async def stop(page: NamedDependency[Page], token: FromPath[str]) -> Html:
    """Ends it: by the button, or by the one click that mail programs offer themselves (RFC 8058)."""
    organization_id, person_id = _whose(page, token)
    await page.confine(organization_id)
    act = Act(organization_id, f"user:{person_id}", page.now)
    await digests.unsubscribe(page.session, act=act, person_id=person_id)
    return page.show("digests/unsubscribe.html", status=200, token=token, done=True)


def _whose(page: Page, token: str) -> tuple[UUID, UUID]:
    former = page.settings.former_key()
    found = digests.whose(page.settings.secret_key(), token) or (digests.whose(former, token) if former else None)
    if found is None:
        raise NotFoundException
    return found


ROUTES: Final[list[Any]] = [show, save, ask, stop]
