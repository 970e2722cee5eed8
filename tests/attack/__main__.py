"""`make attack`: everything against the real service, and the numbers. Ends with status 1 if anything got through.

python -m tests.attack [--only walk|uploads|injection|scanners] [--seed 1] [--seconds 1200] [--tools FOLDER]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from tests.attack import injecting, reading_back, scanners, uploading, walking
from tests.attack.hostile_files import all_of_them
from tests.attack.tally import Tally, say
from tests.attack.target import Target, target

PARTS: Final = ("walk", "uploads", "injection", "scanners")


def main() -> int:
    """All parts, or the one that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tools", type=Path, default=Path(".venv"))
    parser.add_argument("--seconds", type=float, default=1200)
    given = parser.parse_args()
    found = asyncio.run(_attack(given.only or list(PARTS), given.seed, given.tools.absolute(), given.seconds))
    tried, refused = sum(each.tried for each in found), sum(each.refused for each in found)
    wrong, failed = sum(len(each.wrong) for each in found), sum(len(each.failed) for each in found)
    say(f"All: {tried} inputs tried, {refused} refused, {wrong} wrongly accepted, {failed} defects (500).")
    return int(not all(each.good for each in found))


async def _attack(parts: list[str], seed: int, tools: Path, seconds: float) -> list[Tally]:
    found: list[Tally] = []
    with tempfile.TemporaryDirectory(prefix="attack-") as folder:
        for part in parts:  # each has a town of its own: what one part writes is not in another's way
            async with target(Path(folder) / part) as site:
                began = time.monotonic()
                async for tally in _part(part, site, seed, tools, seconds):
                    tally.say()
                    found.append(tally)
                own = reading_back.failed_in_log(site.log)
                logged = Tally(f"{part}: defects in the service's log", tried=1, failed=own, harmless=not own)
                logged.say()
                found.append(logged)
                say(f"{part} took {time.monotonic() - began:.0f} s")
    return found


async def _part(part: str, site: Target, seed: int, tools: Path, seconds: float) -> AsyncIterator[Tally]:
    match part:
        case "walk":
            for each in await walking.walk(site):
                yield each
        case "uploads":
            yield await uploading.upload(site, all_of_them(seed))
        case "injection":
            yield await injecting.headers_and_addresses(site)
            yield await injecting.inject(site, seconds)
            yield await reading_back.read_back(site)
        case _:
            for each in await scanners.scan(site, tools):
                yield each


if __name__ == "__main__":
    sys.exit(main())
