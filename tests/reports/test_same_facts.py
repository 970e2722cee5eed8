"""The four shapes say the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from compliance.domain.audit_report import AuditReport, FindingLine
from compliance.reports import manifest, render
from tests.reports.reading import csv_rows, from_json, pdf_files, pdf_text, sheets, squeezed
from tests.reports.sample_reports import harbor, license_of

Fact = tuple[str, str, str, str, str]


def facts_of(report: AuditReport) -> Counter[Fact]:
    """Who, for what, what was asked, how it stood and until when."""
    return Counter(
        (person.name, modality.modality, finding.requirement, finding.status, str(finding.until or ""))
        for person in report.therapists
        for modality in person.modalities
        for finding in modality.findings
    )


def plain(day: object) -> str:
    return "" if day in ("does not end", None) else str(day)


async def test_csv_xlsx_and_json_hold_the_findings_of_the_report() -> None:
    report = harbor()
    rows = csv_rows(await render(report, "csv"))
    from_csv = Counter(
        (row["therapist"], row["modality"], row["requirement"], row["status"], plain(row["until"]))
        for row in rows
        if row["requirement"] and row["therapist"]
    )
    book = sheets(await render(report, "xlsx"))
    from_xlsx = Counter(
        (row["therapist"], row["modality"], row["requirement"], row["status"], plain(row["until"]))
        for row in book["Findings"]
    )
    data = from_json(await render(report, "json"))
    from_text = Counter(
        (person["name"], modality["modality"], finding["requirement"], finding["status"], plain(finding["until"]))
        for person in data["therapists"]
        for modality in person["modalities"]
        for finding in modality["findings"]
    )
    assert from_csv == from_xlsx == from_text == facts_of(report)


async def test_what_is_asked_of_the_clinic_itself_is_in_every_shape() -> None:
    asked = FindingLine("own", "Florida establishment license", "lapsed", "Ended on May 31, 2026.", "480.043", "own-1")
    report = harbor()
    licenses = (license_of(1, id="own-1", type="establishment-license", number="MM 41207"),)
    report = replace(report, clinic=replace(report.clinic, establishment_licenses=licenses, asked=(asked,)))
    wanted = ("own", "Florida establishment license", "lapsed", "Ended on May 31, 2026.", "480.043")
    (row,) = [each for each in csv_rows(await render(report, "csv")) if not each["therapist"]]
    (line,) = sheets(await render(report, "xlsx"))["Asked of the clinic"]
    (told,) = from_json(await render(report, "json"))["clinic"]["asked"]
    for each in (row, line, told):
        assert tuple(each[name] for name in ("requirement", "title", "status", "reason", "citation")) == wanted
    assert (row["credential_id"], row["number"], row["modality"]) == ("own-1", "MM 41207", "")
    assert squeezed("Florida establishment license: lapsed.") in squeezed(pdf_text(await render(report, "pdf")))


async def test_the_pdf_prints_every_fact_of_the_json() -> None:
    report = harbor()
    text = squeezed(pdf_text(await render(report, "pdf")))
    data = from_json(await render(report, "json"))
    missing = [fact for fact in printed_facts(data) if squeezed(fact) not in text]
    assert missing == []


def printed_facts(data: dict[str, object]) -> list[str]:
    """Every text of the report but codes, ids, days and names in right-to-left letters."""
    hidden = {"id", "type", "modality", "requirement", "status", "credential", "verdict", "time_zone", "kind", "verify"}
    found: list[str] = []

    def collect(value: object, key: str) -> None:
        if isinstance(value, dict):
            for inner, part in value.items():
                collect(part, inner)
        elif isinstance(value, list):
            for part in value:
                collect(part, key)
        elif isinstance(value, str) and key not in hidden and key not in DAYS and value.isascii():
            found.append(value if key != "result" else value.replace("-", " "))

    collect({key: value for key, value in data.items() if key != "question"}, "")
    return found


DAYS = {
    *("as_of", "known_at", "starts_on", "ends_on", "until", "from", "to", "on", "at", "recheck_on", "cleared_from"),
    *("month", "issued_on", "expires_on", "verified_on", "completed_on", "jurisdiction"),
}


async def test_lapses_waivers_reminders_and_changes_are_in_every_shape_but_the_flat_one() -> None:
    report = harbor()
    book = sheets(await render(report, "xlsx"))
    data = from_json(await render(report, "json"))
    assert [row["therapist"] for row in book["Lapses"]] == [row["therapist"] for row in data["lapses"]]
    assert [row["to"] for row in data["lapses"]] == [None, "2026-03-14"]
    assert [row["to"] for row in book["Lapses"]] == ["does not end", date(2026, 3, 14)]
    for sheet, key in (("Waivers", "waivers"), ("What was sent", "sent"), ("Changes", "changes")):
        assert len(book[sheet]) == len(data[key]) == 1


async def test_a_section_that_nobody_asked_for_is_absent_and_an_empty_one_says_so() -> None:
    bare = replace(harbor(), sent=None, changes=(), lapses=())
    text = pdf_text(await render(bare, "pdf"))
    assert "What was sent" not in text
    assert "Nothing was changed." in text
    assert "No requirement lapsed in this period." in text
    assert from_json(await render(bare, "json"))["sent"] is None
    assert "What was sent" not in sheets(await render(bare, "xlsx"))


async def test_the_pdf_carries_the_same_csv_and_json_that_are_made_alone() -> None:
    report = harbor()
    attached = pdf_files(await render(report, "pdf"))
    assert attached == {
        "audit.csv": await render(report, "csv"),
        "audit.json": await render(report, "json"),
        "evidence.json": manifest.render(report),
    }


async def test_every_csv_row_names_therapist_modality_finding_and_the_license_that_decides() -> None:
    rows = csv_rows(await render(harbor(), "csv"))
    row = next(row for row in rows if row["therapist"] == "王小明" and row["requirement"] == "us-fl-massage-license")
    assert (row["number"], row["standing"], row["ends_on"]) == ("MA 90003", "active", "2027-08-31")
    assert (row["verified_on"], row["verified_by"], row["result"]) == ("2026-11-02", "Dana Whitfield", "confirmed")


async def test_a_credential_that_no_finding_names_has_its_own_csv_row() -> None:
    rows = csv_rows(await render(harbor(), "csv"))
    assert [row["modality"] for row in rows if row["credential_id"] == "" and row["number"] == "597102"] == [""]


@pytest.mark.parametrize("key", ["question", "clinic", "summary", "therapists", "provenance"])
async def test_the_json_keeps_the_keys_that_scripts_read(key: str) -> None:
    data = from_json(await render(harbor(), "json"))
    assert key in data
    person = data["therapists"][0]
    assert {"name", "email", "modalities", "credentials"} <= person.keys()
    assert {"modality", "cleared", "until", "findings"} <= person["modalities"][0].keys()
    assert {"requirement", "status", "reason", "citation", "credential", "until"} <= person["modalities"][0][
        "findings"
    ][0].keys()
    assert data["question"]["known_at"] == "2026-11-23T13:10:05.250000Z"
