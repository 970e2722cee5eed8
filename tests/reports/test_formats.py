"""What every shape of the report promises; a new shape at the door is tested by being there."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

import compliance.reports
from compliance.domain.audit_report import AuditReport, Question, TherapistRecord
from compliance.reports import FORMATS, RenderFailed, render
from compliance.reports.child import SAID, _checked
from tests.reports.reading import everything, squeezed
from tests.reports.sample_reports import AS_OF, HOSTILE, NAMES, harbor, report_of, therapist

every_format = pytest.mark.parametrize("format_name", FORMATS)


@every_format
async def test_the_same_report_gives_the_same_bytes_in_two_processes(format_name: str) -> None:
    first = await render(harbor(), format_name)
    assert await render(harbor(), format_name) == first


@every_format
async def test_another_instant_of_knowing_gives_another_file(format_name: str) -> None:
    later = datetime(2026, 11, 24, tzinfo=UTC)
    changed = report_of(question=Question("Tampa", AS_OF, later))
    earlier = report_of(question=Question("Tampa", AS_OF, datetime(2026, 11, 23, tzinfo=UTC)))
    with_person = [report_of(therapist(1, NAMES[0]), question=one.question) for one in (earlier, changed)]
    assert await render(with_person[0], format_name) != await render(with_person[1], format_name)


@every_format
async def test_names_from_everywhere_arrive_as_letters(format_name: str) -> None:
    text = everything(await render(harbor(), format_name), format_name)
    for name in NAMES:
        if name != "محمد الأحمد" or format_name != "pdf":
            assert squeezed(name) in text
    assert "\ufffd" not in text


@every_format
async def test_a_hostile_name_prints_as_just_that(format_name: str) -> None:
    people = [therapist(number, name) for number, name in enumerate(HOSTILE)]
    text = everything(await render(report_of(*people), format_name), format_name)
    for name in HOSTILE:
        assert squeezed(name) in text


@every_format
async def test_a_clinic_without_therapists_has_a_report(format_name: str) -> None:
    made = await render(report_of(), format_name)
    assert made
    if format_name != "csv":
        assert "NotherapistwasassignedatTampaonNov23,2026." in everything(made, format_name)


@every_format
async def test_any_text_at_all_can_be_printed(format_name: str) -> None:
    odd = "\x00\x1b\u202e\ue000\ufdd0\U000e0041e\u0301\u0901अ\U0001f468\u200d\U0001f469 a\u0488 ×" + "W" * 300
    made = await render(report_of(therapist(0, odd), TherapistRecord("\u0301"), TherapistRecord("")), format_name)
    assert "W" * 300 in everything(made, format_name)


@every_format
async def test_a_thousand_credentials_fit(format_name: str) -> None:
    people = [therapist(number, f"{NAMES[number % 2]} {number}") for number in range(334)]
    text = everything(await render(report_of(*people), format_name), format_name)
    assert all(f"MA{90000 + number}" in text for number in range(334))


async def test_an_unknown_format_or_paper_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="'docx' is not a format of the audit report; allowed are pdf, xlsx"):
        await render(report_of(), "docx")
    with pytest.raises(ValueError, match=r"'folio' is not a paper .* us-letter, a4"):
        await render(report_of(), "pdf", paper="folio")


async def test_a_report_that_takes_too_long_is_given_up_with_a_sentence() -> None:
    with pytest.raises(RenderFailed, match=r"not ready within 0\.001 seconds; ask for"):
        await render(harbor(), "pdf", timeout=0.001)


def test_a_child_that_was_killed_is_told_apart_from_one_that_complained() -> None:
    with pytest.raises(RenderFailed, match=r"stopped by signal 6, most likely for want of memory"):
        _checked(-6, b"", "memory allocation of 112 bytes failed", "pdf")
    with pytest.raises(RenderFailed, match=r"^Too long\.$"):
        _checked(SAID, b"", "Too long.\n", "pdf")
    with pytest.raises(RenderFailed, match="could not be made: KeyError: 'x'"):
        _checked(1, b"half", "Traceback\nKeyError: 'x'\n", "pdf")


async def test_text_that_is_no_unicode_is_refused_with_a_sentence() -> None:
    with pytest.raises(RenderFailed, match="no Unicode"):
        await render(report_of(therapist(0, "broken \ud800")), "pdf")


def test_every_shape_in_the_room_is_listed_at_the_door() -> None:
    room = Path(compliance.reports.__file__).parent
    shapes = {path.stem for path in room.glob("*.py") if _renders(path)}
    assert shapes == {made.file for made in FORMATS.values()}


def _renders(path: Path) -> bool:
    """Whether a file has a function `render(report, paper)` of its own; the rest has defaults."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    return any(
        node.name == "render" and [each.arg for each in node.args.args[:2]] == ["report", "paper"] for node in functions
    )


def test_the_door_lets_no_typesetting_or_spreadsheet_library_in() -> None:
    import subprocess
    import sys

    script = (
        "import sys, compliance.reports\n"
        "print([name for name in ('typst', 'pikepdf', 'xlsxwriter', 'python_calamine') if name in sys.modules])"
    )
    source = str(Path(compliance.reports.__file__).parents[2])
    said = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": source}, capture_output=True, check=True)
    assert said.stdout.strip() == b"[]"


def test_an_audit_report_is_a_value() -> None:
    assert harbor() == harbor()
    assert isinstance(harbor(), AuditReport)
