"""The ledger of one credential's cycle as a board asks for it: printed as it is, with nothing left to work out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class LedgerCourse:
    """One course. `length` and `counts` are words; `file` is the certificate's name in the pack, "" without one."""

    title: str
    source: str
    completed_on: date
    length: str
    taken: str
    subjects: str
    counts: str
    reasons: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What is asked, what there is, and every course. `answer` is the balance as a sentence; `known_at` dates the file.

    `asked` are (what, how much there is, how much is missing); `facts` and `made_from` are (label, value).
    """

    organization: str
    therapist: str
    answer: str
    facts: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    questions: tuple[str, ...]
    courses: tuple[LedgerCourse, ...]
    made_from: tuple[tuple[str, str], ...]
    as_of: date
    known_at: datetime
