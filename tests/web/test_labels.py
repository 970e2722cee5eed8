"""Titles inside sentences: what is a name keeps its capital."""

from __future__ import annotations

import pytest

from compliance.web.labels import in_sentence


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("Massage license", "massage license"),
        ("Mission, Kansas local permit", "Mission, Kansas local permit"),
        ("Florida massage license", "Florida massage license"),
        ("CPR card", "CPR card"),
    ],
)
def test_only_plain_words_lose_their_capital(title: str, inside: str) -> None:
    assert in_sentence(title) == inside
