"""The words that every shape of a report shares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from compliance.domain.audit_report import AuditReport, ClinicRecord, CredentialRecord, Sample, Span
from compliance.rendering import day, day_time, plural

_NAMED: Final = 8
"""Names that a sentence holds before it becomes a list."""


def answer(report: AuditReport) -> str:
    """The question's answer as a sentence: "2 of 9 therapists may not practice at Tampa on Nov 23, 2026.".

    One about a day to come says so: "Forecast: ... on Mar 1, 2027, by what was on record on Nov 23, 2026.".
    """
    said = _answer(report)
    if not report.forecast:
        return said
    read_on = report.question.known_at.astimezone(ZoneInfo(report.clinic.time_zone or "UTC")).date()
    begins = said[0].lower() if said.startswith(("All ", "No ", "The ")) else said[0]
    return f"Forecast: {begins}{said[1:-1]}, by what was on record on {day(read_on)}."


def _answer(report: AuditReport) -> str:
    summary, place = report.summary, f"at {report.clinic.name} on {day(report.question.as_of)}"
    sample = report.question.sample
    if sample:
        place = f"{place} in a sample of {sample.size:,}"
    if not summary.therapists:
        return f"No therapist was assigned {place}."
    if summary.therapists == 1:
        return f"{_asked_for(report) or 'The one therapist'} {_ALONE[report.therapists[0].verdict]} {place}."
    against = summary.not_cleared + summary.partly  # as everywhere: not cleared for something that is assigned
    if against:
        among = plural(summary.therapists, "therapist")
        return f"{against:,} of {among} may not practice {place}."
    return f"All {plural(summary.therapists, 'therapist')} may practice {place}."


_ALONE: Final = {
    "cleared": "may practice",
    "partly": "may practice some of what is assigned, and not all,",
    "not-cleared": "may not practice",
}


def _asked_for(report: AuditReport) -> str:
    """The name of the one person whom the question is about; empty where it is about others, too."""
    return report.question.therapists[0] if len(report.question.therapists) == 1 else ""


def in_part(report: AuditReport) -> str:
    """The sentence about those of them who may practice some of their modalities; empty when there are none."""
    count = report.summary.partly
    if not count or report.summary.therapists == 1:
        return ""
    return f"{count:,} of them may practice some of the assigned modalities and not others."


def all_clinics(clinic: ClinicRecord) -> str:
    """`All 3 clinics`, where the question is limited to none; a report from before they were listed names the whole."""
    return f"All {plural(len(clinic.names), 'clinic')}" if clinic.names else clinic.name


def limits(report: AuditReport) -> list[tuple[str, str]]:
    """What the question is limited to, each with its label; empty where it is about everybody there."""
    question = report.question
    found = [
        ("Therapists", ", ".join(question.therapists)),
        ("Modalities", ", ".join(question.modalities)),
        ("Sample", sampled(question.sample)),
    ]
    return [(label, value) for label, value in found if value]


def sampled(sample: Sample | None) -> str:
    """`20 of 143 people, drawn by seed 1842`, so that anybody can draw them again."""
    if sample is None:
        return ""
    source = ", the first digits of the trail head: nobody chose it" if sample.by_trail else ""
    drawn = f"{min(sample.size, sample.of):,} of {plural(sample.of, 'person', 'people')}"
    return f"{drawn}, drawn by seed {sample.seed}{source}"


def month_word(month: date) -> str:
    """`Dec 2026`."""
    return f"{month:%b %Y}"


def days_left(days: int | None) -> str:
    """`281 days left`, `ended 12 days before`; empty without an end."""
    if days is None:
        return ""
    return f"{plural(days, 'day')} left" if days >= 0 else f"ended {plural(-days, 'day')} before"


def age_words(age: int, limit: int | None) -> str:
    """`21 days old, 90 allowed`; a look after the day of the question says so."""
    said = f"{plural(age, 'day')} old" if age >= 0 else f"{plural(-age, 'day')} after that day"
    return f"{said}, {limit} allowed" if limit is not None else said


def who_may_not(report: AuditReport) -> str:
    """The names of those who may not practice, as far as a sentence holds them; empty when the answer names the only
    one, and when there are none."""
    if _asked_for(report):
        return ""
    against = [each for each in report.therapists if each.verdict in ("not-cleared", "partly")]
    names = [each.name if each.verdict == "not-cleared" else f"{each.name} (in part)" for each in against]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"May not practice: {', '.join(names[:_NAMED])}{more}."


def ends(value: date | None) -> date | None:
    """The open end, however it is written, as None."""
    return None if value is None or value == date.max else value


def until(value: date | None) -> str:
    """A last day in words; the open end reads `does not end`."""
    return day(value or date.max)


def span(value: Span | None) -> str:
    """`Jan 1, 2026 to Dec 31, 2026`."""
    return f"{day(value.starts_on)} to {until(value.ends_on)}" if value else "none asked"


def instant(value: datetime, zone: str) -> str:
    """`Nov 23, 2026, 8:10 AM America/New_York`."""
    return f"{day_time(value, zone)} {zone}"


def stamp(value: datetime) -> str:
    """`2026-11-23T13:10:00Z`; fractions of a second are kept when there are any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def held(credential: CredentialRecord) -> str:
    """A credential in a few words: `Massage license, Florida, MA 12345`."""
    where = credential.jurisdiction or credential.issuing_authority
    return ", ".join(part for part in (credential.title, where, credential.number) if part)


def credential_words(held_: Mapping[str, CredentialRecord], reference: str | None) -> str:
    """What a finding's credential is; a reference that the report does not hold is printed as it is."""
    credential = held_.get(reference or "")
    return held(credential) if credential else reference or ""
