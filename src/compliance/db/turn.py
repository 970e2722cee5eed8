"""Whose turn it is to write into SQLite's file.

A writer who finds the database locked asks again after ever longer pauses, a tenth of a second in the end. Somebody who
writes one transaction after the other, an import say, is faster every time, and the other one waits for seconds. So
whoever wants to write stands at a door first, a lock on a file beside the database, and goes through it with the
database's own lock in hand: those behind wait at the door, and nobody overtakes. The lock is the operating system's
and ends with its process. It is a courtesy alone; what keeps transactions apart is SQLite. So where the file cannot be
opened, for instance because another user of the machine has made it, nobody waits and nothing fails.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LONGEST: Final = 10.0
"""Seconds at the door; then the database is asked all the same, and says itself that it is locked."""

_PAUSE: Final = 0.003


@contextmanager
def at_the_door(database: str) -> Iterator[None]:
    """Alone at the door of this file's writers while something is done, namely to begin the transaction."""
    door = _opened(database)
    try:
        if door is not None:
            _wait(door)
        yield
    finally:
        if door is not None:
            os.close(door)  # the lock goes with it


def _opened(database: str) -> int | None:
    """The door, made with the rights of the database that it stands before."""
    try:
        rights = stat.S_IMODE(os.stat(database).st_mode)
        return os.open(f"{database}-door", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, rights)
    except OSError:
        return None


def _wait(door: int) -> None:
    for _ in range(int(LONGEST / _PAUSE)):
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE)
        else:
            return
