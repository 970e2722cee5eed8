"""The report in words, as the PDF's template places it: texts in lists, nothing left to compute.

A cell is a text, a list of lines (large and small in turns), a mark (`{"mark": status, "word": word}`), a hash, or
files with their hashes. The rows of a table come in groups, one per person, whose name the template repeats.
"""

from __future__ import annotations

from typing import Any, Final

from compliance.domain.audit_report import (
    NOT_LEGAL_ADVICE,
    AuditReport,
    CredentialRecord,
    CredentialTerm,
    FindingLine,
    ModalityVerdict,
    TherapistRecord,
)
from compliance.rendering import day, day_time, status_word
from compliance.reports.tables import holders
from compliance.reports.wording import (
    answer,
    credential_words,
    ends,
    held,
    in_part,
    instant,
    span,
    stamp,
    until,
    who_may_not,
)

Words = dict[str, Any]
Rows = list[list[Any]]
_SHORT: Final = 200
_A_THIRD_OF_A_PAGE: Final = 2_000
"""Characters of one person's verdicts that are kept on one page."""


def pages(report: AuditReport) -> Words:
    """Everything that is printed, section by section; a section that was not asked for is None."""
    zone = report.clinic.time_zone
    known_at = instant(report.question.known_at, zone)
    return {
        "answer": answer(report),
        "kind": "Forecast" if report.forecast else "Audit report",
        "who": who_may_not(report),
        "part": in_part(report),
        "organization": report.organization,
        "clinic": report.clinic.name,
        "notice": NOT_LEGAL_ADVICE,
        "footer": f"As of {day(report.question.as_of)}, by the records of {known_at}",
        "facts": _facts(report, known_at),
        "counts": [[key, status_word(key), f"{count:,}"] for key, count in report.summary.findings.items()],
        "verdicts": [_verdicts(therapist) for therapist in report.therapists],
        "findings": [_group(person.name, _findings(person)) for person in report.therapists],
        "credentials": _by_holder(report),
        "period": span(report.question.period),
        "lapses": _lapses(report),
        "waivers": _waivers(report),
        "unknowns": [[line.requirement, line.question, line.ask] for line in report.unknowns],
        "sent": _sent(report, zone),
        "changes": _changes(report, zone),
        "made_from": _made_from(report),
        "verify_at": report.provenance.verify_at,
        "checkpoint": _note(report.provenance.checkpoint),
    }


def _facts(report: AuditReport, known_at: str) -> Rows:
    clinic, question = report.clinic, report.question
    own = "; ".join(_license(license_) for license_ in clinic.establishment_licenses)
    return [
        ["Organization", report.organization],
        ["Clinic", ", ".join(part for part in (clinic.name, clinic.address) if part)],
        ["Jurisdiction", clinic.jurisdiction_title or clinic.jurisdiction],
        ["Clinic license", own or "none recorded"],
        ["As of", day(question.as_of)],
        ["Records as of", known_at],
        ["Period", span(question.period)],
    ]


def _license(credential: CredentialRecord) -> str:
    last = [f"until {until(term.ends_on)}" for term in credential.terms[-1:]]
    return ", ".join((held(credential), *([credential.standing] if credential.standing else []), *last))


# -- therapists ----------------------------------------------------------------------------------------------------


def _verdicts(therapist: TherapistRecord) -> Words:
    numbers = ", ".join(therapist.license_numbers)
    rows = [_verdict(modality) for modality in therapist.modalities] or [_NOTHING]
    return {
        "name": therapist.name,
        "small": _also(therapist),
        "email": therapist.email,
        "numbers": f"License {numbers}" if numbers else "No license number",
        "rows": rows,
        "together": len(therapist.name) + len(str(rows)) < _A_THIRD_OF_A_PAGE,
    }


_NOTHING = ["No modality", {"mark": "missing", "word": "Not cleared"}, "", ["No modality is assigned here."]]


def _also(therapist: TherapistRecord) -> str:
    legal = therapist.legal_name if therapist.legal_name != therapist.name else ""
    former = ", ".join(therapist.former_names)
    return "; ".join(part for part in (legal and f"legal name {legal}", former and f"formerly {former}") if part)


def _verdict(modality: ModalityVerdict) -> list[Any]:
    against = [finding for finding in modality.findings if not finding.clears]
    if not modality.cleared:
        worst = against[0].status if against else "missing"
        mark = {"mark": worst, "word": "Not cleared"}
        return [modality.title, mark, _again(modality), [line for finding in against for line in _because(finding)]]
    soon = any(finding.status == "expiring" for finding in modality.findings)
    mark = {"mark": "expiring" if soon else "met", "word": "Cleared"}
    return [modality.title, mark, until(modality.until), _ends_with(modality)]


def _because(finding: FindingLine) -> list[str]:
    said = f"{status_word(finding.status)}: {finding.title}"
    return [_short(finding.reason), said] if finding.reason else [said, ""]


