"""What the PDF prints is what the JSON says, value by value, found by the way of a screen reader.

The expectation is made of the JSON alone, which travels inside the file; the pages are read by their structure tree.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from compliance.domain.audit_report import AuditReport, CredentialTerm
from compliance.rendering import day, status_word
from compliance.reports import render
from tests.reports.reading import csv_rows, from_json, pdf_files, pdf_text, sheets, squeezed
from tests.reports.sample_reports import NAMES, license_of, massage, report_of, therapist
from tests.reports.structure import tables
from tests.reports.whole_report import whole

CROWD = 2_000
Rows = list[list[str]]


def crowd() -> AuditReport:
    """A clinic of 2,000, each with a license; every eleventh lapsed."""
    people = []
    for number in range(CROWD):
        status = "lapsed" if number % 11 == 3 else "met"
        held = license_of(number, terms=(CredentialTerm(date(2025, 9, 1), date(2027, 8, 31)),))
        name = f"{NAMES[number % 3]} {number}"
        person = therapist(number, name, status)
        people.append(replace(person, modalities=(massage(number, status),), credentials=(held,)))
    return report_of(*people, lapses=None)


@dataclass(frozen=True)
class Read:
    """A report as JSON and as tables: each by the words of its head, without the rows of its head."""

    data: dict[str, Any]
    tables: dict[tuple[str, ...], Rows]
    text: str
    rows: list[dict[str, str]]

    def under(self, first: str) -> Rows:
        """The rows of the table whose first column is called so."""
        return next((rows for head, rows in self.tables.items() if head[0] == first), [])


@pytest.fixture(scope="module", params=[report_of, whole], ids=["empty", "whole"])
def read(request: pytest.FixtureRequest) -> Read:
    return read_back(request.param())


def read_back(report: AuditReport) -> Read:
    pdf = asyncio.run(render(report, "pdf"))
    found: dict[tuple[str, ...], Rows] = {}
    for rows in tables(pdf):
        head, *rest = [[squeezed(cell) for cell in row] for row in rows]
        found[tuple(head)] = rest
    files = pdf_files(pdf)
    return Read(from_json(files["audit.json"]), found, squeezed(pdf_text(pdf)), csv_rows(files["audit.csv"]))


def words(value: str | None) -> str:
    """A day of the JSON as it is printed."""
    return squeezed(day(date.fromisoformat(value))) if value else "doesnotend"


def shown(text: str) -> str:
    """A text as it is printed; Arabic letters are drawn in their own order, and are looked at elsewhere."""
    return squeezed(text)


def groups(rows: Rows) -> dict[str, Rows]:
    """Rows under the group that they belong to; a group is a row of one cell."""
    found: dict[str, Rows] = {}
    name = ""
    for row in rows:
        if len(row) == 1:
            name = row[0]
            found.setdefault(name, [])
        else:
            found[name].append(row)
    return found


def exact(name: str) -> bool:
    """Whether the name comes out of the page as it went in: no letters from right to left, no joiners, which are not
    drawn, and no Malayalam, which no font has."""
    return re.search("[\u0590-\u06ff\u0d00-\u0d7f\u200c\u200d]", name) is None


def expected(person: dict[str, Any]) -> Iterator[list[str]]:
    """The cells of a person's lines, each as words that stand in it one after another, of the JSON alone."""
    seen = []
    for modality in person["modalities"]:
        for finding in modality["findings"]:
            if finding not in seen:
                seen.append(finding)
                yield cells(finding)


def cells(finding: dict[str, Any]) -> list[str]:
    asked = shown(finding["title"] + finding["citation"])
    verdict = shown(status_word(finding["status"]) + finding["reason"])
    facts = finding["on_that_day"]
    if facts is None:
        return [asked, verdict, "noneonfile", "", "", ""]
    term = f"{words(facts['issued_on'])}issued{words(facts['expires_on'])}" if facts["issued_on"] else "notermrecorded"
    if facts["days_left"] is not None:
        left = facts["days_left"]
        term += f"expires,{left:,}daysleft" if left >= 0 else f"expires,ended{-left:,}daysbefore"
    proofs = "".join(shown(proof["name"]) + proof["sha256"] for proof in facts["evidence"])
    return [asked, verdict, shown(facts["number"]), term, look(facts), proofs]


def look(facts: dict[str, Any]) -> str:
    if facts["verified_on"] is None:
        return ""
    result = facts["verified_result"].replace("-", "")
    return f"{words(facts['verified_on'])}{result},{facts['verified_days_ago']:,}daysold"


def test_every_line_of_the_json_is_a_row_of_the_pdf_and_no_row_is_more(read: Read) -> None:
    printed = groups(read.under("Asked,andbywhat"))
    count = 0
    for person in read.data["therapists"]:
        lines = list(expected(person))
        name = shown(person["name"] + ", ".join(person["license_numbers"]))
        rows = printed[name] if exact(name) else next(rows for key, rows in printed.items() if name[-5:] in key)
        assert len(rows) == len(lines)
        for row, line in zip(rows, lines, strict=True):
            assert [part in cell for part, cell in zip(line, row, strict=True)] == [True] * 6, (line, row)
        count += len(lines)
    assert count == sum(map(len, printed.values()))


