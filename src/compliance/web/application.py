"""The outermost layer around every request: its id, its line in the log, the headers of its answer, and our host."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from litestar import Litestar
from litestar.connection import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Receive, Send

from compliance import clock
from compliance.web import errors, metrics
from compliance.web.logging import shown_path
from compliance.web.security import headers, is_our_host

ANY_HOST: Final = ("/health/", "/metrics")
"""Asked by machines inside, under whatever name they know us by; no answer there makes a link."""

DRAIN_BYTES: Final = 512 * 2**20
DRAIN_SECONDS: Final = 60.0

GONE: Final = 499
"""In the log and the counts: whoever asked has gone before an answer could begin. It is no defect of ours."""

log = structlog.get_logger("compliance.web")


class Application(Litestar):
    """Litestar with the layer around it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, or one event of the process's life."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=state["request_id"])
        answered = Answer(send, receive, headers(self.state.settings) | {"x-request-id": state["request_id"]})
        began = clock.monotonic()
        try:
            await self._answer(scope, answered.read, answered.send)
        finally:
            self._log(scope, answered.status, clock.monotonic() - began)

    async def _answer(self, scope: Any, receive: Receive, send: Send) -> None:
        given = [value for name, value in scope["headers"] if name == b"host"]
        host = given[0].decode("latin-1") if len(given) == 1 else ""
        problem = self._problem(scope, host)
        if problem is None:
            await super().__call__(scope, receive, send)
            return
        scope["litestar_app"] = scope["app"] = self
        refusal = errors.answer(Request(scope), 400, problem)
        await refusal.to_asgi_response(app=None, request=Request(scope))(scope, receive, send)

    def _problem(self, scope: Any, host: str) -> str | None:
        """What no page of ours could answer: another site's name, or a zero byte, which PostgreSQL takes in no text."""
        if not is_our_host(self.state.settings, host) and not scope["path"].startswith(ANY_HOST):
            return f"There is no site {host!r} here."
        return "The address holds a zero byte; leave it out." if b"%00" in scope["query_string"] else None

    def _log(self, scope: Any, status: int, took: float) -> None:
        viewer = scope["state"].get("viewer")
        path = scope["path"]
        metrics.observe(scope["method"], status, took)
        if path.startswith(("/static/", "/health/", "/metrics")) and status < 400:
            return
        log.info(
            "request",
            method=scope["method"],
            path=shown_path(path),
            status=status,
            ms=round(took * 1000, 1),
            viewer=str(viewer.person_id) if viewer else None,
        )


@dataclass(slots=True)
class Answer:
    """Sends an answer with our headers, and remembers its status: `GONE` where nobody is left to read it."""

    onward: Send
    receive: Receive
    headers: dict[str, str]
    status: int = 500
    gone: bool = field(default=False)
    _begun: bool = field(default=False)

    async def read(self) -> Any:
        """One piece of what is asked; notices when whoever asks goes away in the middle of it."""
        event = await self.receive()
        self.gone = self.gone or (event["type"] == "http.disconnect" and not self._begun)
        return event

    async def send(self, message: Message) -> None:
        """One piece of the answer."""
        if message["type"] == "http.response.start":
            self._begun = True
            self.status = GONE if self.gone else message["status"]
            if self.status == 413:
                await self._drain()
            given = MutableScopeHeaders.from_message(message)
            for name, value in self.headers.items():
                given.setdefault(name, value)
        await self.onward(message)

    async def _drain(self) -> None:
        """Reads on what is too large and forgets it: a browser shows the answer only once it has sent everything."""
        left = DRAIN_BYTES
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while left > 0:
                    event: dict[str, Any] = await self.receive()  # type: ignore[assignment]  # a plain dict
                    left -= len(event.get("body", b""))
                    if not event.get("more_body"):
                        return
        except TimeoutError:
            return
