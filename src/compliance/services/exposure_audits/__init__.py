"""Exposure audits: what was actually done, line by line, against who was cleared on each of those days."""

from __future__ import annotations

from compliance.services.exposure_audits.task import KIND, Preview, confirm, start

__all__ = ["KIND", "Preview", "confirm", "start"]
