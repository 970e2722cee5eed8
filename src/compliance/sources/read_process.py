"""`python -m compliance.sources.read_process PATH NAME [COLUMNS]`: a roster file in, JSON out, once.

Each message is JSON behind its length in bytes (LENGTH of them, big-endian). First the head, then batches of rows, then
how many there were; or one that says why it cannot be read.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from compliance.sources import SOURCES
from compliance.sources.roster import kind_of, open_roster
from compliance.sources.rows import Unreadable

BATCH: Final = 400
LENGTH: Final = 8
MEMORY: Final = 3 * 1024**3
"""Bytes of address space; a workbook of 200,000 rows takes about a fifth of it."""


def main(path: str, name: str, own: str = "{}") -> int:
    for which, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # some systems do not know a limit
            resource.setrlimit(which, (most, most))
    try:
        _read(Path(path), name, msgspec.json.decode(own, type=dict[str, str]))
    except Unreadable as problem:
        _say({"unreadable": str(problem), "columns": problem.columns})
    except MemoryError:
        _say({"unreadable": "The file needs more memory than it may use. Split it and import the parts."})
    except BrokenPipeError:
        return 1
    return 0


def _read(path: Path, name: str, own: dict[str, str]) -> None:
    head, rows = open_roster(SOURCES[kind_of(path, name)](path), own)
    _say({"head": head})
    count = 0
    while batch := list(islice(rows, BATCH)):
        _say({"rows": batch})
        count += len(batch)
    _say({"end": count})


def _say(message: dict[str, Any]) -> None:
    text = msgspec.json.encode(message)
    sys.stdout.buffer.write(len(text).to_bytes(LENGTH, "big") + text)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
