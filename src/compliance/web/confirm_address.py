"""The page behind the link that is mailed to a new sign-in address: it asks for the password, and uses the link up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.crypto.ids import new_id
from compliance.db.queries.accounts import Capability, Person, person_by_id
from compliance.db.records import INSTALLATION
from compliance.services import links, sign_in_address
from compliance.services.refusals import Refused, Unknown
from compliance.services.trail import Act
from compliance.web.access import PUBLIC
from compliance.web.checking import WRONG, checked
from compliance.web.flash import Flash
from compliance.web.forms import asked
from compliance.web.page import Html, Page

TEMPLATE: Final = "account/confirm_address.html"


@dataclass(frozen=True)
class Confirmation:
    """The password: whoever reads the mail is not yet whoever asked."""

    password: str = asked("your password", longest=2000)


@get("/confirm-address/{token:str}", opt=PUBLIC)
async def confirm_page(page: NamedDependency[Page], token: FromPath[str]) -> Html:
    """The form; opening it uses nothing up."""
    found = await _asked_for(page, token, page.session)
    if found is None:
        return page.show("account/spent_link.html", status=404)
    person, link = found
    return page.show(TEMPLATE, person=person, address=link.address)


@post("/confirm-address/{token:str}", opt=PUBLIC)
async def confirm(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """The new address holds from here on."""
    form = await page.form(Confirmation)
    async with page.database.read() as session:
        found = await _asked_for(page, token, session)
    if found is None:
        raise NotFoundException
    person, link = found
    if form.value is None:
        return page.again(TEMPLATE, form, person=person, address=link.address)
    if await checked(page, person.email, form.value.password) is None:
        return page.again(TEMPLATE, form.refuse("password", WRONG), person=person, address=link.address)
    act = Act(INSTALLATION, f"link:{new_id(page.now)}", page.now)
    try:
        await sign_in_address.confirm(page.session, act=act, token=token)
    except Unknown:
        raise NotFoundException from None
    except Refused as refusal:
        sentence = str(refusal)
        return page.again(TEMPLATE, form.refuse("password", sentence), person=person, address=link.address)
    done = f"You sign in with {link.address} from now on."
    return page.go("/account" if page.somebody else "/sign-in", Flash(done))


async def _asked_for(page: Page, token: str, session: Any) -> tuple[Person, Capability] | None:
    link = await links.link_of(session, kind=sign_in_address.CONFIRM, token=token, now=page.now)
    person = await person_by_id(session, link.person_id) if link and link.person_id else None
    return (person, link) if person and link else None


ROUTES: Final[list[Any]] = [confirm_page, confirm]
