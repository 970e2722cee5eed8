"""The audit report's PDF against WeasyPrint on the same content: `python benchmarks/pdf_weasyprint.py [CREDENTIALS]`.

Both are whole fresh processes, taken in turns, and both make a tagged PDF/A-3a with the CSV, the JSON and the evidence
manifest attached. WeasyPrint gets the words that the report prints, section by section, as plain HTML tables with
repeated heads, and a style sheet of fifteen lines; making the HTML is not counted. Drawings of the first page and marks
are left out, to its advantage.

The report is to be at least 7 times faster by the least processor time of several runs. A run of WeasyPrint that takes
more than five minutes of the processor is ended. WeasyPrint lives in an environment of its own (`make weasyprint`) and
needs Debian's libpango; without it this says so and ends with status 2.
"""

from __future__ import annotations

import asyncio
import html
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent)]

from pdf_report import ROOT, Took, least, of_credentials, seconds, shown  # type: ignore[import-not-found]  # noqa: E402

from compliance.reports import csv_file, glyphs, json_file, manifest, render  # noqa: E402
from compliance.reports.pages import pages  # noqa: E402

REACH = 7
RUNS = 2
WITHIN = 1_200
"""Seconds by the clock after which something hangs."""
PYTHON = ROOT / ".venv" / "weasyprint" / "bin" / "python"

THERE = "import weasyprint; print(weasyprint.__version__)"
PRINT = """
import pathlib, resource, sys, weasyprint
resource.setrlimit(resource.RLIMIT_CPU, (300, 300))
folder = pathlib.Path(sys.argv[1])
attached = [weasyprint.Attachment(string=(folder / name).read_bytes(), name=name, relationship="Data")
            for name in ("audit.csv", "audit.json", "evidence.json")]
weasyprint.HTML(folder / "audit.html").write_pdf(folder / "out.pdf", pdf_variant="pdf/a-3a", attachments=attached)
"""
STYLE = """
@page { size: letter; margin: 0.75in;
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font-size: 8pt } }
@page across { size: letter landscape }
html { font: 9.5pt serif; color: #1d2830 }
h1 { font-size: 20pt; font-weight: normal }
h2 { font-size: 13pt }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th { font-size: 8pt; text-align: left; border-bottom: 0.8pt solid #1d2830 }
td { vertical-align: top; padding: 4pt 9pt 4pt 0; border-bottom: 0.4pt solid #c9d2d8; overflow-wrap: anywhere }
tr { break-inside: avoid }
.group td { background: #eef4f7; font-size: 10.5pt }
.across { page: across }
small { font-size: 8pt; color: #4d5a64 }
code { font: 5.6pt monospace }
"""
SECTIONS = (
    ("exceptions", "Exceptions", ("Whose", "About", "What there is to know")),
    ("verdicts", "Therapists", ("Modality", "Verdict", "Until", "Why")),
    ("lines", "Each requirement, and what it rests on",
     ("Asked, and by what", "Verdict, and why", "Credential", "Term", "Last verified", "Evidence, with SHA-256")),
    ("on_file", "Also on file", ("Credential", "Terms", "Looks at the source", "Evidence, with SHA-256")),
)  # fmt: skip


def main() -> int:
    count = int(sys.argv[1]) if sys.argv[1:] else 1_000
    python = sys.argv[2] if sys.argv[2:] else str(PYTHON)
    version = version_of(python)
    if version is None:
        return 2
    report = of_credentials(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(report, folder)
        ours, theirs = measured(report, folder, python)
    ratio = least(theirs) / least(ours)
    print(f"{count:,} credentials; WeasyPrint {version}")
    print(f"report     {shown(ours)}")
    print(f"WeasyPrint {shown(theirs)}")
    print(f"the report is {ratio:.1f} times faster by the least processor time (to reach: {REACH})")
    return 0 if ratio >= REACH else 1


def version_of(python: str) -> str | None:
    """WeasyPrint's version there; None, and why on standard error, where it does not run."""
    if not Path(python).exists():
        said = f"Not compared: WeasyPrint is not installed ({python} is not there). `make weasyprint` does it."
        print(said, file=sys.stderr)
        return None
    asked = subprocess.run([python, "-c", THERE], capture_output=True, text=True, check=False, timeout=WITHIN)
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"Not compared: WeasyPrint does not start ({last}). On Debian it needs libpango-1.0-0 and "
              "libpangoft2-1.0-0 from apt-get.", file=sys.stderr)  # fmt: skip
        return None
    return asked.stdout.strip()


def measured(report: Any, folder: Path, python: str) -> tuple[list[Took], list[Took]]:
    """Seconds of both, run after run in turns, after one of ours that does not count."""
    other = [python, "-c", PRINT, str(folder)]
    took: tuple[list[Took], list[Took]] = ([], [])
    ours = lambda: asyncio.run(render(report, "pdf", timeout=WITHIN))  # noqa: E731
    ours()
    for _ in range(RUNS):
        took[0].append(seconds(ours))
        took[1].append(seconds(lambda: subprocess.run(other, check=True, timeout=WITHIN, capture_output=True)))
    return took


# -- the same words as HTML -------------------------------------------------------------------------------------------


def lay_out(report: Any, folder: Path) -> None:
    """The files that WeasyPrint reads."""
    words = glyphs.clean_tree(pages(report), glyphs.Cleaner())
    (folder / "audit.html").write_text("".join(document(words)), "utf-8")
    for name, shape in (("audit.csv", csv_file), ("audit.json", json_file)):
        (folder / name).write_bytes(shape.render(report, "us-letter"))
    (folder / "evidence.json").write_bytes(manifest.render(report))


def document(words: dict[str, Any]) -> Iterator[str]:
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(words["answer"])}</title>'
    yield f"<style>{STYLE}</style><h1>{html.escape(words['answer'])}</h1>"
    for label, value in (*words["facts"], *words["made_from"]):
        yield f"<p><small>{html.escape(label)}</small> {cell(value)}</p>"
    for key, title, heads in SECTIONS:
        across = ' class="across"' if key in ("lines", "on_file") else ""
        yield f"<section{across}><h2>{title}</h2><table><thead><tr>"
        yield "".join(f"<th>{each}</th>" for each in heads) + "</tr></thead><tbody>"
        for group in words[key]:
            yield from grouped(group, len(heads))
        yield "</tbody></table></section>"


def grouped(group: dict[str, Any], columns: int) -> Iterator[str]:
    """A line with the name, and the rows under it."""
    notes = [group[key] for key in ("note", "small", "email", "numbers") if group.get(key)]
    small = "<br>".join(html.escape(each) for each in notes)
    yield f'<tr class="group"><td colspan="{columns}">{html.escape(group["name"])} <small>{small}</small></td></tr>'
    for row in group["rows"]:
        yield f"<tr>{''.join(f'<td>{cell(each)}</td>' for each in row)}</tr>"


def cell(value: Any) -> str:
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, list):
        return "<br>".join(sized(number, line) for number, line in enumerate(value) if line)
    if "hash" in value:
        return f"<code>{value['hash']}</code>"
    if "files" in value:
        return "<br>".join(f"{sized(1, name)}<br><code>{hash_}</code>" for name, hash_ in value["files"])
    return "<br>".join((html.escape(value["word"]), *(sized(1, line) for line in value.get("under", ()))))


def sized(number: int, line: str) -> str:
    """Lines are large and small in turns."""
    return f"<small>{html.escape(line)}</small>" if number % 2 else html.escape(line)


if __name__ == "__main__":
    sys.exit(main())
