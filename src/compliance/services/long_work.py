"""Long work that makes many values: Python is told to look for cycles rarely, and to let its threads take short turns.

The search for cycles goes through everything that is alive and stops the whole process for it: a tenth of a second for
a report about 2,000 people, a quarter of the time of an import. The thread that has just laid rows into SQLite waits
for Python's lock before it lays the next ones; by Python's own measure that takes longer than laying them.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple


class Habits(NamedTuple):
    """How often Python looks for cycles (`gc.set_threshold`), and how long a thread's turn is, in seconds."""

    cycles: tuple[int, int, int]
    turn: float


AT_WORK: Final = Habits((100_000, 20, 50), 0.0005)
_usual: list[Habits] = []
"""How it was before, once for each work that runs; the first of them comes back after the last."""


@contextmanager
def long_work() -> Iterator[None]:
    """Within it, and as long as any other work is within it."""
    _usual.append(_usual[0] if _usual else habits())
    _live_by(AT_WORK)
    try:
        yield
    finally:
        before = _usual.pop()
        if not _usual:
            _live_by(before)


def habits() -> Habits:
    """Those of this process now."""
    return Habits(gc.get_threshold(), sys.getswitchinterval())


def _live_by(wanted: Habits) -> None:
    gc.set_threshold(*wanted.cycles)
    sys.setswitchinterval(wanted.turn)
