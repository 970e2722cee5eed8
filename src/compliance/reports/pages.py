"""The report in words, as the PDF's template places it: texts in lists, nothing left to compute.

A cell is a text, a list of lines (large and small in turns), a mark (`{"mark": status, "word": word}`, with `under` it
small lines), a hash, or files with their hashes. The rows of a table come in groups, one per person, whose name the
template repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from compliance.domain.audit_report import NOT_LEGAL_ADVICE, AuditReport, CredentialRecord, FindingLine
from compliance.domain.report_exceptions import KINDS, exceptions
from compliance.domain.requirement_lines import Coverage, coverage, expiries
from compliance.rendering import day, plural, status_word
from compliance.reports import page_events, page_lines
from compliance.reports.wording import (
    all_clinics,
    answer,
    held,
    in_part,
    instant,
    limits,
    month_word,
    span,
    stamp,
    until,
    who_may_not,
)

Words = dict[str, Any]
Rows = list[list[Any]]
MOST_BARS: Final = 8
"""Bars that fit on the first page."""
_LINE: Final = 20
_TALL: Final = 500
"""Letters of a line in a narrow column, and of half a page of them."""


def pages(report: AuditReport) -> Words:
    """Everything that is printed, section by section; a section that was not asked for is None."""
    words = _words(report)
    return words | {"short": are_short(rows_of(words))}


def rows_of(words: Words) -> Iterator[list[Any]]:
    """The rows of all tables but that of the verdicts."""
    for name in ("exceptions", "lines", "on_file", "education"):
        yield from (row for group in words[name] for row in group["rows"])
    for name in ("lapses", "waivers", "unknowns", "sent", "changes"):
        yield from words[name] or ()


def are_short(rows: Iterable[Iterable[Any]]) -> bool:
    """Whether each row fits on half a page, so that none has to go over the end of one."""
    return all(_letters(cell) < _TALL for row in rows for cell in row)


def _letters(cell: Any) -> int:
    """About how many letters a cell has room for, a line of its own for each text."""
    if isinstance(cell, str):
        return max(len(cell), _LINE)
    return sum(map(_letters, cell.values() if isinstance(cell, dict) else cell))


def _words(report: AuditReport) -> Words:
    known_at = instant(report.question.known_at, report.clinic.time_zone)
    return {
        "answer": answer(report),
        "kind": "Forecast" if report.forecast else "Audit report",
        "who": who_may_not(report),
        "part": in_part(report),
        "organization": report.organization,
        "clinic": report.clinic.name if report.question.clinics else all_clinics(report.clinic),
        "notice": NOT_LEGAL_ADVICE,
        "footer": f"As of {day(report.question.as_of)}, by the records of {known_at}",
        "facts": _facts(report, known_at),
        "people": _people(report),
        "bars": _bars(report),
        "months": [[month_word(month), count] for month, count in expiries(report)],
        "counts": [[key, status_word(key), f"{count:,}"] for key, count in report.summary.findings.items()],
        "holds": _holds(report),
        "exceptions": _exceptions(report),
        "period": span(report.question.period),
        **page_lines.words(report),
        **page_events.words(report),
        "made_from": _made_from(report),
        "verify_at": report.provenance.verify_at,
        "checkpoint": _note(report.provenance.checkpoint),
        "logo": report.logo is not None,
    }


def _facts(report: AuditReport, known_at: str) -> Rows:
    clinic, question = report.clinic, report.question
    own = "; ".join(_license(license_) for license_ in clinic.establishment_licenses)
    return [
        ["Organization", report.organization],
        _place(report),
        ["Jurisdiction", clinic.jurisdiction_title or clinic.jurisdiction],
        ["Clinic license", own or "none recorded"],
        *(["Asked of the clinic", _asked_of_clinic(each)] for each in clinic.asked),
        ["As of", day(question.as_of)],
        ["Period", span(question.period)],
        *([label, value] for label, value in limits(report)),
        ["Records as of", f"{known_at}, up to entry {report.provenance.recorded_seq:,} of the trail"],
        ["Trail head", {"hash": report.provenance.trail_head}],
        ["Catalog of law", {"hash": report.provenance.catalog_fingerprint}],
        ["Program version", report.provenance.program_version],
    ]


def _place(report: AuditReport) -> list[Any]:
    """The clinic with its address; of several their names, and that they are all there are."""
    clinic, limited = report.clinic, report.question.clinics
    if limited or not clinic.names:
        return ["Clinics" if len(limited) > 1 else "Clinic", ", ".join(filter(None, (clinic.name, clinic.address)))]
    return ["Clinics", f"{all_clinics(clinic)}: {', '.join(clinic.names)}"]


def _asked_of_clinic(finding: FindingLine) -> str:
    """`Florida establishment license: missing. None is recorded. Fla. Stat. 480.043`."""
    return f"{finding.title}: {status_word(finding.status).lower()}. {finding.reason} {finding.citation}".strip()


def _license(credential: CredentialRecord) -> str:
    last = [f"until {until(term.ends_on)}" for term in credential.terms[-1:]]
    return ", ".join((held(credential), *([credential.standing] if credential.standing else []), *last))


# -- pictures ------------------------------------------------------------------------------------------------------


def _people(report: AuditReport) -> Rows:
    """The parts of the bar of verdicts: how it is filled, what it is called, how many."""
    summary = report.summary
    return [
        ["met", "may practice", summary.cleared],
        ["expiring", "in part", summary.partly],
        ["against", "may not", summary.not_cleared],
    ]


def _bars(report: AuditReport) -> Words:
    """Requirements with how many people stand how; where there are too many, those with most against."""
    found = coverage(report)
    shown = sorted(found, key=lambda each: -each.people["against"])[:MOST_BARS] if len(found) > MOST_BARS else found
    left = len(found) - len(shown)
    return {
        "rows": [[each.title, list(each.people.items())] for each in shown],
        "said": ". ".join(_bar_said(each) for each in shown) or "Nothing is asked of anybody",
        "more": f"and {plural(left, 'requirement')} with fewer people against" if left else "",
    }


def _bar_said(each: Coverage) -> str:
    parts = ", ".join(f"{count} {_GROUP_WORDS[group]}" for group, count in each.people.items() if count)
    return f"{each.title}: {parts}"


_GROUP_WORDS: Final = {
    "met": "met",
    "expiring": "expiring",
    "excused": "waived or not asked",
    "against": "against",
}


def _holds(report: AuditReport) -> str:
    """How much the report rests on."""
    credentials = [each for person in report.therapists for each in person.credentials]
    credentials += report.clinic.establishment_licenses
    looks = sum(len(each.verifications) for each in credentials)
    proofs = sum(len(each.evidence) for each in credentials)
    parts = [
        plural(len(report.therapists), "person", "people"),
        plural(len(credentials), "credential"),
        plural(looks, "look at a source", "looks at a source"),
        plural(proofs, "kept proof"),
        plural(len(report.waivers), "waiver"),
    ]
    return ", ".join(parts)


# -- exceptions ----------------------------------------------------------------------------------------------------


def _exceptions(report: AuditReport) -> list[Words]:
    """One group per kind."""
    groups: dict[str, Rows] = {}
    for each in exceptions(report):
        groups.setdefault(each.kind, []).append([each.therapist, each.about, each.detail])
    return [{"name": KINDS[kind], "note": f"{len(rows):,}", "rows": rows} for kind, rows in groups.items()]


# -- what it rests on ----------------------------------------------------------------------------------------------


def _made_from(report: AuditReport) -> Rows:
    made_from = report.provenance
    rows: Rows = [
        ["Records up to trail entry", f"{made_from.recorded_seq:,}"],
        ["Trail head", {"hash": made_from.trail_head}],
        ["Known at", stamp(report.question.known_at)],
        ["Time zone", report.clinic.time_zone],
        ["Catalog of law", {"hash": made_from.catalog_fingerprint}],
        ["Program version", made_from.program_version],
        ["Supersedes", {"hash": made_from.supersedes} if made_from.supersedes else "no earlier report"],
    ]
    return rows


def _note(checkpoint: str) -> list[str]:
    """A checkpoint in lines that are not broken anew: the signature in one of its own."""
    lines = [line for line in checkpoint.split("\n") if line]
    return [*lines[:-1], *lines[-1].rsplit(" ", 1)] if lines else []
