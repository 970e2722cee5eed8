"""A person's own second factor: setting up an authenticator app, recovery codes, taking them away; open sessions."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from compliance.crypto import totp
from compliance.db.queries.second_factors import codes_left, factors_of, has_way_in
from compliance.db.queries.sessions import sessions_of
from compliance.db.records import INSTALLATION
from compliance.reports.qr import qr_svg
from compliance.services import account_mail, second_factors, sign_in
from compliance.services.account_mail import Change
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from compliance.web import confirming, letting_in, under_way
from compliance.web.access import SIGNED_IN, needs
from compliance.web.demands import BEFORE, lacks_second_factor
from compliance.web.flash import Flash
from compliance.web.forms import Nothing, asked
from compliance.web.page import Html, Page

MINE: Final = needs(SIGNED_IN)
FIRST: Final = MINE | BEFORE
OVERVIEW: Final = "/account/second-factor"
APP: Final = "/account/second-factor/app"
NONE_LEFT: Final = " It was your only way in: have a link mailed at “I forgot my password”, and choose a password."


def act_of(page: Page) -> Act:
    """A person acts on what is their own: in the installation's chain."""
    return Act(INSTALLATION, f"user:{page.viewer.person_id}", page.now)


async def tell(page: Page, change: Change, about: str = "") -> None:
    """Mails the viewer what was changed."""
    mine = page.viewer.person_id
    await account_mail.tell(page.session, act=act_of(page), mail=page.mail, person_id=mine, change=change, about=about)


@get(OVERVIEW, opt=FIRST)
async def overview(page: NamedDependency[Page]) -> Html:
    """What there is, and the ways to change it."""
    factors = await factors_of(page.session, page.viewer.person_id)
    return page.show("account/factors.html", factors=factors, led=lacks_second_factor(page.viewer))


# -- an authenticator app ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Code:
    """What the app shows."""

    code: str = asked("the code that the app shows", longest=20)


@get(APP, opt=FIRST)
async def app_page(page: NamedDependency[Page]) -> Html | Redirect:
    """The QR code for the app, and the field for its first code."""
    return confirming.first(page, APP) or page.show("account/app.html", **_setting_up(page))


def _setting_up(page: Page) -> dict[str, Any]:
    """The seed that this browser is setting up: the same until it is done, however often the page is opened."""
    seed = _seed(page)
    if seed is None:
        seed = totp.new_seed()
        under_way.begin(page, "app-new", person=str(page.viewer.person_id), seed=seed)
    picture = qr_svg(totp.address(seed, page.viewer.email, page.settings.public_host))
    shown = " ".join(seed[at : at + 4] for at in range(0, len(seed), 4))
    return {"seed": shown, "picture": f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}"}


def _seed(page: Page) -> str | None:
    what = under_way.found(page, "app-new")
    return what.said["seed"] if what and what.said["person"] == str(page.viewer.person_id) else None


@post(APP, opt=FIRST)
async def add_app(page: NamedDependency[Page]) -> Html | Redirect:
    """Keeps the seed once the app has shown a code of it; other browsers are signed out, this one is strong."""
    form = await page.form(Code)
    back = confirming.first(page, APP)
    seed, what = _seed(page), under_way.found(page, "app-new")
    if back or seed is None or what is None:
        return back or page.go(APP, Flash("This took too long. Here is a new picture.", "expiring"))
    if form.value is None:
        return page.again("account/app.html", form, **_setting_up(page))
    mine, secret = page.viewer.person_id, page.settings.secret_key()
    try:
        await second_factors.add_app(
            page.session, act=act_of(page), secret=secret, person_id=mine, seed=seed, code=form.value.code
        )
    except Refused as refusal:
        return page.again("account/app.html", form.refused(refusal), **_setting_up(page))
    await under_way.spend(page.session, page, "app-new", what)
    await tell(page, "app-added")
    return await made_strong(page, "app", "Your authenticator app is set up. Signing in asks for its code from now on.")


async def made_strong(page: Page, way: str, said: str) -> Html | Redirect:
    """After a factor was added: this browser alone stays, and whoever has no recovery codes gets them."""
    ways = tuple(dict.fromkeys((*page.viewer.proof.ways, way)))
    await letting_in.alone(page, page.session, ways=ways, strong=True, proven_at=page.now)
    if await codes_left(page.session, page.viewer.person_id):
        return page.go(OVERVIEW, said)
    codes = await second_factors.make_codes(page.session, act=act_of(page), person_id=page.viewer.person_id)
    return page.show("account/recovery_codes.html", codes=codes, said=said)


@post(f"{APP}/remove", opt=MINE)
async def remove_app(page: NamedDependency[Page]) -> Redirect:
    """Takes the app away."""
    await page.form(Nothing)
    back = confirming.first(page, OVERVIEW)
    if back:
        return back
    await second_factors.remove_app(page.session, act=act_of(page), person_id=page.viewer.person_id)
    await tell(page, "app-removed")
    await after_removal(page)
    return page.go(OVERVIEW, Flash("The authenticator app is taken off.", "missing"))


async def after_removal(page: Page) -> None:
    """Another token, and no longer a strong one where nothing is left."""
    left = await factors_of(page.session, page.viewer.person_id)
    await letting_in.alone(page, page.session, strong=page.viewer.proof.strong and left.any)


@post(f"{OVERVIEW}/codes", opt=FIRST)
async def new_codes(page: NamedDependency[Page]) -> Html | Redirect:
    """Ten new ones, shown this once."""
    await page.form(Nothing)
    back = confirming.first(page, OVERVIEW)
    if back:
        return back
    if not (await factors_of(page.session, page.viewer.person_id)).any:
        raise NotFoundException
    codes = await second_factors.make_codes(page.session, act=act_of(page), person_id=page.viewer.person_id)
    await tell(page, "codes-made")
    return page.show("account/recovery_codes.html", codes=codes, said="The codes before these stopped working.")


async def left_without(page: Page) -> str:
    """What to say to whoever has just taken away their last way in; empty where another is left."""
    return "" if await has_way_in(page.session, page.viewer.person_id) else NONE_LEFT


# -- open sessions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """Which session ends: its name, or all others than this one."""

    name: str = asked("a session", default="", longest=24)


@post("/account/sessions/end", opt=MINE)
async def end_sessions(page: NamedDependency[Page]) -> Redirect:
    """Signs other browsers out; this one has its own button."""
    form = await page.form(Chosen)
    back, mine = confirming.first(page, "/account"), page.viewer
    if back:
        return back
    wanted = form.value.name if form.value else ""
    others = await sessions_of(page.session, mine.person_id, now=page.now)
    chosen = [e.token_hash for e in others if e.token_hash != mine.session_hash and wanted in ("", e.name)]
    if not chosen:
        raise NotFoundException
    await sign_in.end_sessions(page.session, act=act_of(page), person_id=mine.person_id, chosen=chosen)
    return page.go("/account", Flash("Signed out there.", "missing"))


ROUTES: Final[list[Any]] = [overview, app_page, add_app, remove_app, new_codes, end_sessions]
