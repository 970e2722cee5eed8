"""The only place that reads the clock. Everything below takes time as an argument."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """Today's date in an IANA zone."""
    return datetime.now(ZoneInfo(zone)).date()


def monotonic() -> float:
    """Seconds that never run backwards, for measuring how long something took."""
    return time.monotonic()


JUMP: Final = 5.0
"""Seconds by which the wall clock may move against the monotonic one before it counts as a jump."""
DISTRUST: Final = 3600.0
"""Seconds for which a clock that has jumped must stand still before it is believed again."""


def awake_or_asleep() -> float:
    """Seconds that never run backwards and go on while the machine sleeps, where it can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


@dataclass(slots=True)
class Steadiness:
    """Watches the wall clock of this process. Where it is also the database's clock, what it says decides what is due
    and what has taken too long; after a jump that is put off until it has stood still for a while."""

    last: tuple[float, float] | None = None
    jump: float = 0.0
    until: float = 0.0

    def look(self) -> float:
        """Seconds by which the clock has jumped since the last look; 0 where it has not."""
        wall, steady = now().timestamp(), awake_or_asleep()
        drift = (wall - self.last[0]) - (steady - self.last[1]) if self.last else 0.0
        self.last = (wall, steady)
        if abs(drift) <= JUMP:
            return 0.0
        self.jump = max(abs(drift), self.jump if steady < self.until else 0.0)
        self.until = steady + DISTRUST
        return drift

    def doubted(self, by: float = 0.0) -> bool:
        """Whether it has jumped lately, by at least so many seconds."""
        self.look()
        return awake_or_asleep() < self.until and self.jump >= by
