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

from compliance.domain.audit_lines import (
    CLEARING,
    STATUSES,
    ChangeLine,
    ClinicRecord,
    CourseLine,
    CredentialRecord,
    CredentialTerm,
    EducationLine,
    EvidenceLine,
    FieldChange,
    FindingLine,
    Lapse,
    Logo,
    ModalityVerdict,
    OpenQuestion,
    SentLine,
    Span,
    TherapistRecord,
    VerificationLine,
    WaiverLine,
)

NOT_LEGAL_ADVICE = "Not legal advice; the board's word counts."


@dataclass(frozen=True, slots=True)
class Sample:
    """So many people of all whom the question is about, drawn by a seed: the same seed draws the same people.

    `of` is how many there were; `by_trail` tells that nobody chose the seed: it is the trail head's first digits.
    """

    size: int
    seed: int
    of: int
    by_trail: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Who could work at this clinic on `as_of`, and in `period`, by what the records said at `known_at`?

    `clinic` names the place or places; `clinics`, `therapists` and `modalities` name what the question is limited to
    (empty: to nothing), `sample` whom of them the report shows.
    """

    clinic: str
    as_of: date
    known_at: datetime
    period: Span | None = None
    clinics: tuple[str, ...] = ()
    therapists: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    sample: Sample | None = None

    def __post_init__(self) -> None:
        if self.known_at.tzinfo is None:
            raise ValueError("known_at has no time zone; give an aware instant, such as 2026-11-23T08:10:00+00:00.")
        object.__setattr__(self, "known_at", self.known_at.astimezone(UTC))


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
    education: tuple[EducationLine, ...] = ()
    logo: Logo | None = None

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


__all__ = [
    "CLEARING",
    "NOT_LEGAL_ADVICE",
    "STATUSES",
    "AuditReport",
    "ChangeLine",
    "ClinicRecord",
    "CourseLine",
    "CredentialRecord",
    "CredentialTerm",
    "EducationLine",
    "EvidenceLine",
    "FieldChange",
    "FindingLine",
    "Lapse",
    "Logo",
    "ModalityVerdict",
    "OpenQuestion",
    "Provenance",
    "Question",
    "Sample",
    "SentLine",
    "Span",
    "Summary",
    "TherapistRecord",
    "VerificationLine",
    "WaiverLine",
]
