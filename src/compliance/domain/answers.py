"""What a therapist may answer to a reminder, and how long the ladder rests upon it. Nothing rests for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from compliance.domain.months import in_words
from compliance.domain.periods import ONE_DAY


class Kind(StrEnum):
    """What was sent in."""

    RENEWAL = "renewal"
    APPLIED = "applied"
    ACKNOWLEDGED = "acknowledged"
    NOT_RENEWING = "not-renewing"
    NOT_ME = "not-me"


class State(StrEnum):
    """What became of it. `noted` needs no decision."""

    WAITING = "waiting"
    NOTED = "noted"
    ACCEPTED = "accepted"
    SENT_BACK = "sent-back"
    WITHDRAWN = "withdrawn"


WAITS: Final = timedelta(days=30)
"""So long the ladder rests for something that waits to be looked at, or for the board."""

BREATHES: Final = timedelta(days=14)
LAST_WEEK: Final = timedelta(days=7)
"""Whoever has only read it is left alone for two weeks, and reminded in the last week all the same."""

NOT_ME: Final = "Whoever reads mail at this address said that they are not this person."

_REASONS: Final = {
    Kind.RENEWAL: "A renewal sent in on {} waits for review.",
    Kind.APPLIED: "The therapist said on {} that they have applied.",
    Kind.ACKNOWLEDGED: "The therapist said on {} that they know.",
    Kind.NOT_RENEWING: "The therapist said on {} that they are not renewing.",
}


def rests_until(kind: Kind, about_ends_on: date, today: date) -> date | None:
    """The last day on which the ladder rests after this answer; None where it does not rest."""
    if kind is Kind.NOT_ME:
        return None
    if kind is Kind.ACKNOWLEDGED:
        last = min(today + BREATHES, about_ends_on - LAST_WEEK - ONE_DAY)
        return last if last >= today else None
    return today + WAITS


@dataclass(frozen=True, slots=True)
class Answer:
    """The newest answer about one credential's cycle, as the ladder needs it. `told_on`: sent back by a letter."""

    submission_id: UUID
    credential_id: UUID
    about_ends_on: date
    kind: Kind
    state: State
    sent_at: datetime
    rests_until: date | None
    told_on: date | None

    @property
    def everybody(self) -> bool:
        """Whether managers and owners are left alone too: not where nothing is being renewed."""
        return self.kind in (Kind.RENEWAL, Kind.APPLIED)

    @property
    def reason(self) -> str:
        """Why nothing goes out, as a sentence."""
        return _REASONS[self.kind].format(in_words(self.sent_at.date())) if self.kind in _REASONS else NOT_ME

    def rests(self, today: date) -> bool:
        """Whether the ladder rests on this day."""
        return self.rests_until is not None and today <= self.rests_until
