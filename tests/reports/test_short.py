"""Short reports are prepared where they are asked for; long ones go to the child whole. Nobody can tell which."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.reports import RenderFailed, render, typeset_process
from compliance.reports.child import SAID, run_child, run_process
from compliance.reports.short import SHORT, is_short
from compliance.reports.typeset_process import framed, unframed
from tests.reports.sample_reports import harbor, report_of, therapist

SETTER = str(Path(typeset_process.__file__))


async def test_a_short_report_has_the_bytes_that_the_long_way_gives() -> None:
    report = harbor()
    assert is_short(report)
    assert await render(report, "pdf", paper="a4") == await run_child(report, "pdf", "a4", timeout=120)


def test_what_has_many_lines_is_not_short() -> None:
    assert not is_short(report_of(*(therapist(number, "A") for number in range(SHORT))))
    changes = replace(harbor(), changes=(harbor().changes or ()) * SHORT)
    assert not changes.changes or not is_short(changes)


async def test_a_short_report_that_takes_too_long_says_so() -> None:
    with pytest.raises(RenderFailed, match="not ready within"):
        await render(harbor(), "pdf", timeout=0.001)


async def test_what_typst_refuses_is_a_sentence() -> None:
    words = (SETTER, datetime(2026, 11, 23, tzinfo=UTC).isoformat())
    with pytest.raises(RenderFailed, match="could not be typeset"):
        await run_process(words, framed({"main.typ": b"#nothing-of-that-name"}), what="pdf report", timeout=60)
    assert typeset_process.SAID == SAID


def test_files_arrive_as_they_were_sent() -> None:
    files = {"main.typ": b"a 3\nb", "data.json": b"", "audit.csv": bytes(range(256))}
    assert unframed(framed(files)) == files


def test_the_child_of_a_short_report_imports_nothing_of_ours() -> None:
    script = f"import sys, runpy; runpy.run_path({SETTER!r}); print([n for n in sys.modules if 'compliance' in n])"
    said = subprocess.run([sys.executable, "-S", "-P", "-c", script], capture_output=True, check=True)
    assert said.stdout.strip() == b"[]"


async def test_a_child_that_is_killed_leaves_nothing_about_people_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    endless = b'#let d = json("data.json")\n#for a in range(100000) { for b in range(100000) { d } }'
    words = (SETTER, datetime(2026, 11, 23, tzinfo=UTC).isoformat())
    given = framed({"main.typ": endless, "data.json": b'"Ana Ruiz"'})
    with pytest.raises(RenderFailed, match="not ready within"):
        await run_process(words, given, what="pdf report", timeout=1.0)
    left = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert not [each for each in left if b"Ana Ruiz" in each.read_bytes()]
    assert [each.name for each in left] == ["main.typ"]


async def test_a_render_that_ends_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    words = (SETTER, datetime(2026, 11, 23, tzinfo=UTC).isoformat())
    given = framed({"main.typ": b'#set document(title: "A")\n#json("data.json")', "data.json": b'"Ana Ruiz"'})
    assert await run_process(words, given, what="pdf report", timeout=60)
    assert list(tmp_path.iterdir()) == []
