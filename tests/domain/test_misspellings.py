"""What may have been meant, one typing error away from what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from compliance.domain.misspellings import begins_nearly, letters_of, near, one_apart

WORDS = some.text(alphabet="abcxyz", min_size=3, max_size=9)


@some.composite
def erred(draw: some.DrawFn) -> tuple[str, str]:
    """A word, and the same with one typing error."""
    word, kind = draw(WORDS), draw(some.sampled_from(["more", "less", "wrong", "swapped"]))
    place, letter = draw(some.integers(0, len(word) - 2)), draw(some.sampled_from("abcxyz"))
    return word, {
        "more": word[:place] + letter + word[place:],
        "less": word[:place] + word[place + 1 :],
        "wrong": word[:place] + letter + word[place + 1 :],
        "swapped": word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    }[kind]


@given(erred())
def test_every_single_error_is_forgiven(pair: tuple[str, str]) -> None:
    meant, typed = pair
    if typed != meant and len(typed) >= 3:
        assert meant in near(typed)
        assert one_apart(meant, typed)


@given(WORDS, WORDS)
def test_nothing_else_is_near(one: str, other: str) -> None:
    assert (other in near(one, "abcxyz")) == one_apart(one, other)


def test_each_text_comes_once_swapped_neighbors_first_and_never_the_text_itself() -> None:
    found = near("jhon")
    assert found[:3] == ["hjon", "john", "jhno"]
    assert len(found) == len(set(found))
    assert "jhon" not in found


@pytest.mark.parametrize("text", ["", "jo", "a" * 25])
def test_too_short_or_too_long_a_text_is_near_nothing(text: str) -> None:
    assert near(text) == []
    assert not begins_nearly("john", text)


def test_letters_are_those_of_the_script_that_was_typed() -> None:
    assert "смирнов" in near("смирноф")
    assert "ж" not in letters_of("smith")
    assert near("陈大文") == ["大陈文", "陈文大", "大文", "陈文", "陈大"]
    assert "ma1235" in near("ma1234")


@pytest.mark.parametrize(
    ("name", "text", "nearly"),
    [
        ("tampa bay", "tmapa", True),
        ("tampa bay", "tampaa", True),
        ("tampa bay", "tanpa b", True),
        ("tampa bay", "orlando", False),
        ("oak street", "oka", True),
        ("oakland", "oka", False),
        ("oak", "oal", True),
    ],
)
def test_a_long_text_may_be_a_beginning_and_a_short_one_is_a_word(name: str, text: str, nearly: bool) -> None:
    assert begins_nearly(name, text) is nearly