def test_every_verdict_stands_beside_its_person(read: Read) -> None:
    rows = read.under("Therapist")
    verdicts = [each for person in read.data["therapists"] for each in person["modalities"]]
    printed = [row[-4:] for row in rows if len(row) >= 4]
    if not verdicts:
        assert "Notherapistwasassignedhereonthatday." in read.text
        return
    first = next(head for head in read.tables if head[0] == "Therapist")
    assert first == ("Therapist", "Modality", "Verdict", "Until", "Why")
    for verdict, row in zip(verdicts, printed, strict=True):
        assert row[0] == shown(verdict["title"])
        assert row[1] == ("Cleared" if verdict["cleared"] else "Notcleared")
        last = words(verdict["until"]) if verdict["cleared"] else ""
        assert row[2] == (last or (f"from{words(verdict['cleared_from'])}" if verdict["cleared_from"] else ""))


def test_every_exception_is_told_and_counted_on_the_first_page(read: Read) -> None:
    found = groups(read.under("Whose"))
    by_kind: dict[str, list[list[str]]] = {}
    for each in read.data["exceptions"]:
        by_kind.setdefault(each["what"], []).append([shown(each[key]) for key in ("about", "detail")])
    assert {shown(f"{what}{len(rows):,}") for what, rows in by_kind.items()} == set(found)
    for what, rows in by_kind.items():
        assert [row[1:] for row in found[shown(f"{what}{len(rows):,}")]] == rows


def test_the_counts_and_pictures_of_the_first_page_say_the_summary(read: Read) -> None:
    summary, text = read.data["summary"], read.text
    assert shown(summary["answer"]) in text
    if summary["therapists"]:
        for count, word in (("cleared", "maypractice"), ("partly", "inpart"), ("not_cleared", "maynot")):
            assert f"{summary[count]}{word}" in text
        for status, number in summary["findings"].items():
            assert f"{status_word(status).replace(' ', '')}{number:,}" in text


def test_what_happened_is_told_row_by_row(read: Read) -> None:
    sections = {
        "Waivers": (("Therapist", "Requirement", "Why", "Approvedby", "From", "To"), read.data["waivers"]),
        "Lapses": (("Therapist", "Requirement", "From", "To", "Length", "Why"), read.data["lapses"] or []),
    }
    for head, lines in sections.values():
        rows = read.tables.get(head, [])
        assert len(rows) == len(lines)
        for row, line in zip(rows, lines, strict=True):
            assert words(line["from"]) in row
            assert words(line["to"]) in row
            assert shown(line["reason"]) in row
            assert shown(line["requirement"]) in row[1]
            if "days" in line:
                assert (f"{line['days']}days" if line["days"] else "noend") in row
            else:
                assert shown(line["by"]) in row


def test_mail_and_changes_are_told_field_by_field(read: Read) -> None:
    sent, changes = read.data["sent"] or [], read.data["changes"] or []
    rows = read.tables.get(("When", "To", "About", "Whatbecameofit"), [])
    assert [row[1:] for row in rows] == [
        [shown(each["to"]), shown(each["about"]), shown(each["state"] + each["outcome"])] for each in sent
    ]
    fields = [
        [shown(field[key]) for key in ("field", "old", "new")]
        for each in changes
        for field in each["fields"] or [{"field": "", "old": each["old"], "new": each["new"]}]
    ]
    changed = read.tables.get(("When", "Who", "What,andwhy", "Field", "Before", "After"), [])
    assert [row[3:] for row in changed] == fields


def test_hours_and_courses_are_told_with_their_certificates(read: Read) -> None:
    rows = [row for row in read.under("Credential,anditscourses") if len(row) > 1]
    told = iter(rows)
    for each in read.data["education"]:
        asked = next(told)
        assert asked[0] == shown(each["credential"] + each["citation"])
        assert asked[1].endswith(shown(each["said"]))
        assert asked[2] == f"{words(each['starts_on'])}to{words(each['ends_on'])}"
        for course in each["courses"]:
            row = next(told)
            assert row[0] == shown(course["title"] + course["provider"])
            assert f"{course['minutes']:,}minutes,ofwhich{course['counts']:,}minutescount" in row[1]
            assert row[2:] == [words(course["completed_on"]), shown(course["certificate"]) + course["sha256"]]
    assert next(told, None) is None


def test_everything_on_file_is_somewhere_with_each_term_look_and_proof(read: Read) -> None:
    held = [*read.data["clinic"]["establishment_licenses"]]
    held += [each for person in read.data["therapists"] for each in person["credentials"]]
    for credential in held:
        for proof in credential["evidence"]:
            assert proof["sha256"] in read.text
        for term in credential["terms"]:
            assert words(term["starts_on"]) in read.text
        for seen in credential["verifications"]:
            assert words(seen["on"]) in read.text
            assert shown(seen["source"]) in read.text


def test_what_it_was_made_from_is_printed_whole(read: Read) -> None:
    made = read.data["provenance"]
    for value in (
        made["trail_head"],
        made["catalog_fingerprint"],
        made["program_version"],
        f"{made['recorded_seq']:,}",
    ):
        assert shown(value) in read.text
    assert "Notlegaladvice" in read.text


def test_a_clinic_of_two_thousand_is_printed_as_it_is_told() -> None:
    read = read_back(crowd())
    assert len(read.data["therapists"]) == CROWD
    test_every_line_of_the_json_is_a_row_of_the_pdf_and_no_row_is_more(read)
    test_every_verdict_stands_beside_its_person(read)
    test_every_exception_is_told_and_counted_on_the_first_page(read)
    test_the_counts_and_pictures_of_the_first_page_say_the_summary(read)
    findings = sheets(asyncio.run(render(crowd(), "xlsx")))["Findings"]
    told = [each["findings"][0]["status"] for person in read.data["therapists"] for each in person["modalities"]]
    assert [row["status"] for row in findings] == told == [row["status"] for row in read.rows if row["therapist"]]
