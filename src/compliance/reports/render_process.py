"""`python -m compliance.reports.render_process FORMAT PAPER [FONTS]`: a report as JSON in, one file out, once.

It imports what only it needs, holds itself to a limit of memory, and reads nothing but templates and fonts, those in
the folder FONTS among them.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import msgspec

from compliance.reports import FORMATS
from compliance.reports.child import INSPECTOR, LEDGER, SAID, RenderFailed
from compliance.reports.typeset_process import hold_to_limits, leave


def main(format_name: str, paper: str, *fonts: str) -> int:
    hold_to_limits()
    gc.disable()  # nothing here goes in circles, and looking for it takes a tenth of the time
    given = sys.stdin.buffer.read()
    try:
        made = _made(given, format_name, paper, Path(fonts[0]) if fonts else None)
    except MemoryError:
        return _say("The report needs more memory than it may use; ask for a shorter period or another format.")
    except RenderFailed as failure:
        return _say(str(failure))
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    return 0


def _made(given: bytes, format_name: str, paper: str, added_fonts: Path | None) -> bytes:
    if format_name == LEDGER:
        from compliance.domain.ledger_report import LedgerReport
        from compliance.reports import ledger

        return ledger.as_pdf(msgspec.json.decode(given, type=LedgerReport), paper, added_fonts)
    if format_name == INSPECTOR:
        from compliance.domain.inspector_sheet import InspectorSheet
        from compliance.reports import inspector

        return inspector.as_pdf(msgspec.json.decode(given, type=InspectorSheet), paper, added_fonts)
    from compliance.domain.audit_report import AuditReport

    report = msgspec.json.decode(given, type=AuditReport)
    if format_name == "pdf":
        from compliance.reports import document

        return document.render(report, paper, added_fonts)
    return FORMATS[format_name].render(report, paper)


def _say(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return SAID


if __name__ == "__main__":
    leave(main(*sys.argv[1:]))
