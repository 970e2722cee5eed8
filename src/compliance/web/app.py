"""The wiring of the web floor: routes, guards, limits, errors, the database. `create_app` is the one way in."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

from compliance import clock
from compliance.db.engine import Database
from compliance.settings import Settings
from compliance.web import errors
from compliance.web.access import PUBLIC, admit, undecided
from compliance.web.api.caller import provide_api
from compliance.web.application import Application
from compliance.web.demands import lead
from compliance.web.limits import BODY_LIMIT, PARTS_LIMIT
from compliance.web.page import provide_page
from compliance.web.routes import ROUTES
from compliance.web.security import check_origin
from compliance.web.sessions import Identify


def create_app(
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime] = clock.now,
    routes: Sequence[Any] = ROUTES,
) -> Litestar:
    """The web application over an opened database, which it closes when it ends. `clock` says what time it is.

    Raises ValueError for a route that says neither what it needs nor that it is public.
    """
    app = Application(
        route_handlers=[*routes],
        dependencies={"page": Provide(provide_page), "api": Provide(provide_api)},
        guards=[admit, lead, check_origin],
        middleware=[Identify],
        exception_handlers=errors.HANDLERS,
        state=State(
            {
                "settings": settings,
                "database": database.within(None),  # each request says for whom
                "clock": clock,
                "started_at": clock(),
                "waiting": {"hashes": 0},
                "held": {},
            }
        ),
        lifespan=[_closing(database)],
        request_max_body_size=BODY_LIMIT,
        multipart_form_part_limit=PARTS_LIMIT,
        include_in_schema=False,
        openapi_config=_openapi(),
        logging_config=None,
        debug=False,
    )
    _refuse_undecided(app)
    return app


def _refuse_undecided(app: Litestar) -> None:
    handlers = [each for route in app.routes if isinstance(route, HTTPRoute) for each in route.route_handlers]
    open_ends = undecided([each for each in handlers if each.fn.__name__ != "options_handler"])
    if open_ends:
        raise ValueError(f"these routes neither say `needs(...)` nor PUBLIC: {', '.join(open_ends)}")


def _closing(database: Database) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def closing(_app: Litestar) -> AsyncGenerator[None, None]:
        yield
        await database.close()

    return closing


def _openapi() -> OpenAPIConfig:
    """`/schema/openapi.json` alone, for everybody: none of Litestar's pages that load their scripts from elsewhere."""
    opt = PUBLIC | {"anonymous": True}
    router = Router("/schema", route_handlers=[], opt=opt, include_in_schema=False, dto=None, return_dto=None)
    key = SecurityScheme("http", scheme="bearer", description="A key of the API: an owner makes it at Keys.")
    return OpenAPIConfig(
        title="Therapist compliance",
        version="1",
        render_plugins=[JsonRenderPlugin()],
        openapi_router=router,
        components=Components(security_schemes={"key": key}),
        security=[{"key": []}],
    )
