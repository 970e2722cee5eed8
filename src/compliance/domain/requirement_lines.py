"""What an auditor reads across one line: a person, what is asked, the credential that decides, and its last look.

Everything here is worked out from an `AuditReport`, so that no shape of a report can say it differently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from compliance.domain.audit_lines import (
    CredentialRecord,
    CredentialTerm,
    FindingLine,
    ModalityVerdict,
    TherapistRecord,
    VerificationLine,
)
from compliance.domain.audit_report import AuditReport

MONTHS: Final = 12
"""Months whose expiries a summary counts, that of the day first."""

GROUPS: Final = {
    "met": ("met",),
    "expiring": ("expiring",),
    "excused": ("waived", "not-asked"),
    "against": ("unverified", "lapsed", "missing", "blocked", "unknown"),
}
"""The parts of a coverage bar, and the statuses that each counts."""


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """One requirement of one person on the day of the question, with all that it rests on.

    `modalities` ask for it; `term` is that of the day, else the last before it; `look` is the last one up to the day,
    else the first after it.
    """

    as_of: date
    therapist: TherapistRecord
    modalities: tuple[ModalityVerdict, ...]
    finding: FindingLine
    credential: CredentialRecord | None = None
    term: CredentialTerm | None = None
    look: VerificationLine | None = None

    @property
    def days_left(self) -> int | None:
        """Days from the day of the question to the last day of the term; negative when that is past."""
        if self.term is None or self.term.ends_on == date.max:
            return None
        return (self.term.ends_on - self.as_of).days

    @property
    def age(self) -> int | None:
        """Days since the last look; negative for one that was taken after the day of the question."""
        return (self.as_of - self.look.on).days if self.look else None

    @property
    def overdue(self) -> bool:
        """Whether the last look is older than the policy allows."""
        limit, age = self.finding.verify_every, self.age
        return limit is not None and age is not None and age > limit


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many people stand how to one requirement, by the names of GROUPS."""

    requirement: str
    title: str
    people: Mapping[str, int]


def credentials_of(report: AuditReport) -> dict[str, CredentialRecord]:
    """Every credential of the report by its id, those of the clinic too."""
    own = {each.id: each for each in report.clinic.establishment_licenses}
    return own | {each.id: each for person in report.therapists for each in person.credentials}


def requirement_lines(report: AuditReport) -> Iterator[RequirementLine]:
    """The lines of everybody, in the order of the report."""
    held = credentials_of(report)
    for therapist in report.therapists:
        yield from lines_of(therapist, held, report.question.as_of)


def lines_of(
    therapist: TherapistRecord, held: Mapping[str, CredentialRecord], as_of: date
) -> Iterator[RequirementLine]:
    """One person's lines: the same finding for several modalities is one line that names them."""
    asked: dict[FindingLine, list[ModalityVerdict]] = {}
    for modality in therapist.modalities:
        for finding in modality.findings:
            asked.setdefault(finding, []).append(modality)
    for finding, modalities in asked.items():
        yield line(therapist, tuple(modalities), finding, held, as_of)


def line(
    therapist: TherapistRecord,
    modalities: tuple[ModalityVerdict, ...],
    finding: FindingLine,
    held: Mapping[str, CredentialRecord],
    as_of: date,
) -> RequirementLine:
    """One finding with the credential that decides."""
    credential = held.get(finding.credential or "")
    if credential is None:
        return RequirementLine(as_of, therapist, modalities, finding)
    term, look = term_on(credential.terms, as_of), look_on(credential.verifications, as_of)
    return RequirementLine(as_of, therapist, modalities, finding, credential, term, look)


def term_on(terms: Sequence[CredentialTerm], as_of: date) -> CredentialTerm | None:
    """The last term that holds the day, else the last that ended before it, else the first."""
    there = [each for each in terms if each.starts_on <= as_of <= each.ends_on]
    before = [each for each in terms if each.ends_on < as_of]
    return next(iter([*reversed(there), *reversed(before), *terms]), None)


def look_on(looks: Sequence[VerificationLine], as_of: date) -> VerificationLine | None:
    """The last look up to the day, else the first after it."""
    ordered = sorted(looks, key=lambda each: each.on) if len(looks) > 1 else list(looks)
    before = [each for each in ordered if each.on <= as_of]
    return before[-1] if before else next(iter(ordered), None)


def coverage(report: AuditReport) -> list[Coverage]:
    """Each requirement with the people that it is asked of; whoever stands worst for one modality counts there."""
    group_of = {status: group for group, statuses in GROUPS.items() for status in statuses}
    order = list(GROUPS)
    found: dict[tuple[str, str], Counter[str]] = {}
    for therapist in report.therapists:
        worst: dict[tuple[str, str], str] = {}
        for modality in therapist.modalities:
            for finding in modality.findings:
                key, group = (finding.requirement, finding.title), group_of[finding.status]
                worst[key] = max(worst.get(key, group), group, key=order.index)
        for key, group in worst.items():
            found.setdefault(key, Counter())[group] += 1
    return [Coverage(*key, {group: people[group] for group in order}) for key, people in found.items()]


def expiries(report: AuditReport) -> list[tuple[date, int]]:
    """The first day of each of MONTHS months, and how many credentials of therapists end in it, by their last term."""
    first = report.question.as_of.replace(day=1)
    months = [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(MONTHS)]
    ends = Counter(
        each.terms[-1].ends_on.replace(day=1)
        for person in report.therapists
        for each in person.credentials
        if each.terms and each.terms[-1].ends_on >= report.question.as_of
    )
    return [(month, ends[month]) for month in months]
