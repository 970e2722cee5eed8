"""What a browser is in the middle of while it signs in: sealed in a cookie of its own, for minutes, once.

Nothing is written for somebody who has not proven anything yet, so a crowd at the door fills no table. What was used is
written down (`services.sign_in.spend`), so that the same cookie does not work again.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.sealing import SealBroken, seal, unseal
from compliance.services import sign_in
from compliance.settings import Settings
from compliance.web.page import Page

Kind = Literal["second-factor", "passkey", "passkey-new", "app-new", "provider", "invitation"]
LASTS: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What the browser began: a name that is used up once, until when it is good, and what was said at its start."""

    name: str
    until: datetime
    said: Mapping[str, str]


def cookie_name(settings: Settings, kind: Kind) -> str:
    """One cookie for each kind."""
    return f"__Host-{kind}" if settings.https else kind


def begin(page: Page, kind: Kind, lasts: timedelta = LASTS, **said: str) -> UnderWay:
    """Puts what is under way into the browser; what it was in the middle of before is forgotten."""
    made = UnderWay(secrets.token_urlsafe(16), page.now + lasts, said)
    sealed = seal(page.settings.secret_key(), f"under-way/{kind}", msgspec.json.encode(made))
    text = base64.urlsafe_b64encode(sealed).decode()
    page.set_cookie(_cookie(page.settings, kind, text, round(lasts.total_seconds())))
    return made


def found(page: Page, kind: Kind) -> UnderWay | None:
    """What the browser is in the middle of; none where it is over, or was not begun here."""
    text = page.request.cookies.get(cookie_name(page.settings, kind), "")
    try:
        sealed = base64.urlsafe_b64decode(text.encode())
        content = unseal(page.settings.secret_key(), f"under-way/{kind}", sealed)
        what = msgspec.json.decode(content, type=UnderWay)
    except (SealBroken, ValueError, binascii.Error, msgspec.MsgspecError):
        return None
    return what if what.until > page.now else None


async def spend(session: AsyncSession, page: Page, kind: Kind, what: UnderWay) -> bool:
    """Uses it up and takes the cookie away; false where it was used before."""
    page.set_cookie(_cookie(page.settings, kind, "", 0))
    return await sign_in.spend(session, what=f"{kind}/{what.name}", expires_at=what.until)


def _cookie(settings: Settings, kind: Kind, value: str, max_age: int) -> Cookie:
    return Cookie(
        key=cookie_name(settings, kind), value=value, max_age=max_age, path="/", secure=settings.https, httponly=True,
        samesite="lax",
    )  # fmt: skip
