"""Plans that were made while an import was judged, kept until they are carried out, so that nobody is judged twice.

They hold while nobody has written in the organization since, which the end of its trail tells, and on the same day.
As many are kept as need little memory; the others, and all of an import that was left and found again, are judged anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from compliance.services.intake.lines import CHANGED, CREATED
from compliance.services.intake.pace import Pace
from compliance.services.intake.plan import Plan

MOST: Final = 10_000
"""Rows; a plan without its lines takes about a kilobyte for each of them."""


@dataclass(slots=True)
class Kept:
    """Plans with something to do, in the order of their people, and when they were made: `seq` ends the trail then."""

    seq: int = -1
    today: date = date.min
    plans: list[Plan] = field(default_factory=list)
    rows: int = 0

    def keep(self, plans: Iterable[Plan], seq: int, today: date) -> None:
        """Keeps these too, while there is room; what was made before somebody wrote holds no more."""
        if not self.hold(seq, today):
            self.plans, self.rows, self.seq, self.today = [], 0, seq, today
        for plan in plans:
            if self.rows < MOST and plan.outcome in (CREATED, CHANGED):
                self.rows += len(plan.lines)
                self.plans.append(plan.without_lines())

    def hold(self, seq: int, today: date) -> bool:
        """Whether they are as they would be made now, when the trail ends there."""
        return (self.seq, self.today) == (seq, today)

    def written(self, first: int, last: int) -> None:
        """The import itself wrote these entries, of other people."""
        if self.seq == first - 1:
            self.seq = last

    def chunks(self, pace: Pace) -> Iterator[list[Plan]]:
        """As many at a time as `pace` says then; what was given away is kept no more."""
        while self.plans:
            count, rows = 0, 0
            while count < len(self.plans) and rows < pace.rows:
                rows, count = rows + self.plans[count].rows, count + 1
            yield self.plans[:count]
            del self.plans[:count]
