"""The child process: `python -m compliance.uploads.child KIND`, the file on standard input.

It answers on standard output: one line of JSON, `{"pages": 2}` followed by the rendition, or `{"refused":
REASON, "found": WORDS}`. A status above 0 means that the inspection itself is broken; a signal, that a limit
was reached.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress

from compliance.uploads.unfit import Unfit

_MEMORY = 1 << 30
_SECONDS = 25
_ANSWER = 32 << 20
_OPEN_FILES = 64


def main(kind: str) -> None:
    """Looks at standard input under limits and answers."""
    _limit()
    data = sys.stdin.buffer.read()
    try:
        pages, rendition = _look(kind, data)
    except Unfit as unfit:
        _answer({"refused": unfit.reason, "found": unfit.found})
    except MemoryError:
        _answer({"refused": "slow"})
    else:
        _answer({"pages": pages}, rendition)


def _look(kind: str, data: bytes) -> tuple[int, bytes]:
    if kind == "pdf":
        from compliance.uploads.documents import look_at_document

        return look_at_document(data)
    from compliance.uploads.images import look_at_picture

    return 1, look_at_picture(data, kind)


def _answer(verdict: dict[str, str | int], rendition: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(verdict).encode() + b"\n" + rendition)
    sys.stdout.buffer.flush()


def _limit() -> None:
    limits = {
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_CPU: _SECONDS,
        resource.RLIMIT_FSIZE: _ANSWER,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        # Some systems do not know a limit on address space; the others still hold.
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))


if __name__ == "__main__":
    main(sys.argv[1])
