"""How many rows a transaction of an import takes: as many as it carries out in a third of a second here and now.

Others wait for the database as long as a transaction lasts. On a busy machine the same rows take many times as long as
on a quiet one, so the time is measured, and the next transaction is made by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

TIME: Final = timedelta(milliseconds=350)
LEAST, FIRST, MOST = 200, 800, 1_600
"""Rows; of fewer at once most of the time goes into beginning and ending, and more need more memory."""
GROWTH: Final = 1.25
"""At most, from one to the next: on a busy machine a lull is short."""


@dataclass(slots=True)
class Pace:
    """Rows for the next transaction."""

    rows: int = FIRST

    def took(self, rows: int, time: timedelta) -> None:
        """So many rows held the database for so long."""
        fitting = rows * TIME / time if time else MOST
        self.rows = int(max(LEAST, min(fitting, GROWTH * self.rows, MOST)))
