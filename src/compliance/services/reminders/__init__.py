"""Reminders: planned from what is recorded, withdrawn with what made them needless, and always explained."""

from __future__ import annotations

from compliance.services.reminders.ahead import Upcoming, upcoming, upcoming_page
from compliance.services.reminders.by_hand import plan_reminders, remind_now
from compliance.services.reminders.explaining import LadderInForce, Why, WhyRung, why, why_clinic, why_file
from compliance.services.reminders.going_live import Line, Preview, go_live, go_live_preview
from compliance.services.reminders.planning import Planned, plan
from compliance.services.reminders.reopening import change_readers, reopen, reopen_staff
from compliance.services.reminders.schedule import schedule
from compliance.services.reminders.settings import (
    clear_ladder,
    days_of,
    delegate,
    end_delegation,
    set_calendar,
    set_ladder,
)
from compliance.services.reminders.situation import label
from compliance.services.reminders.withdrawing import heed, look_again, look_again_at_clinics, withdraw

__all__ = [
    "LadderInForce", "Line", "Planned", "Preview", "Upcoming", "Why", "WhyRung", "change_readers", "clear_ladder",
    "days_of", "delegate", "end_delegation", "go_live", "go_live_preview", "heed", "label", "look_again",
    "look_again_at_clinics", "plan", "plan_reminders", "remind_now", "reopen", "reopen_staff", "schedule",
    "set_calendar", "set_ladder", "upcoming", "upcoming_page", "why", "why_clinic", "why_file", "withdraw",
]  # fmt: skip
