"""After the password: a code of the app, or a recovery code. A passkey, two factors in one, does it as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.sealing import SealBroken
from compliance.db.queries.second_factors import factors_of
from compliance.db.records import INSTALLATION
from compliance.services import account_mail, second_factors, sign_in
from compliance.services.trail import Act
from compliance.web import letting_in, under_way
from compliance.web.access import PUBLIC
from compliance.web.flash import Flash
from compliance.web.forms import asked
from compliance.web.letting_in import Shown
from compliance.web.page import Html, Page

TEMPLATE: Final = "account/second_factor.html"
WRONG: Final = "This code is not right, was used already, or there were too many attempts. Wait for the next one."
OVER: Final = Flash("This took longer than ten minutes, or was finished elsewhere. Sign in once more.", "expiring")

log = structlog.get_logger("compliance.web")


@dataclass(frozen=True)
class Code:
    """Six digits of the app, or a recovery code."""

    code: str = asked("the code", longest=60)


@get("/sign-in/second-factor", opt=PUBLIC)
async def second_factor_page(page: NamedDependency[Page]) -> Html | Redirect:
    """The form, for whoever has just shown a password."""
    shown = await letting_in.half_way(page.session, under_way.found(page, "second-factor"))
    if shown is None:
        return page.go("/sign-in", OVER)
    return page.show(TEMPLATE, **await _has(page, shown.person.id))


@post("/sign-in/second-factor", opt=PUBLIC)
async def second_factor(page: NamedDependency[Page]) -> Html | Redirect:
    """The session, if the code is right; each attempt is counted first."""
    form = await page.form(Code)
    what = under_way.found(page, "second-factor")
    async with page.database.read() as session:
        shown = await letting_in.half_way(session, what)
    if what is None or shown is None:
        return page.go("/sign-in", OVER)
    given = form.value.code if form.value else ""
    way = await taken(page, shown.person.id, given) if given else None
    if way is None:
        form = form.refuse("code", WRONG) if given else form
        return page.again(TEMPLATE, form, **await _has(page, shown.person.id))
    if not await under_way.spend(page.session, page, "second-factor", what):
        return page.go("/sign-in", OVER)
    whole = Shown(shown.person, (*shown.ways, way), shown.next, shown.organization_id)
    return await letting_in.let_in(page, page.session, whole, strong=True)


async def _has(page: Page, person_id: UUID) -> dict[str, Any]:
    async with page.database.read() as session:
        return {"factors": await factors_of(session, person_id)}


async def taken(page: Page, person_id: UUID, code: str) -> str | None:
    """Which kind of code this is, `app` or `recovery-code`, used up by now; none where it is neither."""
    database = page.database
    limits = sign_in.second_factor_limits(person_id, page.address)
    async with database.write.begin() as session:
        admitted = await sign_in.count_attempt(session, limits=limits, now=page.now)
    if not admitted:
        log.warning("second factor refused", admitted=False, person=str(person_id))
        return None
    way = await _way(page, person_id, code)
    async with database.write.begin() as session:
        if way is not None:
            await sign_in.forgive_attempt(session, limits=limits)
        elif await sign_in.is_held(session, limits=limits, now=page.now):
            await _warn(page, session, person_id)
    if way is None:
        log.warning("second factor refused", admitted=True, person=str(person_id))
    return way


async def _warn(page: Page, session: AsyncSession, person_id: UUID) -> None:
    """Whoever comes this far knows the password: its owner hears of it, some times and not each time."""
    if await sign_in.count_attempt(session, limits={f"warned:{person_id}": sign_in.MAILED}, now=page.now):
        act = _act(person_id, page)
        change: account_mail.Change = "second-factor-guessed"
        await account_mail.tell(session, act=act, mail=page.mail, person_id=person_id, change=change)


async def _way(page: Page, person_id: UUID, code: str) -> str | None:
    """In a transaction of its own: a code that was seen is spent, whatever becomes of the rest."""
    async with page.database.write.begin() as session:
        secret, act = page.settings.secret_key(), _act(person_id, page)
        try:
            if await second_factors.use_app_code(session, secret=secret, person_id=person_id, code=code, now=page.now):
                return "app"
        except SealBroken:
            log.error("authenticator apps were set up under another secret key; see `compliance secrets`")
        if await second_factors.use_recovery_code(session, act=act, person_id=person_id, code=code):
            await account_mail.tell(session, act=act, mail=page.mail, person_id=person_id, change="code-used")
            return "recovery-code"
    return None


def _act(person_id: UUID, page: Page) -> Act:
    return Act(INSTALLATION, f"user:{person_id}", page.now)


ROUTES: Final[list[Any]] = [second_factor_page, second_factor]
