"""While long work runs, Python looks for cycles rarely and threads take short turns; afterwards as before."""

from __future__ import annotations

import pytest

from compliance.services.long_work import AT_WORK, habits, long_work


def test_the_usual_way_comes_back_when_the_last_of_several_works_ends() -> None:
    before = habits()
    first, second = long_work(), long_work()
    first.__enter__()
    second.__enter__()
    assert habits().cycles == AT_WORK.cycles != before.cycles
    assert habits().turn == pytest.approx(AT_WORK.turn) != before.turn
    first.__exit__(None, None, None)
    assert habits().cycles == AT_WORK.cycles
    second.__exit__(None, None, None)
    assert habits() == before
