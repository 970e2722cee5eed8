"""Which rows of a file are about the same person: e-mail; else license number; else name and birth date.

Keys are kept as numbers of eight bytes, so that a file of 200,000 rows needs some megabytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from compliance.domain.matching import fold_email
from compliance.services.intake.lines import PLACE, folded_name, folded_number
from compliance.services.intake.words import jurisdiction_word

EMAIL, FIRST, LAST, BORN = (PLACE[each] for each in ("email", "first_name", "last_name", "birth_date"))
NUMBER, STATE, ID = PLACE["number"], PLACE["jurisdiction"], PLACE["therapist_id"]


@dataclass(slots=True)
class People:
    """Gives each row the number of its person; numbers that turn out to be one person are joined."""

    _known: dict[int, int] = field(default_factory=dict)
    _joined: dict[int, int] = field(default_factory=dict)
    count: int = 0

    def person_of(self, values: Sequence[str]) -> int:
        """The person of a row; rows that nothing identifies are a person each, and are refused later."""
        keys = [_short(each) for each in keys_of(values)]
        found = {self._root(self._known[key]) for key in keys if key in self._known}
        if found:
            person = min(found)
            for other in found - {person}:
                self._joined[other] = person
        else:
            self.count += 1
            person = self.count
        for key in keys:
            self._known[key] = person
        return person

    def _root(self, person: int) -> int:
        while person in self._joined:
            person = self._joined[person]
        return person

    def joined(self) -> Iterator[tuple[int, int]]:
        """Numbers that were given before it was known that they are another person's."""
        return ((each, self._root(each)) for each in self._joined)


def keys_of(values: Sequence[str]) -> list[str]:
    """What identifies the person of a row, folded."""
    keys = []
    if values[ID]:
        keys.append("t " + values[ID].lower())
    if values[EMAIL]:
        keys.append("e " + fold_email(values[EMAIL]))
    license_ = license_of(values)
    if license_:
        keys.append(f"l {license_[0]} {license_[1]}")
    if values[BORN]:
        keys.append(f"n {values[BORN]} {folded_name(values[FIRST], values[LAST])}")
    return keys


def license_of(values: Sequence[str]) -> tuple[str, str] | None:
    """The jurisdiction and the folded number of a row that has both."""
    if not values[NUMBER] or not values[STATE]:
        return None
    place, number = jurisdiction_word(values[STATE])[0], folded_number(values[NUMBER])
    return (place, number) if place and number else None


def _short(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")
