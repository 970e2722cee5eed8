"""A short PDF: its words are made here, in milliseconds, and the child has nothing to import but Typst.

The imports that a child needs to read a report take longer than typesetting forty lines does. What is long goes to the
child whole (`child.run_child`), so that nobody who asks for a page waits for it. Both ways give the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from compliance.reports.child import MEMORY_FOR_TYPST, RenderFailed, run_process
from compliance.reports.turns import turn
from compliance.reports.typeset_process import framed

if TYPE_CHECKING:
    from compliance.domain.audit_report import AuditReport

SHORT: Final = 100
"""Lines of a report whose words, attachments and packing take this process about 20 ms."""
_SETTER: Final = str(Path(__file__).with_name("typeset_process.py"))


def is_short(report: AuditReport) -> bool:
    """Whether it may be prepared where pages are served."""
    lines = sum(len(person.credentials) + len(person.modalities) for person in report.therapists)
    findings = sum(len(modality.findings) for person in report.therapists for modality in person.modalities)
    courses = sum(len(each.courses) for each in report.education)
    beside = (report.lapses or (), report.waivers, report.sent or (), report.changes or ())
    return lines + findings + courses + sum(map(len, beside)) <= SHORT and not (
        report.logo and len(report.logo.content) > 200_000
    )


async def render_short(report: AuditReport, paper: str, *, timeout: float, added_fonts: Path | None = None) -> bytes:
    """The packed, unsigned PDF, as `document.render` makes it. Raises RenderFailed."""
    from compliance.reports.document import prepared
    from compliance.reports.typesetting import finished

    try:
        given = prepared(report, paper, added_fonts)
    except UnicodeEncodeError as error:
        raise RenderFailed(f"The report holds text that is no Unicode: {error.object[:60]!r}.") from None
    words = (_SETTER, given.dated.isoformat(), *given.fonts)
    async with turn():
        made = await run_process(
            words, framed(given.files), what="pdf report", timeout=timeout, memory=MEMORY_FOR_TYPST
        )
    return finished(made, given)
