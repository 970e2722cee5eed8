"""A file that was taken while another field of its form was wrong: it need not be chosen and sent again.

The form carries what is known of the stored file, sealed for the one link, or the one person and page, it came by. It
is a box with a tick, so that a file that was chosen by mistake can be left out again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from typing import Final

from compliance.crypto.tokens import derive_key, same
from compliance.services.evidence import NewEvidence

LONGEST_SEAL: Final = 4000


@dataclass(frozen=True, slots=True)
class KeptUpload:
    """What a form shows of a file that is here already: its name, and the text that brings it back."""

    name: str
    sealed: str


def seal(secret: bytes, of: str, file: NewEvidence) -> str:
    """The file as a text for a hidden field; `of` is what it is good for."""
    body = base64.urlsafe_b64encode(json.dumps(asdict(file)).encode()).decode()
    return f"{body}.{_proof(secret, of, body)}"


def unseal(secret: bytes, of: str, text: str) -> NewEvidence | None:
    """The file of a field that we have sealed for the same; none for any other text."""
    body, _, proof = text.rpartition(".")
    if not same(proof, _proof(secret, of, body)):
        return None
    return NewEvidence(**json.loads(base64.urlsafe_b64decode(body)))


def _proof(secret: bytes, of: str, body: str) -> str:
    key = derive_key(secret, "kept-upload")
    return hmac.new(key, f"{of}!{body}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
