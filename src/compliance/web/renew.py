"""The page behind a reminder's link: no sign-in, no script, one credential. Opening it changes nothing.

The link is the power, so the forms carry a token bound to it; whoever has the link may answer for this cycle and see
nothing else. What is over, or was never given out, is told in the same words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import route
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.crypto.tokens import check_csrf_token, csrf_token, token_hash
from compliance.db.queries.ladders import Subject
from compliance.db.queries.renewal_links import Link, link_of
from compliance.services import sign_in, submissions
from compliance.services.evidence import NewEvidence
from compliance.services.refusals import Refused
from compliance.services.reminders.situation import Situation
from compliance.services.submissions import Sent
from compliance.services.trail import Act
from compliance.web.access import PUBLIC
from compliance.web.flash import Flash
from compliance.web.forms import Form
from compliance.web.holders import looking
from compliance.web.page import Html, Page
from compliance.web.renew_view import frame
from compliance.web.uploading import ACCEPT, again, take

QUIET_HEADERS: Final = {"referrer-policy": "strict-origin", "x-robots-tag": "noindex, nofollow"}
"""The address is never told to the board that the page links to. `no-referrer` would make older phones send their forms
with `Origin: null`, which is refused."""

FIELDS: Final = (
    "ends_on", "starts_on", "sure", "remark", "file", "second",
    "applied_on", "applied_remark", "receipt", "answer", "note",
)  # fmt: skip
FILES: Final = ("file", "second", "receipt")
Typed = Mapping[str, Any]
NOTHING: Final[Typed] = {}

HELD: Final = "That was often in a short time. Wait a minute and press the button again; what you typed is still here."


# -- opening it ----------------------------------------------------------------------------------------------------


@route("/renew/{token:str}", http_method=["GET", "HEAD"], opt=PUBLIC)
async def show(page: NamedDependency[Page], token: FromPath[str]) -> Html:
    """What is due, and four ways to answer. Scanners of mail may open it as often as they like."""
    link = await link_of(page.session, token_hash(token), page.now)
    if link is None or link.subject is None:
        return over(page, link)
    return await _page(page, link, token)


def over(page: Page, link: Link | None) -> Html:
    """The same words for what is over and for what never was."""
    return quiet(page.show("renew/over.html", status=410 if link else 404, viewer=None))


def quiet(answer: Html) -> Html:
    """With the headers of these pages."""
    answer.headers.update(QUIET_HEADERS)
    return answer


async def _page(page: Page, link: Link, token: str, *, status: int = 200, typed: Typed = NOTHING, **more: Any) -> Html:
    """The page, or the page again with what was typed."""
    values = await frame(page.session, link, Situation(_subject(link), page.now))
    blank = {"way": "", "errors": {}} | more
    forms = {
        "csrf_token": csrf_token(page.settings.secret_key(), _bound(token)),
        "accept": ACCEPT,
        "base": f"/renew/{token}",
        "viewer": None,
        "values": {**dict.fromkeys(FIELDS, ""), **typed},
    }
    return quiet(page.show("renew/show.html", status=status, **values | blank | forms))


def _subject(link: Link) -> Subject:
    return Page.found(link.subject)


def _bound(token: str) -> str:
    """What the token of a form is bound to."""
    return f"renewal:{token_hash(token)}"


# -- answering -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Answering:
    """One form that came in: by which link, and what could not be used."""

    page: Page
    token: str
    link: Link
    form: Form[Any]
    way: str
    kept: dict[str, NewEvidence]
    status: int = 422

    @property
    def act(self) -> Act:
        """The holder of the link acts."""
        return Act(self.link.organization_id, self.link.actor, self.page.now)

    async def again(self) -> Html:
        """The same page with the sentences beside the fields, everything typed, and files that were taken. Where it was
        renewed meanwhile: that it is over."""
        self.page.refused = True
        more: dict[str, Any] = {"way": self.way, "typed": self.form.typed, "errors": self.form.errors}
        async with looking(self.page) as before:
            link = await link_of(before.session, token_hash(self.token), before.now)
            if link is None or link.subject is None:
                return over(before, link)
            return await _page(before, link, self.token, status=self.status, **more)

    async def take(self, *names: str) -> None:
        """Looks into the files that came, and takes over those that were kept before."""
        for name in names:
            file = await take(self.page, self.form, name, _bound(self.token))
            if file:
                self.kept[name] = file

    async def held_back(self) -> Html:
        """The same page for answers that came too fast: nothing was looked into, and what was kept before still is."""
        for name in FILES:
            again(self.page, self.form, name, _bound(self.token))
        self.form.errors["held"], self.status = HELD, 429
        return await self.again()

    @property
    def here(self) -> Situation:
        """The credential that the link is about, on this day."""
        return Situation(_subject(self.link), self.page.now)

    async def send(self, sent: Sent) -> bool:
        """Records the answer; false where it was refused, with the sentences in the form."""
        try:
            await submissions.send_in(self.page.session, act=self.act, link=self.link, sent=sent)
        except Refused as refusal:
            self.form.refused(refusal)
            return False
        return True

    def thanks(self, text: str) -> Redirect:
        """Back to the page, which says what was sent."""
        return self.page.go(f"/renew/{self.token}", Flash(text))

    @property
    def sender(self) -> str:
        """Whose therapist is asked."""
        return _subject(self.link).organization.name


Answer = Html | Redirect
Way = Callable[[Answering], Awaitable[Answer]]


async def answer(page: Page, token: str, way: str, shape: type[Any], then: Way) -> Answer:
    """What every form goes through: its own token, the limits, a link that still opens something."""
    digest = token_hash(token)
    form = await page.form(shape)
    given = (await page.request.form()).get("csrf_token", "")
    async with looking(page) as before:
        link = await link_of(before.session, digest, page.now)
    if link is None or link.subject is None:
        page.refused = True
        return over(page, link)
    await page.confine(link.organization_id)
    if not check_csrf_token(page.settings.secret_key(), _bound(token), str(given)):
        raise ClientException("This form did not come from the page of your link. Open the link in your mail again.")
    answering = Answering(page, token, link, form, way, {})
    if not await _admitted(page, digest):
        return await answering.held_back()
    return await then(answering)


async def _admitted(page: Page, digest: str) -> bool:
    limits = sign_in.answer_limits(digest, page.address)
    async with page.database.write.begin() as session:
        return await sign_in.count_attempt(session, limits=limits, now=page.now)


ROUTES = [show]
