"""While long work runs, Python looks for cycles rarely; afterwards as before, whoever ends last."""

from __future__ import annotations

import gc

from compliance.services.rare_collections import RARE, rare_collections


def test_the_usual_way_comes_back_when_the_last_of_several_works_ends() -> None:
    before = gc.get_threshold()
    first, second = rare_collections(), rare_collections()
    first.__enter__()
    second.__enter__()
    assert gc.get_threshold() == RARE != before
    first.__exit__(None, None, None)
    assert gc.get_threshold() == RARE
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
