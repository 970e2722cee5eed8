"""The tables of what happened: lapses, waivers, continuing education, open questions, mail, changes."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.audit_report import AuditReport
from compliance.reports.cells import Row, Table, open_end
from compliance.reports.wording import ends, stamp


def tables(report: AuditReport) -> Iterator[Table]:
    """Those that were not asked for are absent."""
    if report.lapses is not None:
        yield _lapses(report)
    yield _waivers(report)
    yield _education(report)
    yield _courses(report)
    unknowns = ((unknown.requirement, unknown.question, unknown.ask) for unknown in report.unknowns)
    yield Table("Open questions", ("requirement", "question", "ask"), unknowns)
    if report.sent is not None:
        sent = ((stamp(line.at), line.to, line.about, line.state, line.outcome) for line in report.sent)
        yield Table("What was sent", ("at", "to", "about", "state", "outcome"), sent)
    if report.changes is not None:
        yield Table("Changes", ("at", "who", "what", "old", "new", "why", "field"), _changes(report))


def _lapses(report: AuditReport) -> Table:
    rows = (
        (
            lapse.therapist,
            lapse.modality,
            lapse.requirement,
            lapse.starts_on,
            open_end(lapse.ends_on),
            lapse.reason,
            lapse.days,
        )
        for lapse in report.lapses or ()
    )
    return Table("Lapses", ("therapist", "modality", "requirement", "from", "to", "reason", "days"), rows)


def _waivers(report: AuditReport) -> Table:
    rows = (
        (
            waiver.therapist,
            waiver.requirement,
            waiver.reason,
            waiver.by,
            waiver.starts_on,
            open_end(waiver.ends_on),
        )
        for waiver in report.waivers
    )
    return Table("Waivers", ("therapist", "requirement", "reason", "by", "from", "to"), rows)


def _education(report: AuditReport) -> Table:
    columns = ("therapist", "credential", "state", "said", "starts_on", "ends_on", "citation")
    rows = (
        (
            each.therapist,
            each.credential,
            each.state,
            each.said,
            ends(each.starts_on),
            ends(each.ends_on),
            each.citation,
        )
        for each in report.education
    )
    return Table("Continuing education", columns, rows)


def _courses(report: AuditReport) -> Table:
    columns = ("therapist", "credential", "title", "completed_on", "provider", "minutes", "counts", "why_not")
    rows = (
        (
            *(each.therapist, each.credential, course.title, course.completed_on, course.provider),
            *(course.minutes, course.counts, course.why_not, course.certificate, course.sha256),
        )
        for each in report.education
        for course in each.courses
    )
    return Table("Courses", (*columns, "certificate", "sha256"), rows)


def _changes(report: AuditReport) -> Iterator[Row]:
    """One row per field, so that a filter finds it; a change that names no field has one row too."""
    for line in report.changes or ():
        if not line.fields:
            yield stamp(line.at), line.who, line.what, line.old, line.new, line.why, None
        for each in line.fields:
            yield stamp(line.at), line.who, line.what, each.old, each.new, line.why, each.field
