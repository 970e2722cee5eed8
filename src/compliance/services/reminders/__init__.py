"""Reminders: planned from what is recorded, withdrawn with what made them needless, and always explained."""

from __future__ import annotations

from compliance.services.reminders.explaining import Why, WhyRung, upcoming, why
from compliance.services.reminders.going_live import Line, Preview, go_live, go_live_preview
from compliance.services.reminders.planning import Planned, plan
from compliance.services.reminders.schedule import look_again, reopen, schedule, withdraw
from compliance.services.reminders.situation import label

__all__ = [
    "Line", "Planned", "Preview", "Why", "WhyRung", "go_live", "go_live_preview", "label", "look_again", "plan",
    "reopen",
    "schedule", "upcoming", "why", "withdraw",
]  # fmt: skip
