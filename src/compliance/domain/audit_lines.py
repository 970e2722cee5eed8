"""The lines of an audit report: credentials and findings, verdicts, lapses, waivers, education, mail, changes.

Days are days of the clinic's calendar, instants are aware and UTC. An end that never comes is `date.max` or None:
both mean "does not end". Values that nobody recorded are empty strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

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
class CredentialTerm:
    """One span of a credential; `inferred` when its start is the renewal model's word, not a record."""

    starts_on: date
    ends_on: date
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class VerificationLine:
    """One look at the primary source: `result` is confirmed, differs, not-found or could-not-check.

    `method` is how it was looked at, in words; empty where nobody wrote it down.
    """

    on: date
    by: str
    source: str
    result: str
    method: str = ""


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
    """One requirement, one status, its reason and its source, on the day of the question.

    `verify` is how often the source must be looked at: `no`, `once-per-term` or `every-n-days`, then `verify_every`
    is how many days old a look may be.
    """

    requirement: str
    title: str
    status: str
    reason: str = ""
    citation: str = ""
    credential: str | None = None
    until: date | None = None
    recheck_on: date | None = None
    verify: str = "no"
    verify_every: int | None = None

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
    """The place the question is about, with the licenses that it holds itself, and what is asked of it on the day.

    Where it is about several clinics, `names` are theirs.
    """

    name: str
    jurisdiction: str
    time_zone: str
    address: str = ""
    jurisdiction_title: str = ""
    establishment_licenses: tuple[CredentialRecord, ...] = ()
    asked: tuple[FindingLine, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lapse:
    """Days within the period on which a requirement was not met."""

    therapist: str
    modality: str
    requirement: str
    starts_on: date
    ends_on: date
    reason: str = ""

    @property
    def days(self) -> int | None:
        """Its length, both ends counted; None without an end."""
        return None if self.ends_on == date.max else (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """A recorded exception, with whoever approved it."""

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
class CourseLine:
    """One completed course: its length and what counts of it in minutes, and the kept certificate, if there is one."""

    title: str
    completed_on: date
    provider: str
    minutes: int
    counts: int
    why_not: str = ""
    certificate: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class EducationLine:
    """What the renewal of one credential asks of continuing education, and how it stood on the day of the question.

    `state` is met, short, not-asked, replaced or unknown; `said` is the sentence. Days nobody knows are None.
    """

    therapist: str
    credential: str
    state: str
    said: str
    starts_on: date | None = None
    ends_on: date | None = None
    citation: str = ""
    courses: tuple[CourseLine, ...] = ()


@dataclass(frozen=True, slots=True)
class SentLine:
    """A message: when, to whom, about what, and what became of it; `outcome` is that in words."""

    at: datetime
    to: str
    about: str
    state: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change, before and after, as text."""

    field: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """An entry of the trail; `old` and `new` are all fields as one text, `fields` are they one by one."""

    at: datetime
    who: str
    what: str
    old: str = ""
    new: str = ""
    why: str = ""
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Logo:
    """The picture in a report's head, as PNG; `sha256` is the hex digest of these bytes."""

    content: bytes
    media_type: str
    sha256: str
