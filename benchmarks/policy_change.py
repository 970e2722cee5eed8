"""Claim: while a policy of an organization of 20,000 people changes, and everybody's stored verdicts follow, another
process that wants to write never waits for a second.

    python benchmarks/policy_change.py [--people 20000] [--url postgresql://...]

Fills a database (SQLite in a temporary folder unless --url names an empty one), adopts a policy for everybody, and lets
the job `refresh-coverage` make all copies anew, while another process asks ten times a second to write one entry of the
same organization's trail. Prints how long the preview, the policy and the copies took, and how long the other waited.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.clock import now
from compliance.db.engine import Database, open_database
from compliance.db.queries.clinic_months import working_between
from compliance.db.queries.policies import held
from compliance.db.records import ClinicRow, TrailHeadRow
from compliance.domain.requirements import Policy
from compliance.jobs.refreshing import refresh
from compliance.services import assessments, policies, trail
from compliance.services.trail import Act, Entry
from compliance.services.what_if import CHUNK, changes, under

sys.path.insert(0, str(Path(__file__).parent))
from population import ENTRIES, NOW, TODAY, filled

OFFER = "cpr"
PAUSE = 0.1


async def other(address: str, organization_id: UUID) -> None:
    """Writes one entry ten times a second until its input ends; prints how long each time took, in milliseconds."""
    database, waits = open_database(address).system, list[float]()
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not ended.done():
        begun = perf_counter()
        act = Act(organization_id, "cli:bench", now())
        async with database.write.begin() as session:
            await trail.record(session, act=act, entry=Entry("bench.written", f"organization:{organization_id}"))
        waits.append((perf_counter() - begun) * 1000)
        await asyncio.sleep(PAUSE)
    await database.close()
    print(*(f"{each:.1f}" for each in waits))


async def _previewed(database: Database, organization_id: UUID, policy: Policy) -> tuple[int, int]:
    """Everybody's verdict before and after, as the page's task works it out: people, and how many verdicts change."""
    async with database.read() as session:
        ids = list(await working_between(session, organization_id, TODAY, TODAY))
        around = await assessments.frame(session, organization_id)
        kept = [each.policy for each in await held(session, organization_id)]
    found = 0
    for at in range(0, len(ids), CHUNK):
        async with database.read() as session:
            after = under(around, [*kept, policy])
            some = ids[at : at + CHUNK]
            both = {"before": around, "after": after, "on": TODAY}
            found += len(await changes(session, organization_id=organization_id, therapist_ids=some, **both))  # type: ignore[arg-type]
    return len(ids), found


async def measure(address: str, people: int) -> None:
    await filled(address, [people])
    database = open_database(address).system
    async with database.read() as session:
        organization_id = await _only(session)
    async with database.write.begin() as session:  # the filled trail has no head yet
        await session.execute(
            insert(TrailHeadRow).values(organization_id=organization_id, seq=people * ENTRIES, hash=bytes(32), at=NOW)
        )
    act, offer = Act(organization_id, "cli:bench", NOW), load().offers[OFFER]
    begun, worked = perf_counter(), process_time()
    async with database.read() as session:
        cut = await policies.checked(session, act, offer, applies_on=TODAY, at_once=True)
    looked, changed = await _previewed(database, organization_id, cut)
    print(f"preview: {looked:,} people, {changed:,} verdicts change, {perf_counter() - begun:.1f} s", flush=True)
    command = [sys.executable, __file__, "--url", address, "--other", str(organization_id)]
    waiting = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
    await asyncio.sleep(2)
    begun, worked = perf_counter(), process_time()
    async with database.write.begin() as session:
        await policies.adopt(session, act=act, offer=OFFER, applies_on=TODAY, at_once=True)
    saved = perf_counter() - begun
    done = await refresh(database, organization_id)  # what the job does
    wall, cpu = perf_counter() - begun, process_time() - worked
    said, _ = await asyncio.to_thread(waiting.communicate)
    _tell([float(each) for each in said.split()])
    print(f"the policy itself {saved * 1000:.0f} ms")
    print(f"{done:,} copies: {wall:.1f} s by the clock, {cpu:.1f} s of processor time")
    await database.close()


async def _only(session: AsyncSession) -> UUID:
    found = await session.scalar(select(ClinicRow.organization_id).limit(1))
    assert found is not None
    return found


def _tell(waits: Sequence[float]) -> None:
    ordered = sorted(waits)
    p95 = ordered[int(len(ordered) * 0.95)]
    median = ordered[len(ordered) // 2]
    print(f"the other wrote {len(ordered)} times: median {median:.0f} ms, 95 of 100 under {p95:.0f} ms")
    print(f"the longest wait was {ordered[-1]:.0f} ms; to reach: under 1,000 ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--other", type=UUID)
    given = parser.parse_args()
    if given.other:
        asyncio.run(other(given.url, given.other))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(given.url or f"sqlite:///{folder}/policy.db", given.people))


if __name__ == "__main__":
    main()
