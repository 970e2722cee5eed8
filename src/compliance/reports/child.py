"""The child process in which reports are made: the report goes in as JSON on standard input, the file comes out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from compliance.domain.audit_report import AuditReport
    from compliance.domain.inspector_sheet import InspectorSheet
    from compliance.domain.ledger_report import LedgerReport

    Given = AuditReport | LedgerReport | InspectorSheet

PAPERS: Final = ("us-letter", "a4")
LEDGER: Final = "ledger"
INSPECTOR: Final = "inspector"
"""What the child is asked for that is no audit report: the ledger of continuing education, the inspector sheet."""

SAID: Final = 4
"""The exit status with which the child says that its standard error is one sentence for the reader."""

MEMORY_FOR_TYPST: Final = {
    "GLIBC_TUNABLES": ":".join(
        f"glibc.malloc.{name}={value}"
        for name, value in (
            *(("arena_max", 1), ("top_pad", 64 << 20)),
            *(("mmap_threshold", 1 << 30), ("trim_threshold", 1 << 31)),
        )
    )
}
"""Memory in large pieces from one heap, and none given back: Typst asks for gigabytes in pieces of some bytes, and
asking the system for each part of them takes a tenth of the time. Other C libraries do not read it."""

_TYPESET: Final = ("pdf", LEDGER, INSPECTOR)
_AS_IT_IS: Final[Mapping[str, str]] = {}
_SOURCE: Final = Path(__file__).resolve().parents[2]


class RenderFailed(Exception):
    """The report could not be made; the message is one sentence that says why and what to do."""


async def run_child(
    report: Given, format_name: str, paper: str, *, timeout: float, added_fonts: Path | None = None
) -> bytes:
    """The rendered file, made by a child process. Raises RenderFailed."""
    import msgspec

    from compliance.reports.turns import turn  # not above: the child imports this file, and needs no asyncio

    try:
        data = msgspec.json.encode(report)
    except UnicodeEncodeError as error:
        raise RenderFailed(f"The report holds text that is no Unicode: {error.object[:60]!r}.") from None
    fonts = [str(added_fonts)] if added_fonts else []
    words = ("-m", "compliance.reports.render_process", format_name, paper, *fonts)
    memory = MEMORY_FOR_TYPST if format_name in _TYPESET else {}
    async with turn():
        return await run_process(words, data, what=f"{format_name} report", timeout=timeout, memory=memory)


async def run_process(
    words: tuple[str, ...], given: bytes, *, what: str, timeout: float, memory: Mapping[str, str] = _AS_IT_IS
) -> bytes:
    """What Python writes that is started with these words, in a process of its own: `-m` and a module of ours, or a
    file. `what` is what it makes, for the sentence of RenderFailed; `memory` is how the C library is to get memory.
    The child is killed when it takes too long or when the caller is cancelled."""
    import asyncio

    process = await _start(words, memory)
    try:
        async with asyncio.timeout(timeout):
            made, complaint = await process.communicate(given)
    except TimeoutError:
        raise RenderFailed(f"The {what} was not ready within {timeout:g} seconds; ask for a shorter period.") from None
    finally:
        await _end(process)
    return _checked(process.returncode, made, complaint.decode("utf-8", "replace"), what)


async def _start(words: tuple[str, ...], memory: Mapping[str, str]) -> Process:
    """Python without the search for site-packages, which it is told, and without the working folder in its path."""
    import asyncio

    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-S", "-P", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment() | dict(memory),
    )


def _environment() -> dict[str, str]:
    """No secret of this process reaches the child, and nothing of the machine's settings reaches the report."""
    kept = {name: os.environ[name] for name in ("TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    path = os.pathsep.join((str(_SOURCE), *(entry for entry in sys.path if "site-packages" in entry)))
    return kept | {"PYTHONPATH": path, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


def _checked(status: int | None, made: bytes, complaint: str, what: str) -> bytes:
    if status == 0 and made:
        return made
    if status == SAID:
        raise RenderFailed(complaint.strip())
    if status is not None and status < 0:
        raise RenderFailed(
            f"The {what} was stopped by signal {-status}, most likely for want of memory; "
            "ask for a shorter period or another format."
        )
    last = complaint.strip().splitlines()[-1:] or [f"exit status {status}"]
    raise RenderFailed(f"The {what} could not be made: {last[0]}")
