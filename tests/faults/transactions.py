"""Looks again and again at PostgreSQL's open transactions: none may last while its process waits for a mail server.

A transaction is also old where the machine has no processor to spare. So a process is asked how long it ran, or waited
for its turn to run: only one that mostly slept, with a transaction open, was waiting for somebody else. And the server
is asked since when it has had nothing to do: who slept because the server made them wait for a lock waited for nobody
else.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Container
from pathlib import Path
from types import TracebackType
from typing import Final

import psycopg

LONGEST: Final = 1.0
EVERY: Final = 0.2
ASLEEP: Final = 0.85
"""Who waits for a mail server sleeps all the time; who waits for its turn with the database wakes again and again."""
QUESTION: Final = """
SELECT application_name, extract(epoch FROM clock_timestamp())::float, extract(epoch FROM xact_start)::float,
    extract(epoch FROM state_change)::float, query
FROM pg_stat_activity
WHERE application_name LIKE 'harness-%' AND state LIKE 'idle in transaction%' AND xact_start IS NOT NULL
"""


class Sampler:
    """A thread that asks while the run lasts. Processes that were stopped do not count: they did nothing at all."""

    def __init__(self, url: str, stopped: Container[int]) -> None:
        self._url, self._stopped = url, stopped
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._busy: dict[int, deque[tuple[float, float]]] = {}
        self.long: list[str] = []
        self.looks = 0

    def __enter__(self) -> Sampler:
        if not self._url.startswith("sqlite"):
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True) as connection:
                    while not self._over.wait(EVERY):
                        self._look(connection)
            except psycopg.Error:  # the database is being restarted
                self._over.wait(EVERY)

    def _look(self, connection: psycopg.Connection) -> None:
        self.looks += 1
        for name, at, since, idle_since, query in connection.execute(QUESTION).fetchall():
            pid = int(name.rpartition("-")[2])
            slept = self._slept(pid, at)
            asleep = min(slept, at - idle_since) > LONGEST * ASLEEP
            if at - since > LONGEST and asleep and pid not in self._stopped:
                last = " ".join(query.split())[:80]
                self.long.append(f"{name}: a transaction of {at - since:.1f} s, asleep for {slept:.1f} s after {last}")

    def _slept(self, pid: int, at: float) -> float:
        """Seconds that the process's first thread slept in the last `LONGEST` seconds, as far as was looked."""
        seen = self._busy.setdefault(pid, deque())
        try:
            ran, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
        except (OSError, ValueError):  # it is gone, or this system does not say
            return 0.0
        seen.append((at, (int(ran) + int(waited)) / 1e9))
        while seen[0][0] < at - LONGEST - EVERY:
            seen.popleft()
        (began, before), (_, busy) = seen[0], seen[-1]
        return (at - began) - (busy - before)
