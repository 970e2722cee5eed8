"""Audit reports: built from the records, issued once for a question, recognized again by their hash."""

from __future__ import annotations

from compliance.services.audit_reports.asking import Asked, AskedSample
from compliance.services.audit_reports.checking import (
    Answer,
    Checked,
    Signer,
    Verified,
    check,
    check_digest,
    verify,
    verify_id,
)
from compliance.services.audit_reports.issuing import SHAPES, Issued, build, content, issue

__all__ = [
    "SHAPES", "Answer", "Asked", "AskedSample", "Checked", "Issued", "Signer", "Verified", "build", "check",
    "check_digest", "content", "issue", "verify", "verify_id",
]  # fmt: skip
