"""The report as a value: it counts for itself and refuses what cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from compliance.domain.audit_report import FindingLine, Question, Span, TherapistRecord
from compliance.reports.wording import answer, in_part
from tests.reports.sample_reports import HOSTILE, harbor, massage, report_of, therapist


def test_the_counts_are_those_of_the_rows() -> None:
    summary = harbor().summary
    assert (summary.therapists, summary.cleared, summary.partly, summary.not_cleared) == (9, 3, 3, 3)
    assert sum(summary.findings.values()) == sum(
        len(modality.findings) for person in harbor().therapists for modality in person.modalities
    )


def test_a_therapist_without_a_modality_may_not_practice() -> None:
    assert TherapistRecord("x").verdict == "not-cleared"


def test_an_instant_without_a_zone_is_refused_and_others_are_kept_in_utc() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Question("Tampa", date(2026, 11, 23), datetime(2026, 11, 23))  # noqa: DTZ001
    east = datetime(2026, 11, 23, 8, tzinfo=timezone(timedelta(hours=-5)))
    assert Question("Tampa", date(2026, 11, 23), east).known_at.isoformat() == "2026-11-23T13:00:00+00:00"
    assert Question("Tampa", date(2026, 11, 23), east).known_at.tzinfo is UTC


def test_a_status_nobody_knows_and_a_span_that_ends_before_it_begins_are_refused() -> None:
    with pytest.raises(ValueError, match="'fine' is no status; allowed are met, expiring"):
        FindingLine("x", "X", "fine")
    with pytest.raises(ValueError, match="before it starts"):
        Span(date(2026, 2, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ((), "No therapist was assigned at Tampa on Nov 23, 2026."),
        (("met",), "The one therapist may practice at Tampa on Nov 23, 2026."),
        (("lapsed",), "1 of 1 therapist may not practice at Tampa on Nov 23, 2026."),
        (("met", "met"), "All 2 therapists may practice at Tampa on Nov 23, 2026."),
        (("met", "lapsed", "blocked"), "2 of 3 therapists may not practice at Tampa on Nov 23, 2026."),
    ],
)
def test_the_answer_is_a_sentence(statuses: tuple[str, ...], sentence: str) -> None:
    people = (
        TherapistRecord(str(number), modalities=(massage(number, status),)) for number, status in enumerate(statuses)
    )
    assert answer(report_of(*people)) == sentence


def test_who_may_practice_in_part_is_counted_beside_it() -> None:
    assert in_part(harbor()) == "3 of them may practice some of the assigned modalities and not others."
    assert in_part(report_of(therapist(2, HOSTILE[0]))) == ""
