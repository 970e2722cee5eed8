"""Settings of a provider of sign-ins (OpenID Connect): all of them, or none."""

from __future__ import annotations

from urllib.parse import urlsplit

from compliance.channels.openid import Provider
from compliance.settings.given import Given, WrongSetting

NEEDED = "COMPLIANCE_OIDC_ISSUER, COMPLIANCE_OIDC_CLIENT_ID and COMPLIANCE_OIDC_CLIENT_SECRET"


def provider(given: Given) -> Provider | None:
    """Where people may sign in besides here; None: nowhere."""
    issuer, client = given.text("OIDC_ISSUER", ""), given.text("OIDC_CLIENT_ID", "")
    secret = given.secret("OIDC_CLIENT_SECRET")
    if not (issuer or client or secret):
        return None
    if not (issuer and client and secret):
        raise WrongSetting(f"{NEEDED} belong together; give all three or none.")
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
        known = not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        host, known = "", False
    loopback = host in ("localhost", "127.0.0.1", "::1")
    if not host or not known or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        raise WrongSetting(
            f"COMPLIANCE_OIDC_ISSUER is {issuer!r}; give the provider's https:// address as it calls itself."
        )
    return Provider(issuer, client, secret, given.text("OIDC_NAME", host))
