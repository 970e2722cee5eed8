"""The ledger of a cycle on paper: the same facts in PDF and CSV, the same bytes for the same ledger."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from compliance.domain.ledger_report import LedgerCourse, LedgerReport
from compliance.reports import RenderFailed, ledger_csv, render_ledger
from tests.reports.reading import pdf_files, pdf_text, squeezed

COURSE = LedgerCourse(
    "Ethics at work", "Hands On, provider 451-12", date(2026, 5, 2), "3 h", "In person", "ethics 1 h", "3.6 hours", "",
    "certificates/01-ethics.jpg", "ab" * 32,
)  # fmt: skip
REPORT = LedgerReport(
    organization="Gulf Coast Massage",
    therapist="Sofia Papadopoulou",
    answer="18 of 24 hours; 2 of ethics missing; until Aug 31, 2027",
    facts=(("Therapist", "Sofia Papadopoulou"),),
    asked=(("Hours in all", "18 of 24", "6"),),
    notes=("At most 12 hours (online) count.",),
    questions=("Are hours carried over?",),
    courses=(COURSE, replace(COURSE, title="=1+1", file="", sha256="", reasons="Over the limit.")),
    made_from=(("Catalog of law", "cd" * 32),),
    as_of=date(2026, 11, 22),
    known_at=datetime(2026, 11, 22, 15, tzinfo=UTC),
)


async def test_everything_is_printed() -> None:
    text = squeezed(pdf_text(await render_ledger(REPORT)))
    for words in (
        "Sofia Papadopoulou: 18 of 24 hours; 2 of ethics missing; until Aug 31, 2027", "As of Nov 22, 2026",
        "At most 12 hours (online) count.", "Are hours carried over?", "Ethics at work", "3.6 hours", "Over the limit.",
        "certificates/01-ethics.jpg", "ab" * 32, "none kept", "Not legal advice",
    ):  # fmt: skip
        assert squeezed(words) in text


async def test_the_same_ledger_gives_the_same_bytes_and_has_its_rows_with_it() -> None:
    first, second = await render_ledger(REPORT, paper="a4"), await render_ledger(REPORT, paper="a4")
    assert first == second
    assert pdf_files(first) == {"ledger.csv": ledger_csv(REPORT)}


def test_no_cell_of_the_rows_is_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(ledger_csv(REPORT).decode("utf-8-sig"))))
    assert [row["title"] for row in rows] == ["Ethics at work", "'=1+1"]
    assert rows[0]["completed_on"] == "2026-05-02"


async def test_a_ledger_too_long_for_paper_says_so() -> None:
    with pytest.raises(RenderFailed, match="5,001 courses"):
        await render_ledger(replace(REPORT, courses=(COURSE,) * 5001))


async def test_a_paper_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed are us-letter, a4"):
        await render_ledger(REPORT, paper="papyrus")
