"""Sessions of the project's own: a random token in a cookie, its hash in the database, written by explicit calls only.

30 minutes idle, 12 hours at most, a new token at each sign-in and each change of organization; signing out revokes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog
from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Cookie
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.tokens import token_hash
from compliance.db.engine import Database
from compliance.db.queries.accounts import Membership, viewer_of
from compliance.db.scope import Scope as Reach
from compliance.db.scope import narrow
from compliance.services import api_keys, looks, sign_in
from compliance.settings import Settings
from compliance.web.api.caller import identify
from compliance.web.page import scope_of
from compliance.web.security import SAFE

SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly the database knows when a browser was last seen; each time costs a write."""

log = structlog.get_logger("compliance.web")


def cookie_name(settings: Settings) -> str:
    """With TLS the prefix makes browsers refuse the cookie from anywhere but this host over TLS."""
    return "__Host-session" if settings.https else "session"


def session_cookie(settings: Settings, token: str) -> Cookie:
    """The cookie that signs a browser in; it ends with the browser, and in the database before that."""
    return _cookie(settings, cookie_name(settings), token)


def ended_cookie(settings: Settings) -> Cookie:
    """Takes the session cookie away."""
    return _cookie(settings, cookie_name(settings), "", max_age=0)


def _cookie(settings: Settings, name: str, value: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=name, value=value, max_age=max_age, path="/", secure=settings.https, httponly=True, samesite="lax"
    )


def presented_hash(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The hash of the token that the browser showed, whether or not it is good."""
    token = connection.cookies.get(cookie_name(connection.app.state.settings))
    return token_hash(token) if token else None


class Identify:
    """Middleware: who asks. Puts `viewer`, `now` and a reader's session into the state, for guards and `Page`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Files are served without asking who it is."""
        if scope["route_handler"].opt.get("anonymous"):
            await self.app(scope, receive, send)
            return
        request: Request[Any, Any, Any] = Request(scope)
        state = request.app.state
        now: datetime = state.clock()
        if "scope" in scope["route_handler"].opt:
            await self._with_key(request, now, receive, send)
            return
        database: Database = state.database
        async with database.system.read() as session:
            shown = presented_hash(request)
            viewer = await viewer_of(session, token_hash=shown, now=now) if shown else None
            scope["state"].update(viewer=viewer, now=now, reader=session)
            await narrow(session, scope_of(request))
            if request.method not in SAFE:
                await session.close()  # a change reads and writes in a transaction of its own
            if viewer and viewer.membership and viewer.role in looks.WATCHED:
                await write_down(database, viewer.membership, viewer.person_id, request.scope["path"], now)
            await self.app(scope, receive, send)
        if viewer and now - viewer.last_seen_at > SEEN_EVERY:
            await _touch(database, partial(sign_in.touch_session, session_hash=viewer.session_hash, now=now))

    async def _with_key(self, request: Request[Any, Any, Any], now: datetime, receive: Receive, send: Send) -> None:
        """A route of the API: a key is looked for, and a cookie is not looked at."""
        database: Database = request.app.state.database
        async with database.system.read() as session:
            caller = await identify(request, session, now)
            if caller:
                await narrow(session, Reach(caller.organization_id))
            request.scope["state"].update(viewer=None, caller=caller, now=now, reader=session)
            await self.app(request.scope, receive, send)
        if caller and (caller.key.last_used_at is None or now - caller.key.last_used_at > SEEN_EVERY):
            await _touch(database, partial(api_keys.touch, key_id=caller.key.id, now=now))


async def write_down(database: Database, reader: Membership, person_id: UUID, path: str, now: datetime) -> None:
    """A look of an auditor, before the answer: where it cannot be written down, nothing is shown."""
    async with database.of(reader.organization_id).write.begin() as session:
        who = {"organization_id": reader.organization_id, "person_id": person_id}
        await looks.note(session, path=path, now=now, **who)


async def _touch(database: Database, touch: Callable[[AsyncSession], Awaitable[None]]) -> None:
    """After the answer, so that no page waits for a long writer; one that is missed is made up by the next page."""
    try:
        async with database.system.write.begin() as session:
            await touch(session)
    except SQLAlchemyError as error:
        log.warning("use not noted", problem=type(error).__name__)
