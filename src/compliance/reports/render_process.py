"""`python -m compliance.reports.render_process FORMAT PAPER`: a report as JSON in, one file out, once.

It imports what only it needs, holds itself to a limit of memory, and reads nothing but templates and fonts.
"""

from __future__ import annotations

import resource
import sys
from typing import Final

import msgspec

from compliance.domain.audit_report import AuditReport
from compliance.domain.inspector_sheet import InspectorSheet
from compliance.domain.ledger_report import LedgerReport
from compliance.reports import FORMATS, inspector, ledger
from compliance.reports.child import INSPECTOR, LEDGER, SAID, RenderFailed

MEMORY: Final = 3 * 1024**3
"""Bytes of address space; the longest PDF (`document.MOST_ROWS`) takes about three quarters of it."""


def main(format_name: str, paper: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    given = sys.stdin.buffer.read()
    try:
        made = _made(given, format_name, paper)
    except MemoryError:
        return _say("The report needs more memory than it may use; ask for a shorter period or another format.")
    except RenderFailed as failure:
        return _say(str(failure))
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    return 0


def _made(given: bytes, format_name: str, paper: str) -> bytes:
    if format_name == LEDGER:
        return ledger.as_pdf(msgspec.json.decode(given, type=LedgerReport), paper)
    if format_name == INSPECTOR:
        return inspector.as_pdf(msgspec.json.decode(given, type=InspectorSheet), paper)
    return FORMATS[format_name].render(msgspec.json.decode(given, type=AuditReport), paper)


def _say(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return SAID


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
