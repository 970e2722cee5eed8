"""Where mail is handed over: `smtp://user:password@host:587?tls=starttls`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Tls = Literal["starttls", "implicit", "none"]

_PORTS: dict[Tls, int] = {"starttls": 587, "implicit": 465, "none": 25}
_SHAPE = "smtp://user:password@host:587?tls=starttls (or tls=implicit, tls=none)"
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


@dataclass(frozen=True)
class SmtpRoute:
    """A mail server and how to speak with it. The password shows in no repr."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_smtp_url(url: str) -> SmtpRoute:
    """Reads the URL. Raises ValueError with one sentence: what was given, without the password, and what is
    allowed.
    """
    parts = _split(url)
    tls = _tls(url, parts)
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password is not None else None
    if (user is None) != (password is None):
        raise _wrong(url, "has a user without a password or a password without a user")
    if not f"{user}{password}".isascii():
        raise _wrong(url, "has a user or password with letters outside ASCII, which SMTP cannot carry")
    return SmtpRoute(_host(url, parts), _port(url, parts) or _PORTS[tls], tls, user, password)


def without_password(url: str) -> str:
    """The URL as it may be shown: everything that could be a password is `***`."""
    before, at, after = url.rpartition("@")
    place = re.split(r"[?#]", after)[0]
    user = re.match(r"[a-z]+://[^:/@?#]*", before)
    return f"{user.group() if user else ''}:***@{place}" if at else place


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _wrong(url, "cannot be read as a URL") from error
    if parts.scheme != "smtp":
        raise _wrong(url, "does not begin with smtp://")
    if parts.path not in ("", "/") or parts.fragment:
        raise _wrong(url, "has a path (write / and # in a password as %2F and %23)")
    return parts


def _host(url: str, parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        raise _wrong(url, "names no host")
    return host


def _port(url: str, parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise _wrong(url, "has no port between 1 and 65535") from error
    if port == 0:
        raise _wrong(url, "has no port between 1 and 65535")
    return port


def _tls(url: str, parts: SplitResult) -> Tls:
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    value = given.pop("tls", "starttls")
    if given:
        raise _wrong(url, "has a parameter other than tls")
    if value not in _PORTS:
        raise _wrong(url, f"has tls={value}" if value.isalnum() else "has a tls that cannot be read")
    return value


def _wrong(url: str, problem: str) -> ValueError:
    return ValueError(f"{without_password(url)!r} {problem}; allowed is {_SHAPE}.")
