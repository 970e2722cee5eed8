"""Values of an import: a line as it was read, what its words mean, and what is decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from compliance.domain.matching import fold, fold_name, fold_number
from compliance.domain.months import in_words
from compliance.sources import FIELDS

PLACE: Final[Mapping[str, int]] = {name: place for place, name in enumerate(FIELDS)}
folded, folded_number, folded_name = (lru_cache(1024)(each) for each in (fold, fold_number, fold_name))
"""Foldings that remember: the rows of one person say the same again and again."""
_day = lru_cache(4096)(date.fromisoformat)
CREATED, CHANGED, UNCHANGED, REFUSED = "created", "changed", "unchanged", "refused"


class Remark(NamedTuple):
    """A problem or a question about one field of a line: what was given, and a sentence with the remedy."""

    field: str
    value: str
    problem: str


class Change(NamedTuple):
    """What an import does to one fact: old and new as people read them; no old one: it is new."""

    what: str
    field: str
    old: str
    new: str


@dataclass(slots=True)
class Meant:
    """What the words of a line mean, in the catalog's codes; empty where a word is blank or not understood."""

    type: str = ""
    jurisdiction: str = ""
    standing: str = ""
    authority: str = ""
    modalities: tuple[str, ...] = ()
    clinic: str = ""  # folded


@dataclass(slots=True)
class Line:
    """One row of the file while it is judged."""

    number: int
    person: int
    values: Sequence[str]
    extras: Mapping[str, str]
    details: Mapping[str, str]
    read: Sequence[Remark] = ()  # what the row says wrongly by itself
    was_refused: bool = False  # by an earlier judgement
    problems: list[Remark] = field(default_factory=list)
    questions: list[Remark] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    meant: Meant = field(default_factory=Meant)
    creates: bool = False

    def __getitem__(self, name: str) -> str:
        """The text of a field; "" when it is blank or was not understood."""
        return self.values[PLACE[name]]

    def __post_init__(self) -> None:
        self.problems = list(self.read)

    def afresh(self) -> Line:
        """The same row, not yet judged."""
        return Line(
            self.number, self.person, self.values, self.extras, self.details, self.read, was_refused=self.was_refused
        )

    def day(self, name: str) -> date | None:
        """The date of a field."""
        text = self.values[PLACE[name]]
        return _day(text) if text else None

    @property
    def refused(self) -> bool:
        """Whether this line cannot be taken."""
        return bool(self.problems)

    @property
    def outcome(self) -> str:
        """What happens with this line."""
        if self.problems:
            return REFUSED
        if self.creates:
            return CREATED
        return CHANGED if self.changes else UNCHANGED

    @property
    def name(self) -> str:
        """The person as the line writes it."""
        return f"{self['first_name']} {self['last_name']}".strip()

    def refuse(self, name: str, sentence: str | None, value: str | None = None) -> None:
        """Notes a problem once; None is none."""
        if sentence:
            remark = Remark(name, (self._given(name) if value is None else value)[:200], sentence)
            if remark not in self.problems:
                self.problems.append(remark)

    def ask(self, name: str, sentence: str | None, value: str | None = None) -> None:
        """Notes a question, which stops nothing."""
        if sentence:
            remark = Remark(name, (self._given(name) if value is None else value)[:200], sentence)
            if remark not in self.questions:
                self.questions.append(remark)

    def _given(self, name: str) -> str:
        return self.values[PLACE[name]] if name in PLACE else self.details.get(name.removeprefix("detail_"), "")

    def change(self, what: str, name: str, old: object, new: object) -> None:
        """Notes a fact that the import changes."""
        self.changes.append(Change(what, name, shown(old), shown(new)))

    def create(self, what: str, new: str) -> None:
        """Notes a thing that the import adds."""
        self.creates = True
        self.changes.append(Change(what, "", "", new))


def shown(value: object) -> str:
    """A value as people read it: days in words, nothing as nothing."""
    if isinstance(value, date):
        return "no end" if value == date.max else in_words(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def good(lines: Iterable[Line]) -> list[Line]:
    """The lines that are taken."""
    return [each for each in lines if not each.refused]
