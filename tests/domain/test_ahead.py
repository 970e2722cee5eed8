"""Looking ahead: counts and last days out of spans, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from compliance.domain.ahead import Span, drops, firsts, months, stops

ANA, BEN = UUID(int=1), UUID(int=2)
TODAY = date(2026, 11, 22)
NEVER = date.max


def until(day: date, then: str = "license") -> list[Span]:
    """A yes through a day, then a no for good."""
    return [Span(date(2020, 1, 1), day, True), Span(day + timedelta(days=1), NEVER, False, then)]


def test_the_months_begin_with_today_and_go_on_with_twelve_firsts() -> None:
    found = firsts(TODAY)
    assert found[:3] == (TODAY, date(2026, 12, 1), date(2027, 1, 1))
    assert found[-1] == date(2027, 11, 1)
    assert len(found) == 13


def test_who_ends_in_a_month_is_counted_before_it_and_not_after() -> None:
    verdicts = {(ANA, "massage"): until(date(2027, 2, 28)), (BEN, "massage"): until(NEVER - timedelta(days=1))}
    counts = [each.cleared["massage"] for each in months(verdicts, TODAY)]
    assert counts == [2, 2, 2, 2, *[1] * 9]


def test_a_drop_names_the_last_day_and_what_ends_it() -> None:
    [drop] = drops({(ANA, "massage"): until(date(2027, 2, 28))}, TODAY)
    assert (drop.last_day, drop.therapist_id, drop.requirement) == (date(2027, 2, 28), ANA, "license")


def test_a_yes_that_is_followed_by_a_yes_is_no_drop() -> None:
    spans = [Span(date(2020, 1, 1), date(2027, 1, 31), True), Span(date(2027, 2, 1), NEVER, True)]
    assert drops({(ANA, "massage"): spans}, TODAY) == ()


def test_an_assignment_that_ends_is_a_drop_that_no_requirement_made() -> None:
    [drop] = drops({(ANA, "massage"): [Span(date(2020, 1, 1), date(2027, 3, 1), True)]}, TODAY)
    assert drop.requirement == ""


@given(some.lists(some.integers(1, 700), min_size=1, max_size=6))
def test_what_drops_out_is_what_the_counts_lose(ends: list[int]) -> None:
    """Nobody is lost between the two pictures."""
    verdicts = {(UUID(int=n), "massage"): until(TODAY + timedelta(days=each)) for n, each in enumerate(ends)}
    counts = [each.cleared["massage"] for each in months(verdicts, TODAY)]
    assert counts[0] - counts[-1] == len(drops(verdicts, TODAY))
    assert counts == sorted(counts, reverse=True)


def test_who_stops_at_once_is_told_apart_from_who_was_stopped_already() -> None:
    as_it_is = {(ANA, "massage"): until(date(2027, 2, 28)), (BEN, "massage"): until(date(2026, 1, 1))}
    no = [Span(date(2020, 1, 1), NEVER, False, "first-aid")]
    [stop] = stops(as_it_is, {(ANA, "massage"): no, (BEN, "massage"): no}, TODAY)
    assert (stop.therapist_id, stop.modality, stop.requirement) == (ANA, "massage", "first-aid")
    assert stops(as_it_is, as_it_is, TODAY) == ()
