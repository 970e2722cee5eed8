"""How many rows of an import go into one transaction: as many as keep others waiting for a third of a second."""

from __future__ import annotations

from datetime import timedelta

from compliance.services.intake.pace import FIRST, GROWTH, LEAST, MOST, TIME, Pace


def after(*took: tuple[int, float]) -> int:
    pace = Pace()
    for rows, seconds in took:
        pace.took(rows, timedelta(seconds=seconds))
    return pace.rows


def test_on_a_quiet_machine_it_becomes_more_step_by_step_until_they_take_a_third_of_a_second() -> None:
    assert after((FIRST, 0.05)) == GROWTH * FIRST
    assert after((FIRST, 0.05), (FIRST, TIME.total_seconds())) == FIRST


def test_a_transaction_that_held_the_database_for_a_second_is_followed_by_one_of_a_third_of_its_rows() -> None:
    assert after((1200, 1.0)) == 420


def test_it_is_never_so_few_that_little_gets_done_nor_more_than_memory_allows() -> None:
    assert after((100, 60.0)) == LEAST
    assert after(*[(100, 0.0)] * 20) == MOST
