"""What an auditor would otherwise have to look for in a report: everything in it that is not as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from compliance.domain.audit_report import AuditReport
from compliance.domain.requirement_lines import RequirementLine, requirement_lines

KINDS: Final = {
    "not-cleared": "Not cleared for what is assigned",
    "check-overdue": "Last look at the source is older than allowed",
    "never-checked": "Nobody has looked at the source",
    "source-differs": "The last look at the source did not confirm it",
    "restricted": "In force with a restriction",
    "waived": "Waived",
    "no-evidence": "No proof is kept",
    "start-inferred": "The term's first day was worked out, not recorded",
    "hours-missing": "Hours of continuing education are missing",
    "not-delivered": "A message did not arrive",
    "not-known": "The catalog does not answer whether it is asked",
}
"""Every kind of exception, the gravest first, in words."""


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """One exception: its kind (of KINDS), whose it is, and what it is about."""

    kind: str
    therapist: str
    about: str
    detail: str = ""


def exceptions(report: AuditReport) -> list[ExceptionLine]:
    """All of them by kind, inside it in the order of the report, each once."""
    found = dict.fromkeys(_found(report))
    order = list(KINDS)
    return sorted(found, key=lambda each: order.index(each.kind))


def _found(report: AuditReport) -> Iterator[ExceptionLine]:
    yield from _of_verdicts(report)
    own = {each.id for each in report.clinic.establishment_licenses}
    place = "The clinic" if report.clinic.names else report.clinic.name
    for each in requirement_lines(report):
        of_clinic = each.credential is not None and each.credential.id in own
        yield from _of_line(each, place if of_clinic else each.therapist.name)
    for education in report.education:
        if education.state == "short":
            yield ExceptionLine("hours-missing", education.therapist, education.credential, education.said)
    for sent in report.sent or ():
        if sent.state in ("bounced", "dead"):
            yield ExceptionLine("not-delivered", sent.to, sent.about, sent.outcome)
    for unknown in report.unknowns:
        yield ExceptionLine("not-known", "", unknown.requirement, unknown.question)


def _of_verdicts(report: AuditReport) -> Iterator[ExceptionLine]:
    for person in report.therapists:
        for modality in person.modalities:
            if not modality.cleared:
                against = [each for each in modality.findings if not each.clears]
                why = "; ".join(dict.fromkeys(each.title for each in against))
                yield ExceptionLine("not-cleared", person.name, modality.title, why)
        if not person.modalities:
            yield ExceptionLine("not-cleared", person.name, "No modality is assigned here")


def _of_line(line: RequirementLine, who: str) -> Iterator[ExceptionLine]:
    """What is wrong with a line; `who` holds its credential: a clinic its own license, once for all who work there."""
    finding, held = line.finding, line.credential
    if finding.status == "waived":
        yield ExceptionLine("waived", line.therapist.name, finding.title, finding.reason)
    if held is None:
        return
    about = " ".join(part for part in (held.title, held.number) if part)
    if line.overdue:
        yield ExceptionLine("check-overdue", who, about, f"{line.age} days old, {finding.verify_every} allowed")
    if finding.verify != "no" and line.look is None:
        yield ExceptionLine("never-checked", who, about)
    if line.look and not line.look.result.startswith("confirmed"):
        yield ExceptionLine("source-differs", who, about, f"{line.look.source}: {line.look.result.replace('-', ' ')}")
    if held.standing == "active restricted":
        yield ExceptionLine("restricted", who, about, finding.reason)
    if not held.evidence:
        yield ExceptionLine("no-evidence", who, about)
    if line.term and line.term.inferred:
        yield ExceptionLine("start-inferred", who, about)
