"""How long the machinery waits. One place, so that tests of hours take seconds; the product knows `PACE` alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Pace:
    """Waits of delivery: `beat` and `silence` in seconds of one's own monotonic clock, the others as spans.

    - `beat`: between two heartbeats; `silence`: without one, after which a worker counts as dead.
    - `back_off`: after the first, second, ... failure of a message; the last one repeats.
    - `first_pause`, `longest_pause`: of a mail server that does not answer.
    - `per_minute`: messages that all workers together hand to one mail server.
    """

    beat: float = 5.0
    silence: float = 60.0
    back_off: tuple[timedelta, ...] = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 120, 240))
    first_pause: timedelta = timedelta(seconds=30)
    longest_pause: timedelta = timedelta(minutes=15)
    per_minute: int = 1200

    @property
    def longest_wait(self) -> timedelta:
        """The longest back-off with the whole of its share: nothing that was tried once sleeps longer."""
        return self.back_off[-1] * 1.5

    def wait(self, message: UUID, attempts: int) -> timedelta:
        """How long to wait after so many attempts: up to half more or less, so that failures do not return in step.

        The share is drawn from the message's id and not from chance: the same question has the same answer.
        """
        step = self.back_off[min(max(attempts, 1), len(self.back_off)) - 1]
        drawn = hashlib.sha256(f"{message}/{attempts}".encode()).digest()[0] / 255
        return step * (0.5 + drawn)


PACE: Final = Pace()
