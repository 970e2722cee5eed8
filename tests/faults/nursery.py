"""Forks workers out of one process that has imported the program already: two hundred of them cost no start each.

Speaks lines of JSON: `{"spawn": orders}` answers `{"pid": ...}`, `{"exited": true}` those that ended since the last
question, with their status. When its standard input ends it kills what still lives, so a run never leaves anything.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.faults.worker import Orders, run

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def spawn(orders: dict[str, Any], log: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        _become_a_child(log)
        status = run(Orders.of(orders))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _become_a_child(log: Path) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    os.setsid()  # as under a supervisor: Linux shares a busy machine out by sessions, and each worker is one
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    random.seed()


def exited(living: set[int]) -> list[tuple[int, int]]:
    """Children that ended since, with their status (negative: by a signal)."""
    found = []
    for pid in list(living):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            living.discard(pid)
            found.append((pid, os.waitstatus_to_exitcode(status)))
    return found


def main(log: Path) -> None:
    living: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if "spawn" in asked:
            pid = spawn(asked["spawn"], log)
            living.add(pid)
            answer: dict[str, Any] = {"pid": pid}
        else:
            answer = {"exited": exited(living)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in living:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
