"""At most two files are rendered at once on a machine, whichever process asks: each takes a core and much memory.

A turn is a lock on one of two small files, which the system takes back when a process dies. Whoever waits looks again
a few times a second; nobody is served in order, and nobody waits long: a render ends within its time limit.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

AT_ONCE: Final = 2
LOOK_EVERY: Final = 0.1


@asynccontextmanager
async def turn(folder: Path | None = None) -> AsyncIterator[None]:
    """Waits for one of the turns of this machine's user and holds it."""
    while (handle := _taken(folder or Path(tempfile.gettempdir()))) is None:  # noqa: ASYNC110 # set elsewhere
        await asyncio.sleep(LOOK_EVERY)
    try:
        yield
    finally:
        os.close(handle)


def _taken(folder: Path) -> int | None:
    """An open, locked file; None while others hold all of them."""
    for number in range(AT_ONCE):
        path = folder / f"compliance-render-{os.getuid()}-{number}.lock"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
        else:
            return handle
    return None
