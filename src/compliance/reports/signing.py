"""A PDF's signature: the packed file and a key go into a child process, the signed file comes out.

A process of its own, so that pyHanko stays out of the one that serves pages, and the key out of the one that typesets
what people have typed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from compliance.reports.child import run_process

FIELD: Final = "AuditSignature"
REASON: Final = "Audit report, unchanged since it was issued"


@dataclass(frozen=True, slots=True)
class Seal:
    """Who signs, and when the signature says it was made. `key` and `chain` are PEM, the signer's certificate first."""

    key: bytes = field(repr=False)
    chain: bytes
    at: datetime
    reason: str = REASON


async def sign(pdf: bytes, seal: Seal, *, timeout: float = 60.0) -> bytes:
    """The signed PDF (PAdES B-B, invisible, allowing no later change). Raises RenderFailed with a sentence."""
    import msgspec

    head = msgspec.json.encode(seal)
    given = len(head).to_bytes(8, "big") + head + pdf
    return await run_process(("-m", "compliance.reports.sign_process"), given, what="signed PDF", timeout=timeout)
