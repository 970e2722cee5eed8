"""Claim: that PostgreSQL holds every transaction to one organization costs a page at most a fifth of its time.

    python benchmarks/rls_cost.py [--organizations 50] [--size 400] [--rounds 40]

The same pages of the same database, in turns: as the role that serves pages (FORCE ROW LEVEL SECURITY, `set_config` at
the beginning of each transaction) and as one with the same rights that passes every policy (BYPASSRLS). Both tell the
server their scope, so what telling costs is measured apart, by bare transactions with and without it, and is taken off
the second. The people are those of `population.py` (seeded), on the PostgreSQL of the tests, which ends with the run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import psycopg
from _site import KEY, Site, open_site, quiet
from population import NOW, filled
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import async_sessionmaker

from compliance.db import policies
from compliance.db.engine import Database, open_database
from compliance.settings import read_settings
from compliance.web.app import create_app

DEAREST = 1.2
HELD, FREE = "held", "passes"
ROLES = {HELD: policies.APP, FREE: "benchmark_passes"}
TELLING = "SELECT set_config('compliance."


@dataclass
class Side:
    """One of the two: the site as its role has it, and what its pages took."""

    site: Site
    took: dict[str, list[float]] = field(default_factory=dict)
    worked: float = 0.0
    tells: int = 0


def _as(address: str, role: str) -> str:
    url = make_url(address).set(drivername="postgresql", username=role, password=None)
    return url.render_as_string(hide_password=False)


def make_roles(address: str) -> None:
    """The role of the web service, and one with the same rights and no policy."""
    with psycopg.connect(address, autocommit=True) as connection:
        for name, rights in ((ROLES[HELD], "NOBYPASSRLS"), (ROLES[FREE], "BYPASSRLS")):
            connection.execute(f"CREATE ROLE {name} LOGIN NOSUPERUSER {rights}")
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        policies.settle(connection)
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {ROLES[FREE]}")
        connection.exec_driver_sql(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLES[FREE]}"
        )
    engine.dispose()


async def sides(address: str) -> dict[str, Side]:
    """The application twice, signed in with the same session."""
    first = await open_site(address, now=NOW)
    await first.database.close()
    made = {}
    for name, role in ROLES.items():
        settings = read_settings({"COMPLIANCE_DATABASE_URL": _as(address, role), "COMPLIANCE_SECRET_KEY": KEY})
        database = open_database(settings.database_url).system
        app = create_app(settings, database, clock=lambda: NOW)
        made[name] = Side(Site(app, database, first.organization_id, first.cookie))
        for engine in (database.reader, database.writer):
            event.listen(engine.sync_engine, "before_cursor_execute", _counting(made[name]))
    return made


def _counting(side: Side) -> Any:
    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        side.tells += statement.startswith(TELLING)

    return count


async def addresses(site: Site) -> dict[str, list[str]]:
    """The pages, each with addresses that take turns."""
    people = await Site(site.app, site.database.of(site.organization_id), site.organization_id, site.cookie).people(12)
    return {
        "dashboard": ["/"],
        "list": ["/therapists", "/therapists?verdict=no", "/therapists?q=park"],
        "matrix": ["/matrix"],
        "therapist": [f"/therapists/{each}" for each in people],
        "search": ["/search?q=kowalski", "/search?q=MA17"],
        "work list": ["/decisions"],
    }


def backends(address: str, role: str) -> float:
    """Seconds of processor that the server's processes for this role have used; in steps of 10 ms."""
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT pid FROM pg_stat_activity WHERE usename = %s", [role]).fetchall()
    ticks = 0
    for (pid,) in found:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def measure(address: str, both: dict[str, Side], rounds: int) -> dict[str, float]:
    """Asks for each page in turns; what the server's processes have computed meanwhile, by side."""
    asked = await addresses(both[HELD].site)
    before: dict[str, float] = {}
    for number in range(-3, rounds):  # the first ones fill caches
        if number == 0:
            before = {name: backends(address, ROLES[name]) for name in both}
            for side in both.values():
                side.tells, side.worked = 0, 0.0
        for page, paths in asked.items():
            for side in both.values() if number % 2 else reversed(both.values()):
                began = process_time()
                took, _body = await side.site.get(paths[number % len(paths)])
                side.worked += process_time() - began
                if number >= 0:
                    side.took.setdefault(page, []).append(took)
    return {name: backends(address, ROLES[name]) - before[name] for name in both}


async def telling(database: Database, site: Site, times: int = 400) -> float:
    """Milliseconds that telling the scope adds to a transaction: medians of both, in turns."""
    bare = async_sessionmaker(database.reader)
    told = database.of(site.organization_id).read
    took: dict[str, list[float]] = {"bare": [], "told": []}
    for _ in range(times):
        for name, make in (("bare", bare), ("told", told)):
            began = perf_counter()
            async with make() as session:
                await session.execute(text("SELECT 1"))
            took[name].append((perf_counter() - began) * 1000)
    return max(statistics.median(took["told"]) - statistics.median(took["bare"]), 0.0)


def say(both: dict[str, Side], server: dict[str, float], tell: float, rounds: int) -> bool:
    """The table, and whether the claim holds."""
    held, free = both[HELD], both[FREE]
    tells = free.tells / (rounds * len(free.took))
    print(f"{'page':<12}{'passes':>12}{'held':>12}{'ratio':>8}{'with telling':>15}")
    ratios = []
    for page in free.took:
        one, other = (statistics.median(side.took[page]) * 1000 for side in (free, held))
        ratios.append(other / (one - tells * tell))
        print(f"{page:<12}{one:>9.1f} ms{other:>9.1f} ms{other / one:>8.2f}{ratios[-1]:>15.2f}")
    print(f"telling the scope: {tell:.2f} ms each, {tells:.1f} times a page")
    whole = {}
    for name, side in both.items():
        pages = rounds * len(side.took)
        mine, theirs = side.worked * 1000 / pages, server[name] * 1000 / pages
        whole[name] = mine + theirs
        print(f"processor a page, {name}: {mine:.1f} ms here, {theirs:.1f} ms in the server")
    print(f"by processor time, telling on both sides: {whole[HELD] / whole[FREE]:.2f} times")
    middle = statistics.geometric_mean(ratios)
    print(f"all pages: {middle:.2f} times, the dearest {max(ratios):.2f} (to reach: at most {DEAREST} in the mean)")
    return middle <= DEAREST


async def run(address: str, given: argparse.Namespace) -> bool:
    """Fills the database, makes the roles, measures, and says it."""
    await filled(address, [given.size] * given.organizations)
    make_roles(address)
    both = await sides(address)
    quiet()
    server = await measure(address, both, given.rounds)
    tell = await telling(both[HELD].site.database, both[HELD].site)
    kept = say(both, server, tell, given.rounds)
    for side in both.values():
        await side.site.database.close()
    return kept


def main() -> int:
    """From the command line. Status 1 where the claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--organizations", type=int, default=50)
    parser.add_argument("--size", type=int, default=400, help="people of each organization")
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    from tests.postgresql import server

    with server() as maintenance:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute('CREATE DATABASE "rls_cost"')
        named = make_url(maintenance).set(drivername="postgresql", database="rls_cost")
        return int(not asyncio.run(run(named.render_as_string(hide_password=False), given)))


if __name__ == "__main__":
    sys.exit(main())
