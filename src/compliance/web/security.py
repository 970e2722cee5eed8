"""What every answer carries, and what every change must show: headers, hosts, and proof that our own page sent it.

A change is accepted when the browser says that it comes from this site (`Sec-Fetch-Site`; without it, `Origin` must be
the public address) and when it carries a token bound to the session. Litestar's own token is bound to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar.connection import ASGIConnection, Request
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler

from compliance.crypto.tokens import check_csrf_token
from compliance.db.queries.accounts import Viewer
from compliance.settings import Settings

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD: Final = "csrf_token"
HEADER: Final = "x-csrf-token"

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
        "require-trusted-types-for 'script'",
    )
)
"""The content security policy of every page: our own files, nothing inline, nothing from elsewhere."""

_EVERYWHERE: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
# Browsers take these two on a trustworthy origin only.
_OVER_TLS: Final = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "cross-origin-opener-policy": "same-origin",
}


def headers(settings: Settings) -> dict[str, str]:
    """The headers of every answer that does not set them itself."""
    return _EVERYWHERE | (_OVER_TLS if settings.https else {})


def _local_hosts(settings: Settings) -> set[str]:
    return {f"{name}:{settings.port}" for name in ("127.0.0.1", "localhost", "[::1]")}


def is_our_host(settings: Settings, host: str) -> bool:
    """Whether a Host header names us: the public address, or this machine on the port where we listen."""
    return host.lower() in _local_hosts(settings) | {settings.public_host}


async def check_origin(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard before every change: from our own page, and with this session's token where somebody is signed in."""
    if connection.scope.get("method") in SAFE or handler.opt.keys() & {"scope", "token"}:  # no cookie counts there
        return
    if not from_our_page(connection.headers, connection.app.state.settings):
        raise ClientException("This form was not sent from a page of this service.")
    if not handler.opt.get("public"):
        await _check_token(connection)


def from_our_page(given: Mapping[str, str], settings: Settings) -> bool:
    """What the browser itself says about where a request comes from; a page elsewhere cannot forge it."""
    site, origin = given.get("sec-fetch-site"), given.get("origin")
    if site is not None:
        return site == "same-origin"
    if origin == settings.public_url:
        return True
    return not settings.https and origin in {f"http://{host}" for host in _local_hosts(settings)}


async def _check_token(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    viewer: Viewer | None = connection.scope["state"].get("viewer")
    token = connection.headers.get(HEADER)
    if token is None and isinstance(connection, Request):
        field = (await connection.form()).get(FIELD, "")
        token = field if isinstance(field, str) else ""
    secret = connection.app.state.settings.secret_key()
    if viewer is None or not check_csrf_token(secret, viewer.session_hash, token or ""):
        raise ClientException("This form is older than your sign-in, or came from another window.")
