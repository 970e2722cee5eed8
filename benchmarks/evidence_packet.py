"""Claim: an evidence packet is made in flat memory, whatever it holds: ten times the evidence, less than 1.2 times the
peak above the start. Also told: megabytes a second of processor time, from a folder.

    python benchmarks/evidence_packet.py [--gigabytes 2]

A tenth of that and all of it are zipped as they would go out, each in a process of its own. The files in the folder are
16 of 15 MB, the largest that uploads may be; the packet names them again and again, and each time they are read, held
against their hashes and written.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from compliance.services.evidence_packets import Holder, Piece, Plan, pieces
from compliance.store import open_store

FILES, SIZE = 16, 15 * 1000 * 1000
LIMIT = 1.2


async def fill(folder: Path) -> list[str]:
    """Files of noise; their hashes."""
    store, noise, found = open_store("file:evidence", folder), random.Random(7), []
    for _ in range(FILES):
        content = noise.randbytes(SIZE)
        found.append(hashlib.sha256(content).hexdigest())
        await store.put(content, found[-1])
    return found


def plan_of(hashes: list[str], count: int) -> Plan:
    """A packet of so many pieces, ten to a person."""
    made = [
        Piece(f"people/Person {n // 10}/License/{n}.pdf", f"{n}.pdf", hashes[n % len(hashes)], "application/pdf", SIZE)
        for n in range(count)
    ]
    held = [
        Holder(f"people/Person {n}", f"Person {n}", "", tuple(made[n * 10 : n * 10 + 10]))
        for n in range(count // 10 + 1)
    ]
    day, instant = date(2026, 11, 22), datetime(2026, 11, 22, tzinfo=UTC)
    return Plan("Bench", "Tampa", day, instant, None, 1, UUID(int=0), "report.pdf", hashes[0], SIZE, tuple(held))


def peak() -> float:
    """Megabytes of this process at their highest (`ru_maxrss` would begin with the parent's)."""
    said = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(said.split()[1]) / 1024


async def make(folder: Path, hashes: list[str], count: int) -> None:
    """Makes one packet and prints: megabytes, peak above the start, processor seconds."""
    store, before, began, size = open_store("file:evidence", folder), peak(), time.process_time(), 0
    async for each in pieces(plan_of(hashes, count), store):
        size += len(each)
    print(size / 1e6, peak() - before, time.process_time() - began)


def measured(folder: Path, hashes: list[str], count: int) -> tuple[float, float, float]:
    words = [sys.executable, __file__, "--inside", str(folder), "--count", str(count), "--hashes", ",".join(hashes)]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    size, memory, took = map(float, said)
    print(
        f"{size:>9,.0f} MB: {memory:5.1f} MB above the start, {took:5.1f} s of processor time, {size / took:,.0f} MB/s"
    )
    return size, memory, took


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--inside", type=Path)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--hashes", default="")
    given = parser.parse_args()
    if given.inside:
        asyncio.run(make(given.inside, given.hashes.split(","), given.count))
        return 0
    count = max(int(given.gigabytes * 1e9 / SIZE), 20)
    with tempfile.TemporaryDirectory() as folder:
        hashes = asyncio.run(fill(Path(folder)))
        small, large = [measured(Path(folder), hashes, each)[1] for each in (count // 10, count)]
    print(f"memory: {large / small:.2f} times, to reach: under {LIMIT}")
    return 0 if large < LIMIT * small else 1


if __name__ == "__main__":
    sys.exit(main())
