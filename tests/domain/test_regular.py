"""Which days a regular report is about: every day once, whatever happened to the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.domain.regular import RHYTHMS, begins, due

TAMPA = "America/New_York"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_month_is_due_from_six_in_the_morning_of_the_next() -> None:
    before, after = at("2026-12-01T10:59"), at("2026-12-01T11:00")
    assert due(before, TAMPA, "month", date(2026, 10, 31)) is None
    turn = due(after, TAMPA, "month", date(2026, 10, 31))
    assert turn == (date(2026, 11, 1), date(2026, 11, 30), after)
    assert due(after, TAMPA, "month", date(2026, 11, 30)) is None


def test_months_in_which_nothing_ran_make_one_report_of_all_their_days() -> None:
    turn = due(at("2027-03-15T12:00"), TAMPA, "month", date(2026, 10, 31))
    assert turn is not None
    assert turn[:2] == (date(2026, 11, 1), date(2027, 2, 28))


@pytest.mark.parametrize("every", RHYTHMS)
@pytest.mark.parametrize("zone", [TAMPA, "Pacific/Kiritimati", "America/Adak"])
def test_over_two_years_every_day_is_in_one_report(every: str, zone: str) -> None:
    now, covered, seen = at("2026-01-15T00:00"), begins(date(2026, 1, 15), every) - timedelta(days=1), 0
    first = covered
    while now < at("2028-01-10T00:00"):
        turn = due(now, zone, every, covered)
        if turn:
            assert turn.starts_on == covered + timedelta(days=1)
            assert turn.known_at <= now
            covered, seen = turn.ends_on, seen + 1
        now += timedelta(hours=7)
    assert (covered - first).days == (date(2027, 12, 31) - first).days
    assert seen == {"month": 24, "quarter": 8}[every]
