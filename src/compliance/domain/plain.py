"""A verdict as plain values, in the shape that scripts read: on the command line and over HTTP alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.domain.assessment import Clearance, Finding
from compliance.domain.periods import FOREVER


@dataclass(frozen=True, slots=True)
class PlainFinding:
    """One requirement on one day. `until` is null without an end, and where the status does not clear."""

    requirement: str
    title: str
    status: str
    reason: str
    citation: str
    citation_url: str
    credential: str | None
    until: date | None
    recheck_on: date | None


@dataclass(frozen=True, slots=True)
class PlainVerdict:
    """May they? `until` is the last day of the unbroken yes; `cleared_from` the day of the next yes, if known."""

    cleared: bool
    until: date | None
    ends_with: str | None
    cleared_from: date | None
    findings: tuple[PlainFinding, ...]


def plain_verdict(clearance: Clearance) -> PlainVerdict:
    """The verdict with open ends as null."""
    findings = tuple(plain_finding(each) for each in clearance.findings)
    return PlainVerdict(clearance.cleared, end(clearance.until), clearance.ends_with, clearance.cleared_from, findings)


def plain_finding(finding: Finding) -> PlainFinding:
    """One finding."""
    held, cited = finding.credential, finding.citation
    return PlainFinding(
        finding.requirement,
        finding.title,
        finding.status.value,
        finding.reason,
        cited.text,
        cited.url,
        str(held.id) if held else None,
        end(finding.until),
        finding.recheck_on,
    )


def end(day: date | None) -> date | None:
    """A last day; none for what does not end."""
    return None if day == FOREVER else day
