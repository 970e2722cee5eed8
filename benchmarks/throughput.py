"""Claim: the roster page of 50 rows, with session, guards, layout and everything on it, reaches at least 0.35 of the
requests per second of the bare floor: the same Litestar, the same statements, the same rows in a bare Jinja table.

    python benchmarks/throughput.py [--folder FOLDER] [--seconds 3] [--turns 5]

Both in one process over ASGI, one request after the other, on an organization of 400 people; in turns of some seconds
each, medians of the turns.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from _plans import spoken
from _site import Site, open_site, quiet
from jinja2 import Environment
from litestar import Litestar, get
from litestar.response import Response
from population import KEPT, NOW, filled

PATH = "/therapists"
BARE = Environment(autoescape=True).from_string(
    "<!doctype html><title>Roster</title><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>"
    "{% endfor %}</tr>{% endfor %}</table>"
)


@dataclass(frozen=True)
class Said:
    """A statement of the page, as it went to the driver."""

    text: str
    values: Any


async def statements(site: Site) -> list[Said]:
    """What the page asks of the database when everything is warm, without the session's own statement."""
    for _ in range(3):
        await site.get(PATH)
    with spoken(site) as said:
        await site.get(PATH)
    return [Said(text, values) for text, values, _seconds in said if "FROM sessions" not in text]


def bare(site: Site, asked: list[Said]) -> Litestar:
    """Litestar with one handler: the same statements on one connection, the fifty rows of the list in a bare table."""
    engine = site.database.reader

    @get(PATH)
    async def roster() -> Response[str]:
        found = []
        async with engine.connect() as connection:
            for each in asked:
                found.append((await connection.exec_driver_sql(each.text, each.values)).all())
        rows = max((rows for rows in found if len(rows) >= 50), key=lambda rows: len(rows[0]))
        return Response(BARE.render(rows=rows[:50]), media_type="text/html")

    return Litestar([roster], openapi_config=None, logging_config=None)


async def turn(site: Site, seconds: float) -> tuple[float, float]:
    """Requests a second, by the clock and by the processor time that this process used."""
    began, worked, count = perf_counter(), process_time(), 0
    while perf_counter() - began < seconds:
        await site.get(PATH)
        count += 1
    return count / (perf_counter() - began), count / (process_time() - worked)


async def run(folder: Path, seconds: float, turns: int) -> None:
    """Measures both in turns and prints them with their ratio."""
    folder.mkdir(parents=True, exist_ok=True)
    site = await open_site(await filled(f"sqlite:///{folder / 'small.db'}", [400]), now=NOW)
    quiet()
    asked = await statements(site)
    floor = replace(site, app=bare(site, asked))
    found: dict[str, list[tuple[float, float]]] = {"page": [], "floor": []}
    await turn(floor, 0.5)
    for _ in range(turns):
        found["floor"].append(await turn(floor, seconds))
        found["page"].append(await turn(site, seconds))
    page, bottom = ([statistics.median(each) for each in zip(*found[name], strict=True)] for name in ("page", "floor"))
    print(f"roster of 50 rows, {len(asked) + 1} statements: {page[0]:.0f} requests/s")
    print(f"bare floor, {len(asked)} of the same statements: {bottom[0]:.0f} requests/s")
    print(f"ratio: {page[0] / bottom[0]:.2f} (to reach: at least 0.35); by processor time {page[1] / bottom[1]:.2f}")
    await site.database.close()


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=KEPT)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    asyncio.run(run(given.folder, given.seconds, given.turns))


if __name__ == "__main__":
    main()
