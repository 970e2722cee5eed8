"""What is held on one therapist (or one clinic): credentials with their terms, standings, verifications and evidence.

Rows of the database become these values in `db/queries`; the rules read nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from compliance.domain.matching import fold_number
from compliance.domain.periods import FOREVER, Period


class StandingCode(StrEnum):
    """What a board says of a credential. An unknown word of a board is for a person to look at, never `active`."""

    ACTIVE = "active"
    ACTIVE_RESTRICTED = "active-restricted"
    PENDING_INITIAL = "pending-initial"
    PENDING_RENEWAL = "pending-renewal"
    GRACE = "grace"
    EXPIRED = "expired"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SURRENDERED = "surrendered"
    VOID = "void"
    RETIRED = "retired"
    DECEASED = "deceased"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """What one look at the primary source gave. Only `confirmed` proves anything."""

    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    NOT_FOUND = "not-found"
    COULD_NOT_CHECK = "could-not-check"


class Term(NamedTuple):
    """One span of a credential, from issue or renewal to its last day; `inferred` when its start was worked out."""

    id: UUID
    starts_on: date
    ends_on: date = FOREVER
    inferred: bool = False


class Standing(NamedTuple):
    """What the board says from a day on, until another one begins; when that one ends, this one holds again."""

    standing: StandingCode
    starts_on: date
    ends_on: date = FOREVER
    note: str = ""


class Named(NamedTuple):
    """The facts by which a look at the source told which credential it was about."""

    type: str
    jurisdiction: str | None
    number: str


class HasNumber(Protocol):
    """Anything with the facts that a look names."""

    @property
    def type(self) -> str: ...
    @property
    def jurisdiction(self) -> str | None: ...
    @property
    def number(self) -> str: ...


def otherwise(named: Named | None, held: HasNumber) -> tuple[str, ...]:
    """Which of the facts that a look named are others now, as words. What it did not name, it did not leave open.

    Another spelling of a number is the same number.
    """
    if named is None:
        return ()
    differs = {
        "type": named.type != held.type,
        "state": bool(named.jurisdiction) and named.jurisdiction != held.jurisdiction,
        "number": bool(named.number) and fold_number(named.number) != fold_number(held.number),
    }
    return tuple(word for word, other in differs.items() if other)


class Verification(NamedTuple):
    """One look at the primary source. A confirmed one proves the term it names, from first to last day, as long as the
    facts that it named are the credential's. `named` is None where none of them was changed since.
    """

    id: UUID
    result: Result
    verified_on: date
    verified_by: str
    source: str
    term_id: UUID | None = None
    standing: StandingCode | None = None
    note: str = ""
    named: Named | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A kept proof by its hash; the bytes lie in the evidence store."""

    id: UUID
    name: str
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Credential:
    """One held license, exam result, membership, certification, insurance or card."""

    id: UUID
    type: str
    jurisdiction: str | None = None
    issuing_authority: str = ""
    number: str = ""
    first_issued_on: date | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    standings: tuple[Standing, ...] = ()
    verifications: tuple[Verification, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def confirmed(self, term: Term) -> list[Verification]:
        """The looks that confirmed a term, whatever they named, oldest first."""
        mine = [each for each in self.verifications if each.result is Result.CONFIRMED and each.term_id == term.id]
        return sorted(mine, key=lambda each: each.verified_on) if len(mine) > 1 else mine

    def proofs(self, term: Term) -> list[Verification]:
        """The looks that prove a term, oldest first: confirmed, and about these facts."""
        return [each for each in self.confirmed(term) if each.named is None or not otherwise(each.named, self)]


@dataclass(frozen=True, slots=True)
class Waiver:
    """A recorded exception from one requirement, by a named person, until a day; at one clinic or (None) at all.

    In the file of a clinic it is the clinic's own.
    """

    id: UUID
    requirement: str
    starts_on: date
    ends_on: date
    reason: str
    granted_by: str
    clinic_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A therapist at a clinic, with modalities, from a first to a last day. A re-hire is a second one."""

    id: UUID
    clinic_id: UUID
    modalities: tuple[str, ...]
    starts_on: date
    ends_on: date = FOREVER

    @property
    def period(self) -> Period:
        """The days on which the therapist works there."""
        return Period(self.starts_on, self.ends_on)


@dataclass(frozen=True, slots=True)
class Leave:
    """A leave of absence inside an assignment: reminders rest, the law does not."""

    clinic_id: UUID | None
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class CredentialFile:
    """Everything held on one therapist; the input of the rules."""

    therapist_id: UUID
    name: str
    birth_date: date | None = None
    credentials: tuple[Credential, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    leaves: tuple[Leave, ...] = ()
