"""How much memory a workbook of 100,000 rows takes: `python benchmarks/xlsx_report.py`.

The child process that makes reports is given one whose tables have 100,000 rows together. Its peak, less that of an
interpreter that does nothing, is to stay under 100 MB; that of the same child with the report read and nothing made is
printed beside it, for most of it is the report.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import msgspec
from pdf_report import ROOT, of_credentials

from compliance.reports.tables import tables

CREDENTIALS: Final = 18_000
REACH: Final = 100
PEAK: Final = "import sys; sys.stderr.write(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
"""Not `ru_maxrss`: that begins with the peak of whoever started the process."""
READ: Final = (
    "import sys, msgspec; from compliance.domain.audit_report import AuditReport;"
    "r = msgspec.json.decode(sys.stdin.buffer.read(), type=AuditReport);" + PEAK
)
MADE: Final = "from compliance.reports.render_process import main; main('xlsx', 'us-letter');" + PEAK


def main() -> int:
    report = of_credentials(CREDENTIALS)
    rows = sum(1 for table in tables(report) for _ in table.rows)
    with tempfile.TemporaryDirectory() as name:
        given = Path(name) / "report.json"
        given.write_bytes(msgspec.json.encode(report))
        empty, read, made = (peak(code, given) for code in (PEAK, READ, MADE))
    print(f"{rows:,} rows: {made - empty:.0f} MB above an empty interpreter (to reach: under {REACH}),")
    print(f"of which {read - empty:.0f} MB are the report itself")
    return 0 if made - empty < REACH else 1


def peak(code: str, given: Path) -> float:
    """Megabytes of resident memory at most."""
    with given.open("rb") as data:
        done = subprocess.run(
            [sys.executable, "-c", code],
            stdin=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={"PYTHONPATH": str(ROOT / "src")},
            check=True,
        )
    return int(done.stderr) / 1024


if __name__ == "__main__":
    sys.exit(main())
