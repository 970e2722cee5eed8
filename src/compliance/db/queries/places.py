"""Where boards are looked up: the addresses that an organization saved (see clinics.py)."""

from __future__ import annotations

from compliance.db.queries.clinics import board_addresses

__all__ = ["board_addresses"]
