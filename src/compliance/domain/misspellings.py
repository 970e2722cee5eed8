"""One typing error: a letter too many, one missing, a wrong one, or two neighbors swapped.

Instead of keeping the parts of all names, what somebody may have meant is written out when nothing is called as they
typed (some hundred texts for a name), and an index is asked for each. Folded text goes in and comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

SHORTEST: Final = 3
"""Of fewer letters nearly every name is one error away."""

LONGEST: Final = 24

LATIN: Final = "abcdefghijklmnopqrstuvwxyz '-"
DIGITS: Final = "0123456789"
SCRIPTS: Final = (("α", "ω"), ("а", "я"), ("א", "ת"), ("ء", "ي"))
"""First and last letters of Greek, Cyrillic, Hebrew, Arabic: who types one has the others on the keyboard."""


def letters_of(text: str) -> str:
    """What could stand in place of a letter of the text: the letters of its script, digits if it has any."""
    found = DIGITS if any(each in DIGITS for each in text) else ""
    if any("a" <= each <= "z" for each in text):
        found += LATIN
    for first, last in SCRIPTS:
        if any(first <= each <= last for each in text):
            found += "".join(map(chr, range(ord(first), ord(last) + 1)))
    return found


def near(text: str, letters: str = "") -> list[str]:
    """All texts that are one typing error away, each once: swapped neighbors first, then by the place of the error.

    Empty for texts of fewer than SHORTEST or more than LONGEST letters. `letters`: what may stand in place of one.
    """
    if not SHORTEST <= len(text) <= LONGEST:
        return []
    found = dict.fromkeys((*_swapped(text), *_wrong(text, letters or letters_of(text))))
    return [each for each in found if each != text and each == each.strip()]


def _swapped(text: str) -> Iterator[str]:
    for place in range(len(text) - 1):
        yield text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _wrong(text: str, letters: str) -> Iterator[str]:
    for place in range(len(text) + 1):
        before, after = text[:place], text[place + 1 :]
        if place < len(text):
            yield before + after
            yield from (before + each + after for each in letters)
        yield from (before + each + text[place:] for each in letters)


def begins_nearly(name: str, text: str) -> bool:
    """Whether a name begins as the text says but for one typing error; a short one has to be all of a word."""
    if not SHORTEST <= len(text) <= LONGEST:
        return False
    ends = range(max(len(text) - 1, 1), min(len(text) + 1, len(name)) + 1)
    return any(one_apart(text, name[:end]) for end in ends if end > WHOLE or name[end : end + 1] in ("", " "))


WHOLE: Final = 4
"""So short a text has to be a whole word, or it would be the beginning of too many."""


def one_apart(one: str, other: str) -> bool:
    """Whether two texts are one typing error apart."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    left, right = one[start:], other[start:]
    swapped = len(left) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]
