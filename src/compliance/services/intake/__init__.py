"""Intake: a roster is read, judged and applied, as a task. The door; the work is in `running.py`."""

from __future__ import annotations

from compliance.services.intake.own_columns import explain_columns, own_columns
from compliance.services.intake.starting import (
    UNDO,
    Options,
    cancel_import,
    confirm_import,
    start_import,
    undo_import,
)

__all__ = [
    "UNDO", "Options", "cancel_import", "confirm_import", "explain_columns", "own_columns", "start_import",
    "undo_import",
]  # fmt: skip
