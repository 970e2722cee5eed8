"""What a handler works with: may you, do it, show it. `Page` carries the viewer, the day, the session and the answer.

A GET reads in the reader's session that already found out who asks; a POST has a writer's transaction, which commits
when the handler returns and rolls back when it raises or shows the form again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import date, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Cookie
from litestar.exceptions import ClientException, NotFoundException, PermissionDeniedException
from litestar.response import Redirect, Response
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.tokens import csrf_token
from compliance.db.engine import Database
from compliance.db.queries.accounts import Membership, Viewer, sees_therapist
from compliance.db.scope import SYSTEM, Scope, narrow
from compliance.rendering import render
from compliance.services.mailing import MailSettings
from compliance.services.trail import Act
from compliance.settings import Settings
from compliance.web import access
from compliance.web import flash as said_once
from compliance.web.decision_count import count_decisions
from compliance.web.flash import Flash, flash_cookie, read_flash, spent_cookie
from compliance.web.forms import Form, decode
from compliance.web.security import SAFE
from compliance.web.summary import Problems

T = TypeVar("T")
EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2199, 12, 31)
"""The days that a page can be asked about: pages look some months back and ahead, where the calendar must go on."""

Html = Response[str]
"""What a handler returns that shows a page."""


class Page:
    """One request to one page."""

    def __init__(self, request: Request[Any, Any, Any], session: AsyncSession) -> None:
        self.request = request
        self.session = session
        self.refused = False
        self._cookies: list[Cookie] = []

    # -- who, where, when ----------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        settings: Settings = self.request.app.state.settings
        return settings

    @property
    def somebody(self) -> Viewer | None:
        """Who asks, or none: for pages that are for everybody."""
        viewer: Viewer | None = self.request.scope["state"]["viewer"]
        return viewer

    @property
    def viewer(self) -> Viewer:
        """Who asks; the guard has seen to it that there is somebody."""
        return self.found(self.somebody)

    @property
    def membership(self) -> Membership:
        """Their role in the organization of this session."""
        membership = self.viewer.membership
        if membership is None:
            raise PermissionDeniedException("Choose an organization first.")
        return membership

    @property
    def organization_id(self) -> UUID:
        """Leads every query."""
        return self.membership.organization_id

    @property
    def clinic_ids(self) -> frozenset[UUID]:
        """The clinics this viewer is limited to; empty: all of the organization."""
        return self.membership.clinic_ids

    @property
    def database(self) -> Database:
        """For what needs a session of its own: with the same reach as this page's."""
        whole: Database = self.request.app.state.database
        return whole.within(scope_of(self.request))

    async def confine(self, organization_id: UUID) -> None:
        """From here on this request reaches one organization: the one that its link is for."""
        reach = self.request.scope["state"]["reach"] = Scope(organization_id)
        await narrow(self.session, reach)

    @property
    def now(self) -> datetime:
        """The instant of this request, read once."""
        now: datetime = self.request.scope["state"]["now"]
        return now

    @property
    def today(self) -> date:
        """The day in the organization's zone."""
        somebody = self.somebody
        return somebody.today(self.now) if somebody else self.now.date()

    @property
    def as_of(self) -> date:
        """The day that the page is asked for by `?as_of=2026-03-01`; else today."""
        text = self.request.query_params.get("as_of", "")
        if not text:
            return self.today
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise ClientException(f"as_of is {text!r}; give a day like 2026-03-01.") from None
        if not EARLIEST <= day <= LATEST:
            raise ClientException(f"as_of is {text!r}; give a day from {EARLIEST.year} to {LATEST.year}.")
        return day

    @property
    def act(self) -> Act:
        """Who acts, for services."""
        return Act(self.organization_id, f"user:{self.viewer.person_id}", self.now)

    @property
    def mail(self) -> MailSettings:
        """What mails say of this installation, for services that write one."""
        given = self.settings
        return MailSettings(given.mail_from, given.public_url, given.secret_key(), given.former_key())

    @property
    def address(self) -> str:
        """Where the request comes from; behind a proxy the server has put the visitor's own address here."""
        return self.request.client.host if self.request.client else ""

    # -- may you -------------------------------------------------------------------------------------------------

    def may(self, capability: str, clinic_id: UUID | None = None) -> bool:
        """Whether the viewer has a capability, at this clinic if one is named; for what a page offers."""
        return access.may(self.somebody, capability, clinic_id)

    def see_clinic(self, clinic_id: UUID) -> None:
        """Raises 404 for a clinic that the viewer is not limited to; that it exists, the query shows."""
        if self.clinic_ids and clinic_id not in self.clinic_ids:
            raise NotFoundException

    def see_place(self, clinic_id: UUID | None) -> None:
        """The same for what holds at one clinic or (none) everywhere, which is not theirs to change who are limited."""
        if clinic_id is not None:
            self.see_clinic(clinic_id)
        elif self.clinic_ids:
            raise PermissionDeniedException("This holds at clinics that are not yours.")

    async def see_therapist(self, therapist_id: UUID) -> None:
        """Raises 404 unless the therapist is of this organization and in sight of this viewer."""
        mine = self.membership
        seen = await sees_therapist(self.session, mine.organization_id, therapist_id, clinic_ids=mine.clinic_ids)
        if not seen or (mine.role == "therapist" and mine.therapist_id != therapist_id):
            raise NotFoundException

    @staticmethod
    def found(value: T | None) -> T:
        """The value, or 404 where there is none."""
        if value is None:
            raise NotFoundException
        return value

    # -- do it ---------------------------------------------------------------------------------------------------

    async def form(self, shape: type[T]) -> Form[T]:
        """The form that came in, by its shape (see `forms.py`)."""
        return decode(shape, await self.request.form())

    def set_cookie(self, cookie: Cookie) -> None:
        """Goes out with the answer."""
        self._cookies.append(cookie)

    # -- show it -------------------------------------------------------------------------------------------------

    def show(self, template: str, /, *, status: int = 200, **values: Any) -> Html:
        """The page, with what the layout needs beside the values given. With `errors` it says on top what is wrong."""
        given = self.frame() | values
        text = render(template, **given)
        if given["errors"] and not isinstance(given["errors"], Problems):
            text = render(template, **given | {"errors": Problems(given["errors"], text)})
        return Response(text, media_type="text/html", status_code=status, cookies=self._cookies)

    def again(self, template: str, form: Form[Any], /, **values: Any) -> Html:
        """The same form with a sentence beside each field that cannot be used; nothing is written. Status 422."""
        self.refused = True
        return self.show(template, status=422, values=form.typed, errors=form.errors, **values)

    def go(self, path: str, said: str | Flash = "") -> Redirect:
        """On to a page of ours (303), where the sentence is said once."""
        if said:
            flash = said if isinstance(said, Flash) else Flash(said)
            self._cookies.append(flash_cookie(self.settings, flash))
        return Redirect(path, status_code=303, cookies=self._cookies)

    def frame(self) -> dict[str, Any]:
        """What layout.html expects."""
        asked_day = self.request.query_params.get("as_of")
        viewer = self.somebody
        return {
            "viewer": viewer if viewer and viewer.membership else None,
            "may": self.may,
            "today": self.today,
            "now": self.now,
            "csrf_token": csrf_token(self.settings.secret_key(), viewer.session_hash) if viewer else "",
            "path": self.request.scope["path"],
            "flash": self._flash(),
            "as_of": self.as_of if asked_day else None,
            "values": {},
            "errors": {},
        }

    def _flash(self) -> Flash | None:
        if said_once.cookie_name(self.settings) not in self.request.cookies:
            return None
        self._cookies.append(spent_cookie(self.settings))
        return read_flash(self.request)


def scope_of(request: ASGIConnection[Any, Any, Any, Any]) -> Scope:
    """What a request reaches: the viewer's organization; on pages for everybody what their link or address finds."""
    state = request.scope["state"]
    viewer: Viewer | None = state.get("viewer")
    if "reach" in state:
        reach: Scope = state["reach"]
        return reach
    if viewer is None or request.scope["route_handler"].opt.get("public"):
        return SYSTEM
    return Scope(viewer.organization_id, viewer.person_id)


async def provide_page(request: Request[Any, Any, Any]) -> AsyncGenerator[Page, None]:
    """The dependency `page`: one transaction around one handler, over before the answer is sent.

    Litestar throws what the handler raises in here, so a raised 404 rolls back; a commit that fails is a 500.
    """
    reader: AsyncSession = request.scope["state"]["reader"]
    await count_decisions(request, reader)  # a form that comes back has the number in its head, too
    if request.method in SAFE:
        yield Page(request, reader)
        await reader.close()
        return
    await reader.close()
    database: Database = request.app.state.database
    async with database.within(scope_of(request)).write() as session, session.begin() as transaction:
        page = Page(request, session)
        yield page
        if page.refused:
            await transaction.rollback()
