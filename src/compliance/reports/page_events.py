"""What happened, in words: lapses, waivers, continuing education, mail, changes."""

from __future__ import annotations

from typing import Any, Final

from compliance.domain.audit_report import AuditReport, ChangeLine, CourseLine, EducationLine, Lapse
from compliance.rendering import day, day_time, plural
from compliance.reports.page_lines import short, under
from compliance.reports.wording import ends, until

Words = dict[str, Any]
Rows = list[list[Any]]

_STATES: Final = {
    "met": ("met", "Met"),
    "short": ("missing", "Short"),
    "not-asked": ("not-asked", "Not asked"),
    "replaced": ("waived", "Replaced"),
    "unknown": ("unknown", "Unknown"),
}


def words(report: AuditReport) -> Words:
    """The sections about what happened; None for those that were not asked for."""
    zone = report.clinic.time_zone
    return {
        "lapses": None if report.lapses is None else [_lapse(each) for each in report.lapses],
        "waivers": _waivers(report),
        "education": _education(report),
        "unknowns": [[line.requirement, line.question, line.ask] for line in report.unknowns],
        "sent": _sent(report, zone),
        "changes": None if report.changes is None else [row for each in report.changes for row in _change(each, zone)],
    }


def _lapse(lapse: Lapse) -> list[Any]:
    long = plural(lapse.days, "day") if lapse.days is not None else "no end"
    about = [lapse.requirement, lapse.modality]
    return [lapse.therapist, about, day(lapse.starts_on), until(lapse.ends_on), long, lapse.reason]


def _waivers(report: AuditReport) -> Rows:
    return [
        [waiver.therapist, waiver.requirement, waiver.reason, waiver.by, day(waiver.starts_on), until(waiver.ends_on)]
        for waiver in report.waivers
    ]


def _education(report: AuditReport) -> list[Words]:
    """One group per person: each credential, and under it the courses of its window."""
    groups: dict[str, Rows] = {}
    for each in report.education:
        rows = groups.setdefault(each.therapist, [])
        rows.append(_asked(each))
        rows += [_course(course) for course in each.courses]
    return [{"name": short(name), "note": "", "rows": rows} for name, rows in groups.items()]


def _asked(line: EducationLine) -> list[Any]:
    mark, word = _STATES[line.state]
    window = [day(each) for each in (line.starts_on, line.ends_on) if each and ends(each)]
    return [
        under(line.credential, line.citation),
        {"mark": mark, "word": word, "under": [line.said]},
        " to ".join(window) or "not known",
        "",
    ]


def _course(course: CourseLine) -> list[Any]:
    counts = plural(course.counts, "minute") if course.counts else "nothing"
    files = [[course.certificate, course.sha256]] if course.sha256 else []
    return [
        ["", course.title, "", course.provider],
        ["", f"{plural(course.minutes, 'minute')}, of which {counts} count", "", course.why_not],
        ["", day(course.completed_on)],
        {"files": files},
    ]


def _sent(report: AuditReport, zone: str) -> Rows | None:
    if report.sent is None:
        return None
    return [[day_time(each.at, zone), each.to, each.about, [each.state, each.outcome]] for each in report.sent]


def _change(line: ChangeLine, zone: str) -> Rows:
    """One row per field; who, when and why stand in the first."""
    first: list[Any] = [day_time(line.at, zone), line.who, under(line.what, line.why)]
    if not line.fields:
        return [[*first, "", line.old, line.new]]
    rows = [[each.field, each.old, each.new] for each in line.fields]
    return [[*first, *rows[0]], *(["", "", "", *row] for row in rows[1:])]
