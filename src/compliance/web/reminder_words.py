"""Steps, ladders and hours in words, for the pages of reminders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from compliance.domain.credential_types import Ladder
from compliance.rendering import plural
from compliance.services.reminders import WhyRung

ENDS = {
    "expiry": ("the end", "the last day"),
    "deadline": ("the day to apply by", "the day to apply by"),
    "recheck": ("the look", "the day of the look"),
    "waiver": ("the exception’s end", "the exception’s last day"),
    "missing": ("it is asked", "the first day"),
}
WHO = (("therapist", "Therapist"), ("manager", "Managers"), ("owner", "Owner"))


def rung(days: int, anchor: str = "expiry") -> str:
    """`30 days before the end`, `on the last day`, `7 days after the end`."""
    what, day = ENDS[anchor.partition(":")[0]]
    if days == 0:
        return f"on {day}"
    count = plural(abs(days), "day")
    return f"{count} before {what}" if days > 0 else f"{count} after {what}"


def about(group: WhyRung) -> str:
    """What a group of steps counts from."""
    kind, _, code = group.anchor.partition(":")
    if kind == "missing":
        return f"Missing: {code.partition('/')[0].replace('-', ' ')}, since"
    return {
        "expiry": "Term that ends",
        "deadline": "Application due",
        "recheck": "Look at the source due",
        "waiver": "Exception that ends",
    }[kind]


def steps(days: Iterable[int]) -> str:
    """`90, 30 and 7 days before, on the day, 7 after`; nothing where nobody is told."""
    every = sorted(days, reverse=True)
    before, after = [str(each) for each in every if each > 0], [str(-each) for each in every if each < 0]
    parts = [f"{_listed(before)} {'day' if before == ['1'] else 'days'} before"] if before else []
    parts += ["on the day"] if 0 in every else []
    parts += [f"{_listed(after)} {'day' if after == ['1'] else 'days'} after"] if after else []
    return ", ".join(parts) or "not told"


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def as_typed(ladder: Ladder) -> dict[str, str]:
    """A ladder as one writes it: `90, 30, 0, -7`."""
    return {who: ", ".join(map(str, getattr(ladder, who))) for who, _ in WHO}


def clock(value: time) -> str:
    """`9:00 AM`."""
    return f"{value.hour % 12 or 12}:{value.minute:02} {'AM' if value.hour < 12 else 'PM'}"
