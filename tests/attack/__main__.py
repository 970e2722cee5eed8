"""`make attack`: everything against the real service, and the numbers. Ends with status 1 if anything got through.

python -m tests.attack [--only walk|uploads|injection|scanners] [--database sqlite|postgresql] [--seed 1]
                       [--tools FOLDER] [--write]

Every part has its limit of time (LIMITS); one that reaches it says so, is not good, and the status is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from compliance import clock
from tests.attack import injecting, reading_back, scanners, uploading, walking
from tests.attack.hostile_files import all_of_them
from tests.attack.tally import Tally, say
from tests.attack.target import Target, target
from tests.attack.writing import DATABASES, write
from tests.postgresql import server

LIMITS: Final = {"walk": 480, "uploads": 480, "injection": 720, "scanners": 600}
"""Seconds for each part, at most: about three times what it takes on two cores that do nothing else."""


def main() -> int:
    """All parts, or those that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=LIMITS, action="append", help="this part; may be given several times")
    parser.add_argument("--database", choices=DATABASES, default="sqlite", help="what the service keeps its rows in")
    parser.add_argument("--seed", type=int, default=1, help="where some of the files are damaged")
    parser.add_argument("--tools", type=Path, default=Path(".venv"), help="where schemathesis, wapiti and sqlmap are")
    parser.add_argument("--write", action="store_true", help="write the numbers of a whole run into docs/security.md")
    given = parser.parse_args()
    if given.write and given.only:
        parser.error("--write is for a whole run: leave --only out")
    began = time.monotonic()
    with server() if given.database == "postgresql" else nullcontext("") as address:
        found = asyncio.run(_attack(given.only or list(LIMITS), given.seed, given.tools.absolute(), address))
    _sum_up(found)
    if given.write:
        write(found, clock.now().date(), time.monotonic() - began, DATABASES[given.database])
    return int(not all(each.good for each in found))


def _sum_up(found: list[Tally]) -> None:
    tried, refused = sum(each.tried for each in found), sum(each.refused for each in found)
    wrong, failed = sum(len(each.wrong) for each in found), sum(len(each.failed) for each in found)
    say(f"All: {tried} inputs tried, {refused} refused, {wrong} wrongly accepted, {failed} defects (500).")
    late = [each.name for each in found if not each.finished]
    say(f"NOT FINISHED: {', '.join(late)}." if late else "Every part ran to its end.")


async def _attack(parts: list[str], seed: int, tools: Path, address: str) -> list[Tally]:
    found: list[Tally] = []
    with tempfile.TemporaryDirectory(prefix="attack-") as folder:
        for part in parts:  # each has a town of its own: what one part writes is not in another's way
            async with target(Path(folder) / part, address) as site:
                began = time.monotonic()
                async for tally in _within(part, site, seed, tools):
                    tally.say()
                    found.append(tally)
                found[-1].notes.append(f"{part} took {time.monotonic() - began:.0f} s")
                say(f"    note: {found[-1].notes[-1]}")
    return found


async def _within(part: str, site: Target, seed: int, tools: Path) -> AsyncIterator[Tally]:
    """The tallies of one part, one for a limit that was reached, and one for what the service itself wrote down."""
    running = _part(part, site, seed, tools)
    try:
        async with asyncio.timeout(LIMITS[part]):
            async for tally in running:
                yield tally
    except TimeoutError:
        yield Tally(f"{part}: the rest of it", unfinished=f"stopped after {LIMITS[part]} seconds")
    own = reading_back.failed_in_log(site.log)
    yield Tally(f"{part}: defects in the service's log", tried=1, failed=own, harmless=not own)


async def _part(part: str, site: Target, seed: int, tools: Path) -> AsyncIterator[Tally]:
    match part:
        case "walk":
            async for each in walking.walk(site):
                yield each
        case "uploads":
            yield await uploading.upload(site, all_of_them(seed))
        case "injection":
            yield await injecting.headers_and_addresses(site)
            yield await injecting.inject(site, LIMITS[part] / 2)
            yield await reading_back.read_back(site)
        case _:
            async for each in scanners.scan(site, tools):
                yield each


if __name__ == "__main__":
    sys.exit(main())
