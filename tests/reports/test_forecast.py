"""A report about a day to come says in every shape that it is a forecast, and by which records."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from compliance.domain.audit_report import AuditReport
from compliance.reports import render
from tests.reports.reading import csv_rows, pdf_text, sheets, squeezed
from tests.reports.sample_reports import harbor


def ahead() -> AuditReport:
    report = harbor()
    return replace(report, question=replace(report.question, as_of=date(2027, 3, 1)))


async def test_all_four_shapes_say_forecast() -> None:
    report = ahead()
    said = json.loads(await render(report, "json"))
    assert said["question"]["forecast"] is True
    title = said["summary"]["answer"]
    assert title.startswith("Forecast: ")
    assert title.endswith("on Mar 1, 2027, by what was on record on Nov 23, 2026.")
    about = {row["key"]: row["value"] for row in sheets(await render(report, "xlsx"))["About"]}
    assert (about["answer"], about["forecast"]) == (title, "yes")
    assert {row["forecast"] for row in csv_rows(await render(report, "csv"))} == {"yes"}
    text = squeezed(pdf_text(await render(report, "pdf")))
    assert squeezed(title) in text
    assert squeezed("Forecast, Tampa") in text


async def test_a_report_about_today_is_no_forecast_by_the_clinics_own_calendar() -> None:
    """In Tampa it is still the day before when it is past midnight in UTC."""
    report = harbor()
    assert not report.forecast
    late = report.question.known_at.replace(hour=3)
    here = date(late.year, late.month, late.day)
    assert replace(report, question=replace(report.question, known_at=late, as_of=here)).forecast
    assert "forecast" not in json.loads(await render(report, "json"))["summary"]["answer"].casefold()
    assert {row["forecast"] for row in csv_rows(await render(report, "csv"))} == {"no"}
