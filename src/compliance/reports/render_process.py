"""`python -m compliance.reports.render_process FORMAT PAPER`: a report as JSON in, one file out, once.

It imports what only it needs, holds itself to a limit of memory, and reads nothing but templates and fonts.
"""

from __future__ import annotations

import gc
import sys

import msgspec

from compliance.reports import FORMATS
from compliance.reports.child import INSPECTOR, LEDGER, SAID, RenderFailed
from compliance.reports.typeset_process import hold_to_limits, leave


def main(format_name: str, paper: str) -> int:
    hold_to_limits()
    gc.disable()  # nothing here goes in circles, and looking for it takes a tenth of the time
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
        from compliance.domain.ledger_report import LedgerReport
        from compliance.reports import ledger

        return ledger.as_pdf(msgspec.json.decode(given, type=LedgerReport), paper)
    if format_name == INSPECTOR:
        from compliance.domain.inspector_sheet import InspectorSheet
        from compliance.reports import inspector

        return inspector.as_pdf(msgspec.json.decode(given, type=InspectorSheet), paper)
    from compliance.domain.audit_report import AuditReport

    return FORMATS[format_name].render(msgspec.json.decode(given, type=AuditReport), paper)


def _say(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return SAID


if __name__ == "__main__":
    leave(main(sys.argv[1], sys.argv[2]))
