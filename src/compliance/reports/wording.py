"""The words that every shape of a report shares."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from compliance.domain.audit_report import AuditReport, CredentialRecord, Span, TherapistRecord
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
    return f"Forecast: {said[0].lower()}{said[1:-1]}, by what was on record on {day(read_on)}."


def _answer(report: AuditReport) -> str:
    summary, place = report.summary, f"at {report.clinic.name} on {day(report.question.as_of)}"
    if not summary.therapists:
        return f"No therapist was assigned {place}."
    against = summary.not_cleared + summary.partly  # as everywhere: not cleared for something that is assigned
    if against:
        among = plural(summary.therapists, "therapist")
        return f"{against:,} of {among} may not practice {place}."
    if summary.therapists == 1:
        return f"The one therapist may practice {place}."
    return f"All {plural(summary.therapists, 'therapist')} may practice {place}."


def in_part(report: AuditReport) -> str:
    """The sentence about those of them who may practice some of their modalities; empty when there are none."""
    count = report.summary.partly
    if not count:
        return ""
    return f"{count:,} of them may practice some of the assigned modalities and not others."


def who_may_not(report: AuditReport) -> str:
    """The names of those who may not practice, as far as a sentence holds them; empty when there are none."""
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


def credential_words(therapist: TherapistRecord, reference: str | None) -> str:
    """What a finding's credential is; a reference that the file does not hold is printed as it is."""
    for credential in therapist.credentials:
        if credential.id == reference:
            return held(credential)
    return reference or ""
