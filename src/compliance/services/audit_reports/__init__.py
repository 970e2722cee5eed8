"""Audit reports: built from the records, issued once for a question, recognized again by their hash."""

from __future__ import annotations

from compliance.services.audit_reports.issuing import (
    SHAPES,
    Asked,
    Issued,
    Verified,
    build,
    content,
    issue,
    verify,
    verify_id,
)

__all__ = ["SHAPES", "Asked", "Issued", "Verified", "build", "content", "issue", "verify", "verify_id"]
