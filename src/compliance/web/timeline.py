"""Coverage as a time line: for each requirement what stood when, the looks at its source as marks, and all of it as a
list. The whole of the years around the day, or one year of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from compliance.domain.assessment import Finding, covers_of
from compliance.domain.covers import CLEAR, Cover, Status
from compliance.domain.credentials import CredentialFile, Result, Verification
from compliance.domain.months import MONTHS, in_words
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Requirement
from compliance.rendering import along
from compliance.services.assessments import Frame
from compliance.web.labels import credential_label
from compliance.web.therapist_view import AtPlace

BACK, AHEAD = 3, 2
"""Years before and after the day's own that the whole picture shows."""
NEAR: Final = 9.0
"""Per cent of the line that a word on the axis needs for itself."""
ON_A_PHONE: Final = 18.0
"""The same where the line is short."""

Span = tuple[date, date, str]


@dataclass(frozen=True, slots=True)
class Tick:
    """A year or a month on the axis: where it begins in per cent, whether its word has room, and whether it has none
    where the line is short."""

    word: str
    x: float
    clear: bool
    tight: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that the picture shows. `year` where it is one; `years` can be chosen; `other`: the day asked about."""

    first: date
    last: date
    today: date
    other: date | None
    year: int | None
    years: tuple[int, ...]

    @property
    def ticks(self) -> list[Tick]:
        """The years, or the months of the one year."""
        if self.year is None:
            marks = [(str(year), date(year, 1, 1)) for year in range(self.first.year, self.last.year + 1)]
        else:
            marks = [(MONTHS[month - 1], date(self.year, month, 1)) for month in range(1, 13)]
        taken = [along(each, self.first, self.last) for each in self.lines]
        at = [(word, self.x(day)) for word, day in marks]
        clear = self._is_clear
        return [Tick(word, x, clear(x, taken, NEAR), not clear(x, taken, ON_A_PHONE)) for word, x in at]

    def has_room(self, day: date) -> bool:
        """Whether the word over a line may be written: that of the other day gives way to “today” close by."""
        return day == self.today or self.other is None or abs(self.x(day) - self.x(self.today)) >= NEAR

    @property
    def lines(self) -> list[date]:
        """Today, and the other day, if they are in the picture."""
        return [each for each in (self.today, self.other) if each and self.first <= each <= self.last]

    def x(self, day: date) -> float:
        """Where a day stands, in per cent."""
        return along(day, self.first, self.last)

    @staticmethod
    def _is_clear(x: float, taken: Iterable[float], room: float) -> bool:
        """The word stands to the right of its tick, those of the lines around theirs."""
        return all(not x - room / 2 < each < x + room for each in taken)


def stretch(day: date, today: date, asked: str) -> Stretch:
    """Some years around the day; `asked`: one of them alone, as the address says it."""
    years = tuple(range(max(day.year - BACK, 1), min(day.year + AHEAD, FOREVER.year - 1) + 1))
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 and int(asked) in years else None
    first, last = (years[0], years[-1]) if year is None else (year, year)
    other = day if day != today else None
    return Stretch(date(first, 1, 1), date(last, 12, 31), today, other, year, years)


@dataclass(frozen=True, slots=True)
class Looked:
    """A mark: somebody looked at the source. `proves` where it was confirmed."""

    day: date
    proves: bool
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. No `ends_on`: it is about one day."""

    starts_on: date
    ends_on: date | None
    status: str
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: what is asked, until when in words, what stands, what stands in the way, who looked; and the list."""

    label: str
    sublabel: str
    spans: tuple[Span, ...]
    gaps: tuple[Span, ...]
    looks: tuple[Looked, ...]
    entries: tuple[Entry, ...]


def bars(frame: Frame, file: CredentialFile, place: AtPlace) -> list[Bar]:
    """Coverage of each requirement; terms one after the other stay apart."""
    held = frame.clinic_files.get(place.clinic.id)
    covers = covers_of(file, place.asked, clinic_id=place.clinic.id, clinic_file=held)
    said = {each.requirement: _until(each) for each in place.findings}
    return [_bar(each, covers[each.code], said.get(each.code, ""), place.day) for each in place.asked]


def _until(finding: Finding) -> str:
    if finding.until is None or finding.status is Status.NOT_ASKED:
        return finding.status.value.replace("-", " ")
    if finding.until == FOREVER:
        return "does not end"
    word = "waived until" if finding.status is Status.WAIVED else "until"
    return f"{word} {in_words(finding.until)}"


def _bar(requirement: Requirement, covers: Sequence[Cover], sublabel: str, day: date) -> Bar:
    """In force, waived or waiting for a look: a bar. Lapsed or blocked up to the day: a block."""
    spans = tuple(_span(each) for each in covers if each.status in _BARS)
    against = [each for each in covers if each.status not in CLEAR | _BARS and _is_shown(each, covers, day)]
    gaps = tuple((each.starts_on, min(each.ends_on, day), each.status.value) for each in against)
    looks = _looks(covers)
    told = [each for each in covers if each.status in _BARS or each in against]
    entries = [*map(_entry, told), *(Entry(each.day, None, _shape(each), each.words) for each in looks)]
    entries.sort(key=lambda each: (each.starts_on, each.ends_on is None), reverse=True)
    return Bar(requirement.title, sublabel, spans, gaps, looks, tuple(entries))


_BARS: Final = frozenset({Status.MET, Status.WAIVED, Status.UNVERIFIED})


def _span(cover: Cover) -> Span:
    return cover.starts_on, cover.ends_on, cover.status.value


def _is_shown(cover: Cover, covers: Sequence[Cover], day: date) -> bool:
    """What has not begun is no lapse yet, and what was missing before anything was held says nothing."""
    begun = any(each.status in _BARS and each.ends_on < cover.starts_on for each in covers)
    return cover.starts_on <= day and (cover.status is not Status.MISSING or begun)


def _shape(look: Looked) -> str:
    return Status.MET if look.proves else Status.UNVERIFIED


def _looks(covers: Sequence[Cover]) -> tuple[Looked, ...]:
    """Every look at what the requirement rests on, oldest first, once."""
    held = {each.credential.id: each.credential for each in covers if each.credential}
    looks = [(look, credential_label(each)) for each in held.values() for look in each.verifications]
    looks.sort(key=lambda pair: pair[0].verified_on)
    return tuple(Looked(look.verified_on, look.result is Result.CONFIRMED, _said(look, of)) for look, of in looks)


_RESULTS: Final[Mapping[Result, str]] = {
    Result.CONFIRMED: "confirmed",
    Result.DIFFERS: "says something else",
    Result.NOT_FOUND: "not found",
    Result.COULD_NOT_CHECK: "could not be checked",
}


def _said(look: Verification, of: str) -> str:
    return f"{of} {_RESULTS[look.result]} at {look.source} by {look.verified_by}"


def _entry(cover: Cover) -> Entry:
    return Entry(cover.starts_on, cover.ends_on, cover.status.value, _rests_on(cover))


def _rests_on(cover: Cover) -> str:
    """What a piece rests on: the board's word, the waiver, or the credential."""
    label = credential_label(cover.credential) if cover.credential else ""
    if cover.waiver is not None:
        return f"Waived by {cover.waiver.granted_by}: {cover.waiver.reason}"
    if cover.standing is not None:
        word = cover.standing.standing.value.replace("-", " ")
        note = f". {cover.standing.note}" if cover.standing.note else ""
        return f"{label}, {word} by the word of its issuer{note}"
    return label
