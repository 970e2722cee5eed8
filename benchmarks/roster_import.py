"""How fast a roster is imported, how much memory that takes, and how long others wait for the database.

    python benchmarks/roster_import.py [--rows 10000] [--kind csv|xlsx] [--again]

Makes a roster of that many rows (four credentials a person) and imports it into a fresh SQLite database with all
checks, trail, ladders and coverage, as `compliance import roster` does. Prints rows a second over everything (reading,
judging, applying), processor time, the peak of resident memory and how much of it came with the import, and how long
another process of this program waited that asked for the database ten times a second in order to write.
`--again` imports the same file a second time, which must change nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from compliance.clock import now
from compliance.crypto.certificates import SigningSettings
from compliance.crypto.ids import new_id
from compliance.db import schema
from compliance.db.engine import open_database, parse_url
from compliance.db.records import INSTALLATION
from compliance.services import intake, organizations
from compliance.services.task_runner import Tools, run_one, runner_of
from compliance.services.trail import Act
from compliance.store import open_store

HEADER = (
    "First Name", "Surname", "E-mail", "Mobile", "DOB", "Location", "Services", "Start Date", "Type of Credential",
    "State", "Issued By", "Lic #", "Issue Date", "Expiration Date", "Board Status", "Last Verified", "Verified By",
    "Verified Where", "Remarks",
)  # fmt: skip
PLACES = (
    ("FL", "Florida Board of Massage Therapy", "MA", "08/31/2027"),
    ("TX", "TDLR", "MT", "08/01/2027"),
    ("NV", "NSBMT", "NVMT", "09/01/2027"),
)
FIRST = (
    "Maria", "Dwayne", "Priya", "Chloé", "Tomasz", "Keisha", "Hannah", "Luis", "Mei-Ling", "Aoife", "Bjørn", "Noor",
)  # fmt: skip
LAST = (
    "Alvarez", "Brooks", "Chandrasekhar", "Dupont", "Kowalski", "Freeman", "Grünwald", "Hernández", "Huang", "Sørensen",
)  # fmt: skip


def people(count: int) -> Iterator[list[str]]:
    """Rows of that many people: license, exam, certification, membership."""
    for number in range(count):
        state, board, prefix, expires = PLACES[number % 3]
        who = [
            FIRST[number % 12], f"{LAST[number % 10]} {number:05}", f"person{number}@example.org", "(555) 0100-1000",
            f"{1 + number % 12:02}/{1 + number % 28:02}/{1970 + number % 30}", f"Clinic {state} {number % 40}",
            "Massage; Trigger Point", "01/05/2023",
        ]  # fmt: skip
        look = ["Active", "10/01/2026", "J. Ortiz", "board website", ""]
        yield [*who, "LMT License", state, board, f"{prefix}{80000 + number}", "08/01/2019", expires, *look]
        yield [*who, "MBLEx", "", "FSMTB", str(5500000 + number), "05/01/2018", "", *look]
        yield [*who, "BCTMB", "", "NCBTMB", str(300000 + number), "03/15/2025", "03/15/2027", *look]
        yield [*who, "AMTA Member", "", "American Massage Therapy Association", str(700000 + number), "01/01/2026",
               "01/28/2027", *look]  # fmt: skip


def write(path: Path, rows: int) -> None:
    """The roster in the shape that the path's ending says."""
    made = people(rows // 4)
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream, delimiter=";").writerows(chain([HEADER], made))
        return
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(chain([HEADER], made)):
        sheet.write_row(number, 0, row)
    book.close()


WAITER = """
import asyncio, sys, threading, time
from compliance.db.engine import open_database
waits, over = [], threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
async def wait():
    database = open_database("sqlite:///" + sys.argv[1]).system
    while not over.wait(0.1):
        began = time.perf_counter()
        async with database.write.begin() as session:
            await session.connection()
            waits.append(time.perf_counter() - began)
    await database.close()
asyncio.run(wait())
waits.sort()
print(*(f"{1000 * each:.0f}" for each in (waits[len(waits) // 2], waits[len(waits) * 95 // 100], waits[-1])))
"""


@contextmanager
def somebody_else_writes(database: Path) -> Iterator[None]:
    """A process that wants to write again and again; at the end it tells how long it waited."""
    command = [sys.executable, "-c", WAITER, str(database)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        told, _ = other.communicate("")
    median, late, longest = told.split()
    print(f"  another writer waited {median} ms (median), {late} ms (95 of 100), {longest} ms (longest)")


async def run(path: Path, again: bool, folder: Path) -> None:
    url = f"sqlite:///{folder}/benchmark.db"
    schema.upgrade(parse_url(url))
    database = open_database(url).system
    tools = Tools(database, open_store("file:evidence", folder), now, SigningSettings(bytes(32), ""))
    runner_of("import-roster")  # a worker has it loaded long since
    async with database.write.begin() as session:
        mine = await organizations.add(session, act=Act(INSTALLATION, "cli:benchmark", now()), name="Benchmark")
    for _ in range(2 if again else 1):
        with somebody_else_writes(folder / "benchmark.db"):
            await once(tools, mine, path)
    await database.close()


async def once(tools: Tools, organization_id: Any, path: Path) -> None:
    act, began, steps = Act(organization_id, "cli:benchmark", now()), time.perf_counter(), dict[str, str]()
    worked, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def note(step: str, _done: int, _total: int | None) -> None:
        steps[step] = f"{time.perf_counter() - began:.1f} s ({time.process_time() - worked:.1f} s of processor)"

    wanted = intake.Options(create_clinics=True, apply=True)
    async with tools.database.write.begin() as session:
        task_id = await intake.start_import(session, act=act, name=path.name, path=str(path), options=wanted)
    task = await run_one(tools, worker_id=new_id(now()), task_id=task_id, on_progress=note)
    took = time.perf_counter() - began
    assert task is not None
    assert task.state == "done", task
    counts: Any = task.result["counts"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows = sum(counts[each] for each in ("created", "changed", "unchanged", "refused"))
    each = (time.process_time() - worked) / rows * 1000
    print(f"{path.suffix[1:]}: {rows:,} rows in {took:.1f} s = {rows / took:,.0f} rows/s", end="; ")
    print(f"{each:.2f} ms of processor a row")
    print(f"  created {counts['created']:,}, changed {counts['changed']:,}, unchanged {counts['unchanged']:,}")
    print("  ends of steps: " + ", ".join(f"{step} {end}" for step, end in steps.items()))
    print(f"  peak memory {peak:.0f} MB, {peak - before:.0f} MB above the start (reading child {child:.0f} MB)")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=10_000)
    arguments.add_argument("--kind", choices=("csv", "xlsx"), default="csv")
    arguments.add_argument("--again", action="store_true")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="compliance-benchmark-") as folder:
        path = Path(folder) / f"roster.{asked.kind}"
        write(path, asked.rows)
        asyncio.run(run(path, asked.again, Path(folder)))


if __name__ == "__main__":
    main()
