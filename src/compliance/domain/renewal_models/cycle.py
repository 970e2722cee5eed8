"""The days on which terms may end: one day of the year, every year or every so many."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, date
from typing import NamedTuple

from compliance.domain.months import SHORTEST_MONTH, add_months, on
from compliance.domain.periods import ONE_DAY, day_after, day_before


class Cycle(NamedTuple):
    """A day of the year, in the years that leave `phase` when divided by `step`.

    A day that the month does not have is its last one: 31 stands for the end of any month. Where the calendar ends
    (years 1 and 9999) so does the cycle.
    """

    month: int
    day: int
    step: int = 1
    phase: int = 0

    def holds(self, day: date) -> bool:
        """Whether the day is one of the cycle."""
        if day.month != self.month or day.year % self.step != self.phase:
            return False
        return day.day == self.day or (self.day > SHORTEST_MONTH and day == on(day.year, self.month, self.day))

    def after(self, day: date) -> date:
        """The first day of the cycle strictly after one."""
        year = day.year + (self.phase - day.year) % self.step
        found = on(year, self.month, self.day)
        return found if found > day or year >= MAXYEAR else on(year + self.step, self.month, self.day)

    def before(self, day: date) -> date:
        """The last day of the cycle strictly before one."""
        year = day.year - (day.year - self.phase) % self.step
        found = on(year, self.month, self.day)
        return found if found < day or year <= MINYEAR else on(year - self.step, self.month, self.day)

    def nearest(self, day: date) -> date:
        """The day of the cycle closest to one, the later of two equally close."""
        earlier, later = self.before(day_after(day)), self.after(day_before(day))
        return later if abs(later - day) <= abs(day - earlier) else earlier

    def term_after(self, printed: date, years: int) -> date:
        """The end of the term that follows a printed one.

        A printed day off the cycle counts as the nearest step, but no term grows longer than its years and one more.
        """
        if self.holds(printed):
            return on(printed.year + years, self.month, self.day)
        months = min(12 * years - 6 * self.step, 12 * (years + 1 - self.step))
        return self.after(day_before(add_months(printed, months)))

    def term_before(self, printed: date, years: int) -> date:
        """The end of the term that ran before a printed one."""
        ceiling = add_months(printed, 6 * self.step - 12 * years)
        return self.before(ceiling if ceiling == date.max else ceiling + ONE_DAY)
