"""How much the audit report's PDF costs over a bare Typst run on the same rows: `python benchmarks/pdf_report.py`.

Both are whole fresh processes, taken in turns: interpreter, imports, data, typesetting, writing.

- report: `compliance.reports.render`, as a service calls it: a fresh child process, and what the caller itself does for
  it (it encodes a long report and prepares a short one; its processor time is counted, its imports are long done). It
  shapes the rows, makes them printable, attaches CSV and JSON, typesets with marks and repeated headers, and repacks.
- floor: a script that imports Typst alone and sets the same printed cells, in as many plain tables, with the same
  fonts and the same PDF standards. No styles, no marks, no attachments, no repacking.

The first is to take at most 1.5, 1.3 and 1.3 times as long as the second, for 20, 1,000 and 10,000 credentials, by the
least processor time of several runs each: what a neighbor on the machine adds, it adds.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from compliance.domain.audit_report import (  # noqa: E402
    AuditReport,
    ClinicRecord,
    CredentialRecord,
    CredentialTerm,
    EvidenceLine,
    FindingLine,
    ModalityVerdict,
    Provenance,
    Question,
    TherapistRecord,
    VerificationLine,
)
from compliance.reports import glyphs, render  # noqa: E402
from compliance.reports.pages import pages  # noqa: E402

REACH = {20: 1.5, 1_000: 1.3, 10_000: 1.3}
RUNS = {20: 9, 1_000: 7, 10_000: 3}
Took = tuple[float, float]  # seconds on the wall, seconds of processor

FLOOR = """
import json, pathlib, sys, tempfile, datetime, typst
folder = pathlib.Path(sys.argv[1])
fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[])
files = {name: (folder / name).read_bytes() for name in ("main.typ", "data.json")}
with tempfile.TemporaryDirectory() as root:
    made = typst.compile(files, root=root, font_paths=fonts, pdf_standards=["a-3a", "ua-1"],
                         timestamp=datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc))
