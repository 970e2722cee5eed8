"""The report as a value: it counts for itself and refuses what cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from compliance.domain.audit_report import FindingLine, Question, Span, TherapistRecord
from compliance.domain.report_exceptions import exceptions
from compliance.reports.wording import answer, in_part, who_may_not
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
        (("lapsed",), "The one therapist may not practice at Tampa on Nov 23, 2026."),
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


def test_a_report_about_one_person_says_so_with_their_name_also_when_it_looks_ahead() -> None:
    for number, status, said in (
        (1, "met", "may practice"),
        (0, "met", "may practice some of what is assigned, and not all,"),
        (2, "lapsed", "may not practice"),
    ):
        report = report_of(therapist(number, "Ana Ruiz", status))
        named = replace(report, question=replace(report.question, therapists=("Ana Ruiz",)))
        assert answer(named) == f"Ana Ruiz {said} at Tampa on Nov 23, 2026."
        assert (in_part(named), who_may_not(named)) == ("", "")
    ahead = replace(named, question=replace(named.question, as_of=date(2027, 1, 4)))
    assert answer(ahead).startswith(
        "Forecast: Ana Ruiz may not practice at Tampa on Jan 4, 2027, by what was on record"
    )


def test_what_is_wrong_with_the_clinics_own_license_is_said_once_and_of_the_clinic() -> None:
    line = FindingLine("establishment-license", "Florida establishment license", "met", credential="establishment")
    people = [
        replace(each, modalities=(replace(each.modalities[0], findings=(line,)),), credentials=())
        for each in (therapist(2, "Ana Ruiz"), therapist(5, "Bo Lindqvist"))
    ]
    report = report_of(*people)
    found = [(each.kind, each.therapist, each.about) for each in exceptions(report) if "MM 41552" in each.about]
    assert ("no-evidence", "Tampa", "Establishment license MM 41552") in found
    assert {who for _kind, who, _about in found} == {"Tampa"}
    assert len(set(found)) == len(found)
    several = replace(report, clinic=replace(report.clinic, names=("Austin", "Tampa")))
    assert {each.therapist for each in exceptions(several) if "MM 41552" in each.about} == {"The clinic"}
