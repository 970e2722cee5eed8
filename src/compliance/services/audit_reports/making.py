"""The file of a report: rendered, and signed where it is a PDF, each in a child process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from compliance.crypto.certificates import SigningSettings
from compliance.crypto.hashes import sha256_hex
from compliance.db.engine import Database
from compliance.domain.audit_report import AuditReport
from compliance.reports import render
from compliance.reports.signing import REASON, Seal, sign
from compliance.services.signing import signer

SIGNED: Final = "pdf"
"""The one format that readers know signatures in."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file, and the two hashes and the certificate that its row names."""

    content: bytes
    sha256: str
    unsigned_sha256: str | None = None
    signed_by: str | None = None


async def made(
    database: Database,
    signing: SigningSettings,
    organization_id: UUID,
    report: AuditReport,
    format: str,
    paper: str,
    now: datetime,
    added_fonts: Path | None,
) -> Made:
    """The file; the time of its signature is the instant of the question. Raises RenderFailed and Refused."""
    content = await render(report, format, paper=paper, added_fonts=added_fonts)
    if format != SIGNED:
        return Made(content, sha256_hex(content))
    return await signed(database, signing, organization_id, content, report.question.known_at, now)


async def signed(
    database: Database,
    signing: SigningSettings,
    organization_id: UUID,
    content: bytes,
    dated: datetime,
    now: datetime,
    *,
    reason: str = REASON,
) -> Made:
    """A packed PDF, signed with `dated` as the time in it. Raises RenderFailed and Refused."""
    pair = await signer(database, settings=signing, organization_id=organization_id, dated=dated, now=now)
    sealed = await sign(content, Seal(pair.key, pair.chain, dated, reason))
    return Made(sealed, sha256_hex(sealed), sha256_hex(content), pair.certificate.fingerprint)
