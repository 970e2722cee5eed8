"""What an auditor receives, as one value.

A report's content is a function of this value alone: no clock, no database, and nothing about who asked. Its document
date is `question.known_at`. The same value gives the same bytes in every format.

Days are days of the clinic's calendar, instants are aware and UTC. An end that never comes is `date.max` or None:
both mean "does not end". Values that nobody recorded are empty strings.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

NOT_LEGAL_ADVICE = "Not legal advice; the board's word counts."

STATUSES = (
    "met",
    "expiring",
    "unverified",
    "lapsed",
    "missing",
    "blocked",
    "waived",
    "not-asked",
    "unknown",
)
"""Every status of a finding, in the order in which reports count them."""

CLEARING = frozenset({"met", "expiring", "waived", "not-asked"})
"""The statuses that let a therapist practice."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `starts_on` to `ends_on`, both included."""

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise ValueError(f"The span ends on {self.ends_on}, before it starts on {self.starts_on}.")


@dataclass(frozen=True, slots=True)
class Question:
    """Who could work at this clinic on `as_of`, and in `period`, by what the records said at `known_at`?"""

    clinic: str
    as_of: date
    known_at: datetime
    period: Span | None = None

    def __post_init__(self) -> None:
        if self.known_at.tzinfo is None:
            raise ValueError("known_at has no time zone; give an aware instant, such as 2026-11-23T08:10:00+00:00.")
        object.__setattr__(self, "known_at", self.known_at.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class CredentialTerm:
    """One span of a credential; `inferred` when its start is the renewal model's word, not a record."""

    starts_on: date
    ends_on: date
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class VerificationLine:
    """One look at the primary source: `result` is confirmed, differs, not-found or could-not-check."""

    on: date
    by: str
    source: str
    result: str


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One kept proof; `sha256` is the hex digest of the original file."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """One credential of a therapist or a clinic. `id` is what `FindingLine.credential` points at."""

    id: str
    type: str
    title: str
    jurisdiction: str = ""
    issuing_authority: str = ""
    number: str = ""
    standing: str = ""
    terms: tuple[CredentialTerm, ...] = ()
    verifications: tuple[VerificationLine, ...] = ()
    evidence: tuple[EvidenceLine, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One requirement, one status, its reason and its source, on the day of the question."""

    requirement: str
    title: str
    status: str
    reason: str = ""
    citation: str = ""
    credential: str | None = None
    until: date | None = None
    recheck_on: date | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"{self.status!r} is no status; allowed are {', '.join(STATUSES)}.")

    @property
    def clears(self) -> bool:
        """Whether this finding lets the therapist practice."""
        return self.status in CLEARING


@dataclass(frozen=True, slots=True)
class ModalityVerdict:
    """May this modality be practiced here on that day? `until` is None without end and when not cleared."""

    modality: str
    title: str
    cleared: bool
    until: date | None = None
    cleared_from: date | None = None
    findings: tuple[FindingLine, ...] = ()


@dataclass(frozen=True, slots=True)
class TherapistRecord:
    """One therapist of the clinic with verdicts and file."""

    name: str
    email: str = ""
    legal_name: str = ""
    former_names: tuple[str, ...] = ()
    license_numbers: tuple[str, ...] = ()
    modalities: tuple[ModalityVerdict, ...] = ()
    credentials: tuple[CredentialRecord, ...] = ()

    @property
    def verdict(self) -> str:
        """`cleared` for every modality, `partly`, or `not-cleared` for any."""
        cleared = [modality.cleared for modality in self.modalities]
        if not any(cleared):
            return "not-cleared"
        return "cleared" if all(cleared) else "partly"


@dataclass(frozen=True, slots=True)
class ClinicRecord:
    """The place the question is about, with the licenses that it holds itself."""

    name: str
    jurisdiction: str
    time_zone: str
    address: str = ""
    jurisdiction_title: str = ""
    establishment_licenses: tuple[CredentialRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Lapse:
    """Days within the period on which a requirement was not met."""

    therapist: str
    modality: str
    requirement: str
    starts_on: date
    ends_on: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """A recorded exception, with its author."""

    therapist: str
    requirement: str
    reason: str
    by: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that the catalog does not answer, and whom to ask."""

    requirement: str
    question: str
    ask: str = ""


@dataclass(frozen=True, slots=True)
class SentLine:
    """A reminder: when, to whom, about what, and what became of it."""

    at: datetime
    to: str
    about: str
    state: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """An entry of the trail."""

    at: datetime
    who: str
    what: str
    old: str = ""
    new: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the report was made from. `recorded_seq` and `trail_head` name the last trail entry it knows.

    `checkpoint` is the signed note that says so; `verify_at` is the address where anybody can check the report.
    """

    recorded_seq: int
    trail_head: str
    catalog_fingerprint: str
    program_version: str
    supersedes: str | None = None
    checkpoint: str = ""
    verify_at: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many therapists, by verdict, and how many findings, by status (every status is a key)."""

    therapists: int
    cleared: int
    partly: int
    not_cleared: int
    findings: dict[str, int]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Everything an auditor receives.

    `lapses` is None when the question names no period; `sent` and `changes` are None when they were not asked for. An
    empty tuple means that somebody looked and there were none.
    """

    question: Question
    organization: str
    clinic: ClinicRecord
    provenance: Provenance
    therapists: tuple[TherapistRecord, ...] = ()
    lapses: tuple[Lapse, ...] | None = None
    waivers: tuple[WaiverLine, ...] = ()
    unknowns: tuple[OpenQuestion, ...] = ()
    sent: tuple[SentLine, ...] | None = None
    changes: tuple[ChangeLine, ...] | None = None

    @property
    def forecast(self) -> bool:
        """Whether the day of the question lay ahead when the records were read: much may be recorded until then."""
        zone = ZoneInfo(self.clinic.time_zone or "UTC")
        return self.question.as_of > self.question.known_at.astimezone(zone).date()

    @property
    def summary(self) -> Summary:
        """The counts; computed, so that they cannot disagree with the rows."""
        verdicts = Counter(therapist.verdict for therapist in self.therapists)
        found = Counter(
            finding.status
            for therapist in self.therapists
            for modality in therapist.modalities
            for finding in modality.findings
        )
        return Summary(
            therapists=len(self.therapists),
            cleared=verdicts["cleared"],
            partly=verdicts["partly"],
            not_cleared=verdicts["not-cleared"],
            findings={status: found[status] for status in STATUSES},
        )
