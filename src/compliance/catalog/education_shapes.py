"""The shapes of what a file says of continuing education. A key that is not named here is refused."""

from __future__ import annotations

from datetime import date

from msgspec import field

from compliance.catalog.strict import CitedTable, Strict
from compliance.domain.hours import Form


class WhichTable(Strict):
    subjects: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    approved: bool | None = None


class MinimumTable(Strict):
    what: str
    hours: float = 0
    which: WhichTable | None = None
    beside: bool = False
    once: bool = False
    every_years: int | None = None
    from_renewal: int = 1


class MaximumTable(Strict):
    what: str
    hours: float
    which: WhichTable | None = None
    per_day: bool = False


class FirstTable(Strict):
    hours: float
    under_months: int | None = None


class TierTable(Strict):
    from_years: int
    hours: float


class YearDayTable(Strict):
    month: int
    day: int
    years_before: int = 0


class EducationTable(CitedTable):
    """The names are those of `domain.hours.ContinuingEducation`, which says what they mean."""

    hours: float | None = None
    window_years: int | None = None
    minutes_per_hour: int | None = None
    minima: dict[str, float] = field(default_factory=dict)
    maxima: dict[str, float] = field(default_factory=dict)
    carry_over: float | None = None
    first_renewal: str = ""
    besides: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    keep_years: int | None = None
    reported_to: str = ""
    question: str = ""
    minimum: tuple[MinimumTable, ...] = ()
    maximum: tuple[MaximumTable, ...] = ()
    window_anchor: date | None = None
    window_from_issue: bool = False
    opens: YearDayTable | None = None
    closes: YearDayTable | None = None
    carry_over_percent: int = 100
    first: tuple[FirstTable, ...] = ()
    first_hours_per_month: float | None = None
    first_minima: tuple[str, ...] | None = None
    tier: tuple[TierTable, ...] = ()
    approved_only: bool = False
    not_counted: tuple[str, ...] = ()
