"""Signing in at a provider elsewhere: OpenID Connect's code flow with state, nonce and PKCE, by `authlib`'s client.

Issuer and subject are who somebody is; an address that the provider names is shown and never believed. Keys of the
provider are asked for at each sign-in: they are few, and a key that was taken back must count no longer.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures that only the provider can make. It is not asked which: by HS256 our secret would be a key."""
SECONDS: Final = 10.0
LEEWAY: Final = 120
SCOPE: Final = "openid email"
WELL_KNOWN: Final = "/.well-known/openid-configuration"

KEPT: Final = 60.0
"""Anybody may begin to sign in, so that a crowd would otherwise make this service ask the provider as often."""
_SAID: Final[dict[str, tuple[float, dict[str, Any]]]] = {}

Reason = Literal["unreachable", "wrong-issuer", "refused"]


@dataclass(frozen=True, slots=True)
class Provider:
    """Where people may sign in besides here. `name` is what the button calls it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What belongs to one sign-in: it goes out, comes back or is proven by its hash, and counts once."""

    redirect_uri: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """Who the provider says it is. `strong`: it says that it asked for several factors; `verified`: that the address
    is theirs, which is told to people and believed by nobody."""

    issuer: str
    subject: str
    address: str
    strong: bool
    verified: bool = False


class ProviderRefused(Exception):
    """Nobody was signed in elsewhere; `reason` chooses the sentence, the text is for the log."""

    def __init__(self, reason: Reason, about: str) -> None:
        super().__init__(about)
        self.reason: Final = reason


async def address(provider: Provider, asked: Asked) -> str:
    """Where the browser goes to sign in. Raises ProviderRefused."""
    said = await _described(provider)
    async with _client(provider, asked) as client:
        made = client.create_authorization_url(
            said["authorization_endpoint"], state=asked.state, nonce=asked.nonce, code_verifier=asked.verifier
        )
    return str(made[0])


async def signed_in(provider: Provider, asked: Asked, code: str, now: datetime) -> Said:
    """Who came back with this code. Raises ProviderRefused: for a token of another issuer, for another client, of
    another sign-in, over, or signed by nobody known."""
    import httpx2
    from authlib.common.errors import AuthlibBaseError

    said = await _described(provider)
    try:
        async with _client(provider, asked) as client:
            token = await client.fetch_token(
                said["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=asked.verifier
            )
        keys = await _json(said["jwks_uri"])
    except httpx2.HTTPError as error:
        raise ProviderRefused("unreachable", type(error).__name__) from None
    except (AuthlibBaseError, KeyError, ValueError) as error:
        raise ProviderRefused("refused", str(error)) from None
    return _proven(provider, asked, str(token.get("id_token", "")), token, keys, now)


def _proven(provider: Provider, asked: Asked, id_token: str, token: dict[str, Any], keys: Any, now: datetime) -> Said:
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True},
        "sub": {"essential": True},
    }
    params = {"nonce": asked.nonce, "client_id": provider.client_id, "access_token": token.get("access_token")}
    try:
        read = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))
        claims = CodeIDToken(read.claims, read.header, options, params)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        wrong = read_issuer(id_token) not in ("", provider.issuer)
        raise ProviderRefused("wrong-issuer" if wrong else "refused", f"{type(error).__name__}: {error}") from None
    if provider.client_id not in ([claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]):
        raise ProviderRefused("refused", "the token is for another client")
    ways = claims.get("amr") or []
    address, verified = str(claims.get("email") or "")[:254], claims.get("email_verified") is True
    return Said(provider.issuer, str(claims["sub"]), address, "mfa" in ways, verified)


def read_issuer(id_token: str) -> str:
    """Who a token says it is from, unproven: for the sentence about it alone."""
    import base64

    try:
        part = id_token.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))).get("iss", ""))
    except (IndexError, ValueError, AttributeError):
        return ""


async def _described(provider: Provider) -> dict[str, Any]:
    """What the provider says of itself, which must be the provider that is meant; asked once in `KEPT` seconds."""
    import httpx2

    at = asyncio.get_running_loop().time()
    kept_at, kept = _SAID.get(provider.issuer, (at - KEPT, {}))
    if at - kept_at < KEPT:
        return kept
    try:
        said = await _json(provider.issuer.rstrip("/") + WELL_KNOWN)
    except (httpx2.HTTPError, ValueError) as error:
        raise ProviderRefused("unreachable", f"{type(error).__name__}: {error}") from None
    if not isinstance(said, dict) or said.get("issuer") != provider.issuer:
        about = said.get("issuer") if isinstance(said, dict) else None
        raise ProviderRefused("wrong-issuer", f"{provider.issuer} calls itself {about!r}")
    missing = {"authorization_endpoint", "token_endpoint", "jwks_uri"} - set(said)
    if missing:
        raise ProviderRefused("refused", f"the provider names no {', '.join(sorted(missing))}")
    _SAID[provider.issuer] = at, said
    return said


async def _json(url: str) -> Any:
    import httpx2

    async with httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
        answer = await client.get(url, headers={"accept": "application/json"})
        answer.raise_for_status()
        return answer.json()


def _client(provider: Provider, asked: Asked) -> Any:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

    return AsyncOAuth2Client(
        provider.client_id,
        provider.client_secret,
        scope=SCOPE,
        redirect_uri=asked.redirect_uri,
        code_challenge_method="S256",
        timeout=SECONDS,
    )
