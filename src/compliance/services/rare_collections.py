"""Long work that makes many values which no cycle holds: Python's search for cycles is made rare while it runs.

The search goes through everything that is alive and stops the whole process for it: a tenth of a second for a report
about 2,000 people, a quarter of the time of an import.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

RARE: Final = (100_000, 20, 50)
_usual: list[tuple[int, int, int]] = []
"""What the thresholds were before, once for each work that runs; the first of them comes back after the last."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Within it, and as long as any other work is within it."""
    _usual.append(_usual[0] if _usual else gc.get_threshold())
    gc.set_threshold(*RARE)
    try:
        yield
    finally:
        before = _usual.pop()
        if not _usual:
            gc.set_threshold(*before)