(folder / "out.pdf").write_bytes(made)
"""
FLOOR_TEMPLATE = """
#let d = json("data.json")
#set document(title: "Floor")
#set page("us-letter")
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), fallback: false, size: 9.5pt)
#for t in d { table(columns: t.columns, table.header(..range(t.columns).map(n => [Column #n])), ..t.cells) }
"""


def main() -> int:
    sizes = [int(each) for each in sys.argv[1:]] or list(REACH)
    reached = [compared(size) for size in sizes]  # all of them, also after one that was not
    return 0 if all(reached) else 1


def compared(size: int) -> bool:
    """Measures both on so many credentials and prints what came out; whether the goal was reached."""
    report = of_credentials(size)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.typ").write_text(FLOOR_TEMPLATE)
        tables = floor_tables(report)
        (folder / "data.json").write_text(json.dumps(tables))
        report_s, floor_s = measured(report, folder, RUNS[size])
    cells = sum(len(table["cells"]) for table in tables)
    ratio = median(report_s, 0) / median(floor_s, 0)
    processor = least(report_s) / least(floor_s)
    print(f"{size:,} credentials of {len(report.therapists):,} therapists, {cells:,} printed cells")
    print(f"report {shown(report_s)}")
    print(f"floor  {shown(floor_s)}")
    reach = REACH[size]
    print(f"ratio  {processor:.2f} of the least processor time (to reach: {reach}); {ratio:.2f} by the clock")
    return processor <= reach


def measured(report: AuditReport, folder: Path, runs: int) -> tuple[list[Took], list[Took]]:
    """Seconds of both, run after run in turns, after one of each that does not count."""
    floor = [sys.executable, "-c", FLOOR, str(folder)]
    took: dict[str, list[Took]] = {"report": [], "floor": []}
    for _ in range(runs + 1):
        took["report"].append(seconds(lambda: asyncio.run(render(report, "pdf", timeout=600))))
        took["floor"].append(seconds(lambda: subprocess.run(floor, env=dict(os.environ), check=True)))
    return took["report"][1:], took["floor"][1:]


def seconds(make: Callable[[], object]) -> Took:
    """By the clock, and of the processor in this process and its children."""
    begun, before = time.perf_counter(), used()
    make()
    return time.perf_counter() - begun, used() - before


def used() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


def shown(took: list[Took]) -> str:
    each = " ".join(f"{wall:.2f}" for wall, _ in took)
    by_processor = f"processor {least(took):.3f} s at least, {median(took, 1):.3f} s in the middle"
    return f"{median(took, 0):.3f} s, median of {len(took)} ({each}); {by_processor}"


def median(took: list[Took], which: int) -> float:
    return statistics.median(one[which] for one in took)


def least(took: list[Took]) -> float:
    return min(processor for _, processor in took)


# -- the rows ------------------------------------------------------------------------------------------------------


def floor_tables(report: AuditReport) -> list[dict[str, Any]]:
    """The texts that the report prints, table by table."""
    words = glyphs.clean_tree(pages(report), glyphs.Cleaner())
    found = [table([["\n".join(filter(None, (p["name"], p["small"], p["email"], p["numbers"]))), *row]
                    for p in words["verdicts"] for row in p["rows"]])]  # fmt: skip
    for section in ("exceptions", "lines", "on_file"):
        rows = [[group["name"], *row] for group in words[section] for row in group["rows"]]
        found += [table(rows)] if rows else []
    return found


def table(rows: list[list[Any]]) -> dict[str, Any]:
    return {"columns": len(rows[0]), "cells": [flat(cell) for row in rows for cell in row]}


def flat(cell: Any) -> str:
    if isinstance(cell, list):
        return "\n".join(line for line in cell if line)
    if isinstance(cell, str):
        return cell
    if "word" in cell:
        return "\n".join((cell["word"], *cell.get("under", ())))
    return "\n".join("\n".join(file) for file in cell["files"])


def of_credentials(count: int) -> AuditReport:
    """A report with that many credentials, two or three a therapist; written down here, the same each time."""
    license_, exam, certification = range(3)
    people = [person(number, (license_, exam, certification)) for number in range(count // 3)]
    if count % 3:
        people.append(person(count // 3, (license_, exam, certification)[: count % 3]))
    return AuditReport(
        Question("Tampa", date(2026, 11, 23), datetime(2026, 11, 23, 13, 10, tzinfo=UTC)),
        "Harbor Trigger Point Clinics",
        ClinicRecord("Tampa", "us-fl", "America/New_York", "1200 Bayshore Boulevard, Tampa, FL", "Florida"),
        Provenance(4211, "9f" * 32, "3c" * 32, "0.1.0"),
        tuple(people),
    )


FIRST = ("Sofia", "Łucja", "Ánh", "Dana", "Zoë", "Žofie", "Maria", "Oluwaseun", "Priscilla", "Håkon")
LAST = ("Papadopoulou", "Żółkiewska", "Nguyễn", "O’Neill", "Brontë", "Dvořáková", "García-Peña", "Whitfield")
KINDS = (
    ("massage-license", "Massage license", "Florida Board of Massage Therapy", "Florida"),
    ("mblex", "MBLEx", "FSMTB", ""),
    ("bctmb", "NCBTMB Board Certification", "NCBTMB", ""),
)


def person(number: int, kinds: tuple[int, ...]) -> TherapistRecord:
    credentials = tuple(credential(number, kind) for kind in kinds)
    findings = tuple(finding(number, held) for held in credentials)
    ends_on = date(2027, 1, 1) + timedelta(days=number % 700)
    cleared = all(one.clears for one in findings)
    asked = ModalityVerdict("trigger-point-therapy", "Trigger point therapy", cleared,
                            ends_on if cleared else None, findings=findings)  # fmt: skip
    return TherapistRecord(
        name=f"{FIRST[number % len(FIRST)]} {LAST[number * 7 % len(LAST)]} {number}",
        email=f"therapist{number}@harbor.example",
        license_numbers=(f"MA {90000 + number}",),
        modalities=(asked,),
        credentials=credentials,
    )


def credential(number: int, kind: int) -> CredentialRecord:
    type_, title, authority, jurisdiction = KINDS[kind]
    looked_on = date(2026, 1, 1) + timedelta(days=number * 3 % 300)
    return CredentialRecord(
        id=f"{type_}-{number}",
        type=type_,
        title=title,
        jurisdiction=jurisdiction,
        issuing_authority=authority,
        number=f"{'MA' if kind == 0 else 'NB'} {90000 + number}",
        standing="active",
        terms=(CredentialTerm(date(2025, 1, 1), date(2027, 1, 1) + timedelta(days=number % 700)),),
        verifications=(VerificationLine(looked_on, "Dana Whitfield", f"{authority} look-up", "confirmed"),),
        evidence=(EvidenceLine(f"{type_}-{number}.pdf", f"{number * 7919 + kind:064x}"),),
    )


def finding(number: int, held: CredentialRecord) -> FindingLine:
    status = "lapsed" if number % 11 == 3 else "expiring" if number % 7 == 2 else "met"
    line = FindingLine(held.type, f"{held.title} in force", status, "In force and verified", "Fla. Stat. 480.041",
                       held.id, until=held.terms[0].ends_on)  # fmt: skip
    return line if line.clears else replace(line, until=None, reason="Ended, and no renewal is recorded")


if __name__ == "__main__":
    sys.exit(main())