def _again(modality: ModalityVerdict) -> str:
    again = ends(modality.cleared_from)
    return f"from {day(again)}" if again else ""


def _ends_with(modality: ModalityVerdict) -> list[str]:
    last = ends(modality.until)
    return [
        line
        for finding in modality.findings
        if last and ends(finding.until) == last
        for line in ("", f"Ends with: {finding.title}")
    ]


# -- what was found ------------------------------------------------------------------------------------------------


def _group(name: str, rows: Rows) -> Words:
    return {"name": _short(name), "rows": rows}


def _short(text: str) -> str:
    """For places that cannot run over a page; the whole text stands in another section."""
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def _findings(therapist: TherapistRecord) -> Rows:
    """The same finding for several modalities is printed once, with the modalities that ask it."""
    asked: dict[FindingLine, list[str]] = {}
    for modality in therapist.modalities:
        for finding in modality.findings:
            asked.setdefault(finding, []).append(modality.title)
    every = len(therapist.modalities)
    return [_finding(therapist, finding, titles, every) for finding, titles in asked.items()]


def _finding(therapist: TherapistRecord, finding: FindingLine, titles: list[str], every: int) -> list[Any]:
    only = "" if len(titles) == every else "For " + ", ".join(titles)
    status = {"mark": finding.status, "word": status_word(finding.status)}
    credential = credential_words(therapist, finding.credential)
    last = until(finding.until) if finding.clears else ""
    again = ends(finding.recheck_on)
    recheck = f"check again by {day(again)}" if again else ""
    source = ". ".join(part for part in (finding.citation, only) if part)
    found = [finding.reason, credential] if finding.reason else [credential, ""]
    return [[finding.title, source], status, found, [last, recheck]]


def _by_holder(report: AuditReport) -> list[Words]:
    """One group per holder, for the holders who have credentials."""
    return [
        _group(holder, [_credential(credential) for credential in credentials])
        for holder, credentials in holders(report)
        if credentials
    ]


def _credential(credential: CredentialRecord) -> list[Any]:
    name = " ".join(part for part in (credential.title, credential.number) if part)
    about = ", ".join(part for part in (credential.issuing_authority, credential.jurisdiction) if part)
    looks = credential.verifications
    return [
        [name, about],
        [credential.standing, *_terms(credential)],
        [text for look in looks for text in (f"{day(look.on)} {_said(look.result)}", f"{look.source}, by {look.by}")],
        {"files": [[proof.name, proof.sha256] for proof in credential.evidence]},
    ]


def _terms(credential: CredentialRecord) -> list[str]:
    """Small lines, one a term."""
    terms = [_term(term) for term in credential.terms] or ["no term recorded"]
    return [line for term in terms for line in (term, "")][:-1]


def _term(term: CredentialTerm) -> str:
    guess = ", start inferred" if term.inferred else ""
    last = f"to {day(term.ends_on)}" if ends(term.ends_on) else "without end"
    return f"{day(term.starts_on)} {last}{guess}"


def _said(result: str) -> str:
    return result.replace("-", " ")


# -- what happened -------------------------------------------------------------------------------------------------


def _lapses(report: AuditReport) -> Rows | None:
    if report.lapses is None:
        return None
    return [
        [lapse.therapist, [lapse.requirement, lapse.modality], day(lapse.starts_on), until(lapse.ends_on), lapse.reason]
        for lapse in report.lapses
    ]


def _waivers(report: AuditReport) -> Rows:
    return [
        [
            waiver.therapist,
            waiver.requirement,
            [waiver.reason, f"by {waiver.by}"],
            day(waiver.starts_on),
            until(waiver.ends_on),
        ]
        for waiver in report.waivers
    ]


def _sent(report: AuditReport, zone: str) -> Rows | None:
    if report.sent is None:
        return None
    return [[day_time(line.at, zone), line.to, line.about, line.state] for line in report.sent]


def _changes(report: AuditReport, zone: str) -> Rows | None:
    if report.changes is None:
        return None
    return [[day_time(line.at, zone), line.who, [line.what, line.why], line.old, line.new] for line in report.changes]


def _made_from(report: AuditReport) -> Rows:
    made_from = report.provenance
    rows: Rows = [
        ["Records up to trail entry", f"{made_from.recorded_seq:,}"],
        ["Trail head", {"hash": made_from.trail_head}],
        ["Known at", stamp(report.question.known_at)],
        ["Catalog of law", {"hash": made_from.catalog_fingerprint}],
        ["Program version", made_from.program_version],
        ["Supersedes", made_from.supersedes or "no earlier report"],
    ]
    return rows


def _note(checkpoint: str) -> list[str]:
    """A checkpoint in lines that are not broken anew: the signature in one of its own."""
    lines = [line for line in checkpoint.split("\n") if line]
    return [*lines[:-1], *lines[-1].rsplit(" ", 1)] if lines else []
