"""Codes of an authenticator app (RFC 6238): six digits of each half minute, from a seed that both sides keep."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import pyotp

from compliance.crypto.tokens import same

SECONDS: Final = 30
DRIFT: Final = 1
"""So many steps a phone's clock may be ahead or behind."""
_CODE: Final = re.compile(r"\d{6}")


def new_seed() -> str:
    """160 random bits in base32, as apps take them."""
    return pyotp.random_base32(32)


def address(seed: str, account: str, issuer: str) -> str:
    """What the QR code holds (`otpauth://totp/...`)."""
    return pyotp.TOTP(seed).provisioning_uri(name=account, issuer_name=issuer)


def step_at(now: datetime) -> int:
    """Which half minute since 1970 this is."""
    return int(now.timestamp()) // SECONDS


def fitting_step(seed: str, code: str, now: datetime, after: int = 0) -> int | None:
    """The half minute whose code this is, among those near `now` and later than `after`; none for any other text."""
    given = "".join(code.split())
    if not _CODE.fullmatch(given) or not given.isascii():
        return None
    here, app = step_at(now), pyotp.TOTP(seed)
    near = [step for step in range(here - DRIFT, here + DRIFT + 1) if step > after]
    fits = [step for step in near if same(app.generate_otp(step), given)]
    return fits[0] if fits else None
