"""At most two renders at once on a machine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from compliance.reports.turns import AT_ONCE, turn

HOLDS = """
import asyncio, sys
from pathlib import Path
from compliance.reports.turns import turn
async def main():
    async with turn(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.read()
asyncio.run(main())
"""


async def test_a_third_waits_until_one_of_two_is_over(tmp_path: Path) -> None:
    now, most = 0, 0

    async def render() -> None:
        nonlocal now, most
        async with turn(tmp_path):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.02)
            now -= 1

    await asyncio.gather(*(render() for _ in range(6)))
    assert most == AT_ONCE


def holding(folder: Path) -> subprocess.Popen[bytes]:
    """A process that holds a turn until it is told to end."""
    words = [sys.executable, "-c", HOLDS, str(folder)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


async def test_another_process_counts_and_one_that_dies_gives_its_turn_back(tmp_path: Path) -> None:
    others = [holding(tmp_path) for _ in range(AT_ONCE)]
    try:
        for each in others:
            assert each.stdout is not None
            assert await asyncio.to_thread(each.stdout.readline) == b"held\n"
        waiting = asyncio.create_task(_once(tmp_path))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        others[0].kill()
        await asyncio.wait_for(waiting, 20)
    finally:
        for each in others:
            each.kill()
            each.communicate()


async def _once(folder: Path) -> None:
    async with turn(folder):
        pass
