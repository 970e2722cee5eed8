"""Claim: a trail of 100,000 entries is verified in under 2 s, with its checkpoints, values and columns.

    .venv/bin/python benchmarks/trail.py [--entries 100000]

Seeded; SQLite in a temporary folder. The chain is written first and not timed: entries as they come, a third of them
with personal values beside them, a checkpoint for every thousand. Then it is walked three times, exported, and the
export is checked by the script for auditors.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from uuid import UUID

from compliance.crypto.checkpoints import TrailKey
from compliance.crypto.offline import script
from compliance.db import schema
from compliance.db.engine import Database, open_database, parse_url
from compliance.services import checkpoints, trail_export, trail_proof
from compliance.services.trail import Act, Entry, record_all

MINE = UUID(int=7)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KEY = TrailKey(b"a secret of the benchmark, 32 bytes or more")
EVERY = 1000


def entry(number: int) -> Entry:
    """A third with values beside it, as where people and numbers are written down."""
    subject, whose = f"credential:{UUID(int=number)}", UUID(int=number % 400)
    if number % 3 == 0:
        new = {"number": f"MA {number}", "jurisdiction": "us-fl", "email": f"therapist{number}@example.org"}
        return Entry("credential.added", subject, whose, new=new)
    new_term = {"starts_on": "2025-09-01", "ends_on": "2027-08-31", "credential": str(UUID(int=number))}
    return Entry("term.added", subject, whose, new=new_term)


async def fill(database: Database, count: int) -> None:
    for start in range(0, count, EVERY):
        act = Act(MINE, "user:dana", NOW + timedelta(minutes=start))
        async with database.write.begin() as session:
            await record_all(session, act=act, entries=[entry(n) for n in range(start, min(start + EVERY, count))])
            made = await checkpoints.next_one(session, organization_id=MINE, key=KEY)
            await checkpoints.keep(session, checkpoint=made, at=act.now)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=100_000)
    count = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/trail.db"
        await asyncio.to_thread(schema.upgrade, parse_url(url))
        database = open_database(url).system
        await fill(database, count)
        for _ in range(3):
            begun, worked = perf_counter(), process_time()
            async with database.read() as session:
                proof = await trail_proof.prove(session, organization_id=MINE, public=KEY.public)
            wall, cpu = perf_counter() - begun, process_time() - worked
            assert proof.broken is None, proof.broken
            assert (proof.entries, proof.checkpoints) == (count, -(-count // EVERY))
            print(f"{count:,} entries, {proof.checkpoints} checkpoints: {wall:.2f} s, {cpu:.2f} s of processor time")
        await offline(database, Path(folder))
        await database.close()


async def offline(database: Database, folder: Path) -> None:
    begun = perf_counter()
    async with database.read() as session:
        with (folder / "trail.jsonl").open("w", encoding="utf-8") as out:
            async for line in trail_export.lines(session, organization_id=MINE, name="Bench", key=KEY, now=NOW):
                out.write(line)
    print(f"exported in {perf_counter() - begun:.2f} s")
    (folder / "verify_trail.py").write_text(script("verify_trail.py"), "utf-8")
    begun = perf_counter()
    command = [sys.executable, "-I", "-S", str(folder / "verify_trail.py"), str(folder / "trail.jsonl")]
    await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
    print(f"checked by the script in {perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    asyncio.run(main())
