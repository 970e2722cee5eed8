"""Passkeys (W3C Web Authentication, level 3): what a browser is asked, and whether its answer holds.

The device makes a key pair for this site's name and keeps the private half behind a fingerprint or a PIN: two factors
in one. Its answer covers our challenge and the address of the page, so that a page elsewhere gets nothing out of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

NAME: Final = "Therapist compliance"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,1400}={0,2}")
"""An id of at most 1,023 bytes, as the standard has it."""


class PasskeyRefused(ValueError):
    """The browser's answer does not hold; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Party:
    """Whose passkeys these are: the host's name, and the address of its pages as browsers say it."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that was just made. Ids and transports as the browser gave them."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


def read(answer: str) -> dict[str, Any]:
    """A browser's answer, as far as its form goes. Raises PasskeyRefused: also for lists within lists without end, and
    for an id that is no base64url, which no database could be asked for."""
    try:
        said = json.loads(answer)
        fits = _ID.fullmatch(said["id"]) and isinstance(said["response"], dict)
    except (ValueError, KeyError, TypeError, RecursionError):
        fits = None
    if not fits:
        raise PasskeyRefused("it is no answer of a browser")
    return cast(dict[str, Any], said)


def to_make(party: Party, challenge: bytes, person_id: bytes, address: str, name: str, known: Sequence[str]) -> str:
    """What `navigator.credentials.create` is asked, as JSON. A device that has one of `known` makes no second."""
    import webauthn
    from webauthn.helpers import structs

    chosen = structs.AuthenticatorSelectionCriteria(
        resident_key=structs.ResidentKeyRequirement.REQUIRED,
        require_resident_key=True,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    described = structs.PublicKeyCredentialDescriptor
    options = webauthn.generate_registration_options(
        rp_id=party.id, rp_name=NAME, user_id=person_id, user_name=address, user_display_name=name or address,
        challenge=challenge, authenticator_selection=chosen,
        exclude_credentials=[described(webauthn.base64url_to_bytes(each)) for each in known],
    )  # fmt: skip
    return webauthn.options_to_json(options)


def made(party: Party, challenge: bytes, answer: str) -> NewPasskey:
    """The passkey that the browser made. Raises PasskeyRefused."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    words = read(answer)["response"].get("transports")
    try:
        found = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
            require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused(str(error)) from None
    given = words if isinstance(words, list) else []
    transports = tuple(each for each in given if isinstance(each, str) and each.isascii() and each.isprintable())
    plain = tuple(each.replace(" ", "")[:20] for each in transports[:8])
    return NewPasskey(bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count, plain)


def to_use(party: Party, challenge: bytes) -> str:
    """What `navigator.credentials.get` is asked, as JSON: any passkey of this site, behind fingerprint or PIN."""
    import webauthn
    from webauthn.helpers import structs

    required = structs.UserVerificationRequirement.REQUIRED
    options = webauthn.generate_authentication_options(rp_id=party.id, challenge=challenge, user_verification=required)
    return webauthn.options_to_json(options)


def credential_of(answer: str) -> tuple[str, bytes | None]:
    """Which passkey an answer says it is of, and whose; unproven. Raises PasskeyRefused for what is no answer."""
    import webauthn

    said = read(answer)
    handle = said["response"].get("userHandle")
    try:
        return said["id"], webauthn.base64url_to_bytes(handle) if handle else None
    except (ValueError, TypeError, AttributeError):
        raise PasskeyRefused("it is no answer of a browser") from None


def used(party: Party, challenge: bytes, answer: str, public_key: bytes, sign_count: int) -> int:
    """How often the device says that the passkey was used, now that its answer holds. Raises PasskeyRefused: also for
    a count that runs backwards, which a copy of the key would show."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    read(answer)
    try:
        found = webauthn.verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
            credential_public_key=public_key, credential_current_sign_count=sign_count, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused(str(error)) from None
    return found.new_sign_count
