"""What the ledger's page shows: each balance with its lines, each course with what counts of it where and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.catalog import load
from compliance.db.queries.education import Filed
from compliance.domain.balance import Balance, Judged, State
from compliance.domain.balance_words import TAKEN, AskedLine, asked_lines, hours, length, notes, source, subjects
from compliance.domain.covers import Status
from compliance.domain.credentials import Term
from compliance.domain.ledger import Course
from compliance.domain.requirements import Citation, Confidence
from compliance.services.balances import Due
from compliance.web.labels import credential_label, in_sentence, type_title

CONFIDENCE = {
    Confidence.PRIMARY: "the board’s or the law’s own text",
    Confidence.BOARD_PAGE: "the board’s page",
    Confidence.SECONDARY: "somebody else’s summary: check it with the board",
    Confidence.UNSURE: "not sure: check it with the board",
}


@dataclass(frozen=True, slots=True)
class DueView:
    """One balance as the page has it."""

    due: Due
    day: date

    @property
    def id(self) -> UUID:
        """The credential's."""
        return self.due.credential.id

    @property
    def label(self) -> str:
        """`Florida massage license MA 92644`."""
        return credential_label(self.due.credential)

    @property
    def short_label(self) -> str:
        """The same without number, as it stands inside a sentence."""
        return in_sentence(type_title(self.due.credential.type, self.due.credential.jurisdiction))

    @property
    def balance(self) -> Balance:
        """The balance itself."""
        return self.due.balance

    @property
    def sentence(self) -> str:
        """The answer."""
        return self.due.sentence

    @property
    def status(self) -> str:
        """The shape. Hours stop nobody from working before they are due, so they are short in round."""
        found = self.balance
        late = found.until is not None and found.until < self.day
        shapes = {
            State.MET: Status.MET,
            State.SHORT: Status.MISSING if late else Status.EXPIRING,
            State.NOT_ASKED: Status.NOT_ASKED,
            State.REPLACED: Status.WAIVED,
            State.UNKNOWN: Status.UNKNOWN,
        }
        return shapes[found.state].value

    @property
    def word(self) -> str:
        """The word beside the shape."""
        words = {
            State.MET: "Complete",
            State.SHORT: "Missing" if self.status == Status.MISSING else "To take",
            State.NOT_ASKED: "Not asked",
            State.REPLACED: "Replaced",
            State.UNKNOWN: "Not known",
        }
        return words[self.balance.state]

    @property
    def lines(self) -> list[AskedLine]:
        """What is asked, line by line."""
        return asked_lines(self.balance)

    @property
    def notes(self) -> list[str]:
        """How it is counted."""
        return notes(self.balance, {code: each.title for code, each in load().types.items()})

    @property
    def citation(self) -> Citation:
        """Where the rule is from."""
        return self.balance.rule.citation

    @property
    def confidence(self) -> str:
        """How sure the catalog is of it."""
        return CONFIDENCE[self.citation.confidence]

    @property
    def earlier(self) -> list[Term]:
        """Other terms whose cycle a pack can be made of, the latest first."""
        mine = self.due.term
        others = [each for each in self.due.credential.terms if mine is None or each.id != mine.id]
        return sorted(others, key=lambda each: each.ends_on, reverse=True)


@dataclass(frozen=True, slots=True)
class Counts:
    """What counts of a course towards one credential: so many hours, or the reasons why not."""

    label: str
    hours: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course of the ledger."""

    filed: Filed
    counts: tuple[Counts, ...]

    @property
    def course(self) -> Course:
        """What it was."""
        return self.filed.course

    @property
    def form(self) -> str:
        """How it was taken."""
        return TAKEN[self.course.form]

    @property
    def length(self) -> str:
        """`3 h 20 min`."""
        return length(self.course.minutes)

    @property
    def subjects(self) -> str:
        """`ethics 2 h, self-care 1 h`."""
        return subjects(self.course)

    @property
    def source(self) -> str:
        """Who gave it, with approval numbers."""
        return source(self.course)


def course_lines(filed: Iterable[Filed], dues: Sequence[DueView]) -> list[CourseLine]:
    """The ledger, each course with what it does for each credential that counts hours."""
    counting = [each for each in dues if each.balance.window and each.balance.state is not State.NOT_ASKED]
    judged = [(each, {one.course.id: one for one in each.balance.judged}) for each in counting]
    return [
        CourseLine(each, tuple(_counts(view, found.get(each.course.id)) for view, found in judged)) for each in filed
    ]


def _counts(view: DueView, judged: Judged | None) -> Counts:
    if judged is None:
        return Counts(view.short_label, "", ())
    return Counts(view.short_label, hours(judged.counted, view.balance.rule.minutes_per_hour), judged.reasons)
