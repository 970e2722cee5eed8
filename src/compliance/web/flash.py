"""What just happened, said once on the next page: a signed cookie that lives a minute."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from compliance.crypto.tokens import derive_key, same
from compliance.settings import Settings


@dataclass(frozen=True, slots=True)
class Flash:
    """A sentence, the status whose shape stands beside it, and a link, if there is something to do next."""

    text: str
    status: str = "met"
    href: str = ""
    label: str = ""


def cookie_name(settings: Settings) -> str:
    """The cookie that carries it."""
    return "__Host-flash" if settings.https else "flash"


def flash_cookie(settings: Settings, flash: Flash) -> Cookie:
    """Carries the sentence to the next page."""
    body = base64.urlsafe_b64encode(msgspec.json.encode(flash)).decode()
    return _cookie(settings, f"{body}.{_proof(settings, body)}", 60)


def spent_cookie(settings: Settings) -> Cookie:
    """Takes it away once it was said."""
    return _cookie(settings, "", 0)


def read_flash(connection: ASGIConnection[Any, Any, Any, Any]) -> Flash | None:
    """The sentence to say, if one of ours came along."""
    settings = connection.app.state.settings
    body, _, proof = connection.cookies.get(cookie_name(settings), "").partition(".")
    if not body or not same(proof, _proof(settings, body)):
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(body), type=Flash)
    except (msgspec.MsgspecError, binascii.Error):
        return None


def _proof(settings: Settings, body: str) -> str:
    return hmac.new(derive_key(settings.secret_key(), "flash"), body.encode(), hashlib.sha256).hexdigest()


def _cookie(settings: Settings, value: str, max_age: int) -> Cookie:
    name = cookie_name(settings)
    return Cookie(
        key=name, value=value, max_age=max_age, path="/", secure=settings.https, httponly=True, samesite="lax"
    )
